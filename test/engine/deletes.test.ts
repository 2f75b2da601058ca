import { GetCommand, PutCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { createHandler, fromKinesis, initializeFrom, materialize, toKinesisRecords, type Event, type OplockOptions, type Outcome, type WriteRequest } from '../../src';
import type { Engine } from '../../src/replay/engines/engine';
import { memoryEngine } from '../../src/replay/engines/memory';
import { chaosClient, deliverUntilDone } from '../support/chaos';
import { STRATEGIES } from '../support/convergence';
import { describeEmbedded, describeLocal, freshTable } from '../support/engines';
import { facts as arbitraryFacts, requestOf, type Fact } from '../support/facts';
import { byItem, foldFacts, storedItem } from '../support/reference';
import { randomFrom, shuffled } from '../support/things';
import { silent } from '../support/uows';

const NOW = 1_790_000_000_000;
const TTL = NOW / 1000 + 400 * 86_400;
const KEY = { pk: 'p', sk: 's' };
const SIDECAR = { pk: 'p', sk: '#oplock#s' };

interface WriteEvent extends Event {
  readonly write: WriteRequest;
}

const pipelines = initializeFrom([{ id: 'thing', flavor: materialize<WriteEvent>, toWrite: ({ event: { write } }: { event: WriteEvent }) => write }]);

/** A function, the requests that it has made, and what each event ended in. `before` may look at the n-th request (from 1) first. */
const functionOn = (engine: Engine, tableName: string, oplock: OplockOptions, before: (request: number, client: DynamoDBDocumentClient) => Promise<unknown> = async () => {}) => {
  const requests: string[] = [];
  const outcomes: Outcome[] = [];
  const client = new Proxy(engine.client, {
    get: (target, name) => (name !== 'send' ? Reflect.get(target, name) : async (command: object, options: never) => {
      requests.push(command.constructor.name.replace('Command', ''));
      await before(requests.length, target);
      return target.send(command as never, options) as unknown;
    }),
  });
  const handler = createHandler({
    source: fromKinesis, pipelines, tableName, client, oplock, logger: silent, now: () => NOW, retry: { maxAttempts: 2, baseMs: 0 }, onSettled: ({ outcome }) => outcomes.push(outcome),
  });
  /** Delivers one event alone: what it ended in, and by which requests. */
  const deliver = async (id: string, after: number, what: Omit<WriteRequest, 'key'>, key: WriteRequest['key'] = KEY) => {
    requests.length = 0;
    const response = await handler(toKinesisRecords([{ id, type: 'x', timestamp: NOW + after, partitionKey: 'k', write: { key, ...what } }]));
    return { outcome: outcomes.at(-1), requests: [...requests], retried: response.batchItemFailures.length };
  };
  return { deliver };
};

const sidecarTests = (engine: () => Engine): void => {
  const rows = async (table: string) => (await engine().client.send(new GetCommand({ TableName: table, Key: KEY }))).Item;
  const sidecar = async (table: string, Key: Record<string, unknown> = SIDECAR) => (await engine().client.send(new GetCommand({ TableName: table, Key }))).Item;

  it('the item and its sidecar take turns, and the engine says why it refuses: nothing is read', async () => {
    const table = await freshTable(engine());
    const { deliver } = functionOn(engine(), table, { onDelete: 'sidecar' });
    const set = (name: string) => ({ set: { name } });
    const applied = { kind: 'applied' };

    expect(await deliver('e1', 10, set('one'))).toMatchObject({ outcome: applied, requests: ['Update', 'TransactWrite'] });
    expect(await deliver('e2', 20, set('two'))).toMatchObject({ outcome: applied, requests: ['Update'] });
    expect(await deliver('d0', 15, { tombstone: true })).toMatchObject({ outcome: { kind: 'stale', behindMs: 5 }, requests: ['TransactWrite'] });
    expect([await rows(table), await sidecar(table)]).toEqual([{ ...KEY, name: 'two', timestamp: NOW + 20, oplockTie: 'e2' }, undefined]);

    expect(await deliver('d3', 30, { tombstone: true })).toMatchObject({ outcome: applied, requests: ['TransactWrite'] });
    expect([await rows(table), await sidecar(table)]).toEqual([undefined, { ...SIDECAR, timestamp: NOW + 30, oplockTie: 'd3', deleted: true, ttl: TTL }]);
    expect(await deliver('d3', 30, { tombstone: true })).toMatchObject({ outcome: { kind: 'duplicate' }, requests: ['TransactWrite'] });
    expect(await deliver('d2', 25, { tombstone: true })).toMatchObject({ outcome: { kind: 'tombstoned', behindMs: 5 }, requests: ['TransactWrite'] });
    expect(await deliver('e2', 20, set('two'))).toMatchObject({ outcome: { kind: 'tombstoned', behindMs: 10 }, requests: ['Update', 'TransactWrite'] });

    expect(await deliver('e4', 40, set('four'))).toMatchObject({ outcome: applied, requests: ['Update', 'TransactWrite'] });
    expect([await rows(table), await sidecar(table)]).toEqual([{ ...KEY, name: 'four', timestamp: NOW + 40, oplockTie: 'e4' }, undefined]);
    expect(await deliver('d3', 30, { tombstone: true })).toMatchObject({ outcome: { kind: 'stale', behindMs: 10 }, requests: ['TransactWrite'] });
  });

  it('a tombstone of before, and a row without an oplock beside a sidecar, are taken for what they are', async () => {
    const table = await freshTable(engine());
    const before = functionOn(engine(), table, {});
    const { deliver } = functionOn(engine(), table, { onDelete: 'sidecar' });
    await before.deliver('d1', 10, { tombstone: true });
    expect((await deliver('e0', 5, { set: { name: 'old' } })).outcome).toEqual({ kind: 'tombstoned', behindMs: 5 });
    expect((await deliver('d2', 20, { tombstone: true })).outcome).toEqual({ kind: 'applied' });
    expect(await rows(table)).toBeUndefined();

    await engine().client.send(new PutCommand({ TableName: table, Item: { ...KEY, by: 'hand' } }));
    expect(await deliver('e1', 15, { set: { name: 'late' } })).toMatchObject({ outcome: { kind: 'tombstoned', behindMs: 5 }, requests: ['Update', 'TransactWrite'] });
    expect((await deliver('e3', 30, { set: { name: 'new' } })).outcome).toEqual({ kind: 'applied' });
    expect([await rows(table), await sidecar(table)]).toEqual([{ ...KEY, by: 'hand', name: 'new', timestamp: NOW + 30, oplockTie: 'e3' }, undefined]);
  });

  it.each([
    ['older: it is taken', NOW + 1, { kind: 'applied' }, { name: 'other', size: 2, timestamp: NOW + 20, oplockTie: 'e2' }],
    ['newer: it stays', NOW + 25, { kind: 'stale', behindMs: 5 }, { name: 'other', timestamp: NOW + 25, oplockTie: 'x' }],
  ])('an item that comes between the two requests of an update is %s', async (_name, timestamp, outcome, item) => {
    const table = await freshTable(engine());
    const { deliver } = functionOn(engine(), table, { onDelete: 'sidecar' }, async (request, client) => {
      if (request === 2) await client.send(new PutCommand({ TableName: table, Item: { ...KEY, name: 'other', timestamp, oplockTie: 'x' } }));
    });
    expect(await deliver('e2', 20, { set: { size: 2 } })).toMatchObject({ outcome, requests: ['Update', 'TransactWrite'] });
    expect(await rows(table)).toEqual({ ...KEY, ...item });
  });

  it('sidecars may be in a table of their own, under a key of their own', async () => {
    const table = await freshTable(engine(), { partitionKey: { name: 'n', type: 'N' }, sortKey: null });
    const sidecars = await freshTable(engine(), { partitionKey: 'id', sortKey: null });
    const { deliver } = functionOn(engine(), table, { onDelete: { sidecar: { tableName: sidecars, key: ({ n }) => ({ id: `n${String(n)}` }) } } });
    await deliver('e1', 10, { set: { name: 'one' } }, { n: 7 });
    await deliver('d2', 20, { tombstone: { keepForDays: 1 } }, { n: 7 });
    expect((await deliver('e1', 10, { set: { name: 'one' } }, { n: 7 })).outcome).toEqual({ kind: 'tombstoned', behindMs: 10 });
    expect(await sidecar(sidecars, { id: 'n7' })).toEqual({ id: 'n7', timestamp: NOW + 20, oplockTie: 'd2', deleted: true, ttl: NOW / 1000 + 86_400 });
    expect(await engine().scan(table)).toEqual([]);
  });

  it('ends as the reference says: any order, duplicates, batches, two functions at once, lost responses and crashes', async () => {
    const table = await freshTable(engine());
    const kinds = new Set<string>();
    let run = 0;
    await fc.assert(fc.asyncProperty(arbitraryFacts(), fc.integer({ min: 1, max: 2 ** 31 }), async (facts, seed) => {
      run += 1;
      const random = randomFrom(seed);
      const pkOf = (fact: Fact | undefined) => `${run}-item-${fact?.key}`;
      const eventOf = (fact: Fact): WriteEvent => ({
        id: fact.id, type: 'thing', timestamp: fact.timestamp, partitionKey: String(fact.key), write: { ...requestOf(fact), key: { pk: pkOf(fact), sk: 'thing' } },
      });
      const work = async (): Promise<void> => {
        const deliveries = shuffled(facts.flatMap((fact) => Array.from({ length: 1 + Math.floor(random() * 2) }, () => fact)), random).map((fact) => eventOf(fact));
        let lives = 0;
        // Records hold text, and a Set is none: the writes are found by the event's id.
        const known = initializeFrom([{ id: 'thing', flavor: materialize<Event>, toWrite: ({ event: { id } }: { event: Event }) => eventOf(facts.find((fact) => fact.id === id) as Fact).write }]);
        await deliverUntilDone(toKinesisRecords(deliveries).Records, (record) => record.kinesis.sequenceNumber, (Records) => {
          lives += 1;
          const chaos = chaosClient(engine().client, { throttle: 0.05, serverError: 0.1, lostResponse: 0.1, crashAt: lives * 7 }, random);
          const handler = createHandler({
            source: fromKinesis, pipelines: known, tableName: table, client: chaos.client, logger: silent, now: () => NOW, retry: { maxAttempts: 3, baseMs: 0 },
            oplock: { onDelete: 'sidecar' }, fold: random() < 0.5, strategy: STRATEGIES[(seed + lives) % STRATEGIES.length] ?? 'auto',
            publishFault: () => Promise.reject(new Error('there should be none')), onSettled: ({ outcome }) => kinds.add(outcome.kind),
          });
          return Promise.race([handler({ Records: [...Records] }), chaos.death]);
        });
      };
      await Promise.all([work(), work()]);
      for (const some of byItem(facts)) {
        const pk = pkOf(some[0]);
        const expected = { ...storedItem(foldFacts(some), { ttl: TTL }), pk };
        const [item, beside] = [await sidecar(table, { pk, sk: 'thing' }), await sidecar(table, { pk, sk: '#oplock#thing' })];
        const isDeleted = 'deleted' in expected;
        expect([item, beside].map((one) => one && new Map(Object.entries(one)))).toEqual(isDeleted
          ? [undefined, new Map(Object.entries({ ...expected, sk: '#oplock#thing' }))]
          : [new Map(Object.entries(expected)), undefined]);
      }
    }), { numRuns: 60 });
    expect([...kinds]).toEqual(expect.arrayContaining(['applied', 'duplicate', 'stale', 'tombstoned']));
    expect(kinds).not.toContain('fault');
    expect(kinds).not.toContain('conflict');
  }, 300_000);
};

describeLocal('with sidecars', sidecarTests);

describe('with sidecars [in memory]', () => {
  const engine = memoryEngine();
  afterAll(() => engine.stop());
  sidecarTests(() => engine);
});

const physicalTests = (engine: () => Engine): void => {
  it('removes the item if it is older, and an older update that comes later brings it back', async () => {
    const table = await freshTable(engine());
    const { deliver } = functionOn(engine(), table, { onDelete: 'physical' });
    await deliver('e2', 20, { set: { name: 'two' } });
    expect((await deliver('d1', 10, { tombstone: true })).outcome).toMatchObject({ kind: 'stale', behindMs: 10 });
    expect(await deliver('d3', 30, { tombstone: true })).toMatchObject({ outcome: { kind: 'applied' }, requests: ['Delete'] });
    expect(await engine().scan(table)).toEqual([]);
    expect((await deliver('e1', 5, { set: { name: 'one' } })).outcome).toEqual({ kind: 'applied' });
  });
};

describeLocal('with physical deletes', physicalTests);
describeEmbedded('with physical deletes', physicalTests);

describeEmbedded('with sidecars, where there are no transactions', (engine) => {
  it('an event is reported, and the error says what is missing', async () => {
    const table = await freshTable(engine());
    const { deliver } = functionOn(engine(), table, { onDelete: 'sidecar' });
    expect(await deliver('e1', 10, { set: { name: 'one' } })).toMatchObject({
      outcome: { kind: 'retry', reason: 'configuration', error: { code: 'NO_TRANSACTIONS', message: expect.stringContaining('dynalite') } }, retried: 1,
    });
  });
});
