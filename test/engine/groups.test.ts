import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { createHandler, fromKinesis, initializeFrom, materialize, toKinesisRecords, type Event, type Outcome } from '../../src';
import { chaosClient, deliverUntilDone, type Troubles } from '../support/chaos';
import { STRATEGIES } from '../support/convergence';
import { describeEngines, freshTable } from '../support/engines';
import { facts as arbitraryFacts, GROUPS, requestOf, type Fact } from '../support/facts';
import { byItem, foldFacts, storedItem } from '../support/reference';
import { randomFrom, shuffled } from '../support/things';
import { silent } from '../support/uows';

const NOW = 1_790_000_000_000;
const TTL = NOW / 1000 + 400 * 86_400;

interface FactEvent extends Event {
  readonly index: number;
}

/** Each run has items of its own in one table. */
const pipelinesFor = (facts: readonly Fact[], run: number) => initializeFrom([{
  id: 'thing',
  flavor: materialize<FactEvent>,
  groups: GROUPS,
  toWrite: ({ event: { index } }: { event: FactEvent }) => {
    const { key, ...rest } = requestOf(facts[index] as Fact);
    return { ...rest, key: { ...key, pk: `${run}-${String(key['pk'])}` } };
  },
}]);

const eventOf = ({ id, timestamp, key }: Fact, index: number): FactEvent => ({ id, type: 'thing', timestamp, partitionKey: String(key), index });

describeEngines('an item with groups', (engine) => {
  it('ends as the reference says: any order, duplicates, batches, two functions at once, lost responses and crashes', async () => {
    const table = await freshTable(engine());
    const kinds = new Set<string>();
    let run = 0;
    await fc.assert(fc.asyncProperty(arbitraryFacts({ groups: GROUPS, ...(engine().name === 'embedded' && { prefixes: ['', 'a'] }) }), fc.integer({ min: 1, max: 2 ** 31 }), fc.boolean(), async (facts, seed, calm) => {
      run += 1;
      const random = randomFrom(seed);
      const troubles: Troubles = calm ? {} : { throttle: 0.05, serverError: 0.1, lostResponse: 0.1 };
      const pipelines = pipelinesFor(facts, run);
      const work = async (): Promise<void> => {
        const deliveries = shuffled(facts.flatMap((fact, i) => Array.from({ length: 1 + Math.floor(random() * 2) }, () => eventOf(fact, i))), random);
        let lives = 0;
        await deliverUntilDone(toKinesisRecords(deliveries).Records, (record) => record.kinesis.sequenceNumber, (Records) => {
          lives += 1;
          const chaos = chaosClient(engine().client, calm ? troubles : { ...troubles, crashAt: lives * 7 }, random);
          const handler = createHandler({
            source: fromKinesis, pipelines, tableName: table, client: chaos.client, logger: silent, now: () => NOW, retry: { maxAttempts: 3, baseMs: 0 },
            fold: seed % 2 === 0, // what is folded is seldom narrowed
            strategy: STRATEGIES[(seed + lives) % STRATEGIES.length] ?? 'auto',
            publishFault: () => Promise.reject(new Error('there should be none')), onSettled: ({ outcome }) => kinds.add(outcome.kind),
          });
          return Promise.race([handler({ Records: [...Records] }), chaos.death]);
        });
      };
      await Promise.all([work(), work()]);
      for (const some of byItem(facts)) {
        const pk = `${run}-item-${some[0]?.key}`;
        const expected = storedItem(foldFacts(some), { groups: GROUPS, ttl: TTL });
        const { Item: item } = await engine().client.send(new GetCommand({ TableName: table, Key: { pk, sk: 'thing' }, ConsistentRead: true }));
        expect(new Map(Object.entries(item ?? {}))).toEqual(new Map(Object.entries({ ...expected, pk })));
      }
    }), { numRuns: 80 });
    // Those that come by the hundred; `narrowed` is too seldom to be relied on here, and has the tests below.
    expect([...kinds]).toEqual(expect.arrayContaining(['applied', 'duplicate', 'stale', 'tombstoned']));
    expect(kinds).not.toContain('fault');
    expect(kinds).not.toContain('conflict');
  }, 300_000);

  it('takes what is newer of an event, tells what was dropped, and needs two requests for it', async () => {
    const table = await freshTable(engine());
    const outcomes: Outcome[] = [];
    let requests = 0;
    const client = new Proxy(engine().client, {
      get: (target, name) => (name !== 'send' ? Reflect.get(target, name) : (command: never, options: never) => {
        requests += 1;
        return target.send(command, options);
      }),
    });
    const handler = createHandler({
      source: fromKinesis, tableName: table, client, logger: silent, now: () => NOW, fold: false, onSettled: ({ outcome }) => outcomes.push(outcome),
      pipelines: initializeFrom([{
        id: 'customer', flavor: materialize<FactEvent & { set?: Record<string, unknown> }>, groups: { profile: ['name'], address: ['street', 'city'] },
        toWrite: ({ event: { set } }: { event: { set?: Record<string, unknown> } }) => ({ key: { pk: 'c', sk: 'customer' }, ...(set ? { set } : { tombstone: true }) }),
      }]),
    });
    const at = (id: string, timestamp: number, set?: Record<string, unknown>) => ({ id, type: 'x', timestamp: NOW + timestamp, partitionKey: 'c', ...(set && { set }) });
    const read = async () => (await engine().client.send(new GetCommand({ TableName: table, Key: { pk: 'c', sk: 'customer' } }))).Item;

    await handler(toKinesisRecords([
      at('e3', 30, { street: 's3', city: 'c3' }),
      at('e2', 20, { name: 'n2', street: 's2', city: 'c2', vip: true }),
    ]));
    expect(outcomes).toEqual([{ kind: 'applied' }, { kind: 'narrowed', dropped: { address: { kind: 'stale', behindMs: 10 } } }]);
    expect(requests).toBe(3);
    expect(await read()).toEqual({
      pk: 'c', sk: 'customer', name: 'n2', timestamp_profile: NOW + 20, oplockTie_profile: 'e2',
      street: 's3', city: 'c3', timestamp_address: NOW + 30, oplockTie_address: 'e3', vip: true, timestamp: NOW + 20, oplockTie: 'e2',
    });

    await handler(toKinesisRecords([at('e25', 25), at('e24', 24, { name: 'late' })]));
    expect(outcomes.slice(2)).toEqual([{ kind: 'narrowed', dropped: { address: { kind: 'stale', behindMs: 5 } } }, { kind: 'tombstoned', behindMs: 1 }]);
    const deletion = { timestamp_deleted: NOW + 25, oplockTie_deleted: 'e25', timestamp: NOW + 25, oplockTie: 'e25' };
    expect(await read()).toEqual({ pk: 'c', sk: 'customer', street: 's3', city: 'c3', timestamp_address: NOW + 30, oplockTie_address: 'e3', ...deletion });
  });

  it('takes attributes away that no rule knows, with the delete, and none that came in the meantime unseen', async () => {
    const table = await freshTable(engine());
    const outcomes: Outcome[] = [];
    const key = { pk: 'c', sk: 'customer' };
    const set = (values: Record<string, unknown>) => {
      const names = Object.keys(values);
      return engine().client.send(new UpdateCommand({
        TableName: table, Key: key, UpdateExpression: `SET ${names.map((_name, i) => `#${i} = :${i}`).join(',')}`,
        ExpressionAttributeNames: Object.fromEntries(names.map((name, i) => [`#${i}`, name])),
        ExpressionAttributeValues: Object.fromEntries(names.map((name, i) => [`:${i}`, values[name]])),
      }));
    };
    await set({ name: 'n', timestamp_profile: NOW + 9, oplockTie_profile: 'p', size: 1, timestamp: NOW + 1, oplockTie: 'r1' });
    let requests = 0;
    const client = new Proxy(engine().client, {
      get: (target, name) => (name !== 'send' ? Reflect.get(target, name) : async (command: never, options: never) => {
        requests += 1;
        // Between the refusal of the delete and its narrowed form, another function writes the rest of the item.
        if (requests === 2) await set({ colour: 'red', timestamp: NOW + 2, oplockTie: 'r2' });
        return target.send(command, options) as unknown;
      }),
    });
    const handler = createHandler({
      source: fromKinesis, tableName: table, client, logger: silent, now: () => NOW, onSettled: ({ outcome }) => outcomes.push(outcome),
      pipelines: initializeFrom([{ id: 'customer', flavor: materialize, groups: { profile: ['name'] }, toWrite: () => ({ key, tombstone: true }) }]),
    });
    await handler(toKinesisRecords([{ id: 'd', type: 'x', timestamp: NOW + 5, partitionKey: 'c' }]));
    expect(outcomes).toEqual([{ kind: 'narrowed', dropped: { profile: { kind: 'stale', behindMs: 4 } } }]);
    expect(requests).toBe(3);
    expect((await engine().client.send(new GetCommand({ TableName: table, Key: key }))).Item).toEqual({
      ...key, name: 'n', timestamp_profile: NOW + 9, oplockTie_profile: 'p',
      timestamp: NOW + 5, oplockTie: 'd', timestamp_deleted: NOW + 5, oplockTie_deleted: 'd',
    });
  });
});
