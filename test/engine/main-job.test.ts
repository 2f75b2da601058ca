import { setTimeout as sleep } from 'node:timers/promises';
import type { KinesisStreamEvent } from 'aws-lambda';
import type { FaultEvent } from '../../src/faults/fault-event';
import { fromKinesis, materialize, createHandler, initializeFrom, toKinesisRecords, toPromise, update, onEventType, type Uow } from '../../src';
import type { Settled } from '../../src/settled';
import { tableKey } from '../../src/replay/engines/table-key';
import { toPlainItems } from '../../src/replay/table/plain';
import type { Strategy } from '../../src/sinks/dynamodb/update-options';
import { chaosClient, deliverUntilDone, type Troubles } from '../support/chaos';
import { STRATEGIES } from '../support/convergence';
import { describeEngines, freshTable } from '../support/engines';
import { expectedTable, KEEP_DAYS, randomFrom, shuffled, START, thingPipelines, type ThingEvent } from '../support/things';
import { silent } from '../support/uows';

const NOW = START + 86_400_000;
const now = () => NOW;

const thing = (id: string, key: string, timestamp: number, more: Partial<ThingEvent['thing']> & { type?: string } = {}): ThingEvent => {
  const { type = 'thing-updated', ...rest } = more;
  return { id, type, timestamp: START + timestamp, partitionKey: key, thing: { id: key, ...rest } };
};

/** 25 events for each key, in the order of the producer: updates with ties, deletes, recreations. */
const history = (keys: number, seed: number): ThingEvent[] => {
  const random = randomFrom(seed);
  return Array.from({ length: keys * 25 }, (_unused, i) => {
    const type = random() < 0.15 ? 'thing-deleted' : 'thing-updated';
    return thing(`e${Math.floor(random() * 1000)}-${i}`, `thing-${i % keys}`, Math.floor(i / (keys * 2)), { type, name: `n${i}`, size: i });
  });
};

describeEngines('the main job', (engine) => {
  const items = async (table: string) => toPlainItems(await engine().scan(table), tableKey({ partitionKey: 'pk', sortKey: 'sk' }));

  it('runs the mapping of the literature as it is', async () => {
    const table = await freshTable(engine());
    const toUpdateRequest = (uow: Uow<ThingEvent>) => ({
      ...uow,
      updateRequest: {
        Key: { pk: uow.event.thing.id, sk: 'thing' },
        ExpressionAttributeNames: { '#name': 'name', '#oplock': 'oplock' },
        ExpressionAttributeValues: { ':name': uow.event.thing.name, ':timestamp': uow.event.timestamp },
        UpdateExpression: 'SET #name = :name, #oplock = :timestamp',
        ConditionExpression: 'attribute_not_exists(#oplock) OR :timestamp > #oplock',
      },
    });
    const save = update({ tableName: table, client: engine().client });
    const outcomes: unknown[] = [];
    const handler = (event: KinesisStreamEvent) =>
      fromKinesis<ThingEvent>(event, { now, logger: silent, onSettled: ({ outcome }) => outcomes.push(outcome) })
        .filter(onEventType(/thing-(created|updated)/))
        .map(toUpdateRequest)
        .through(save)
        .through(toPromise);

    const events = [
      thing('1', 'a', 10, { name: 'new' }), thing('2', 'a', 4, { name: 'old' }), thing('1', 'a', 10, { name: 'new' }),
      thing('3', 'a', 10, { name: 'tie' }), thing('4', 'b', 1, { type: 'thing-deleted' }),
    ];
    expect(await handler(toKinesisRecords(events))).toEqual({ batchItemFailures: [] });
    expect(outcomes).toEqual([
      { kind: 'applied' }, { kind: 'stale', behindMs: 6 }, { kind: 'duplicate' }, { kind: 'stale', behindMs: 0 }, { kind: 'filtered' },
    ]);
    expect(await items(table)).toEqual([{ pk: 'a', sk: 'thing', name: 'new', oplock: START + 10 }]);
  });

  it.each<[Strategy, boolean]>([['auto', true], ['batch', true], ['batch', false], ['single', true], ['single', false]])(
    'ends in the table of a sequential reference after 50 concurrent invocations over the same 20 keys: %s, folding: %s', async (strategy, fold) => {
    const table = await freshTable(engine());
    const events = history(20, 7);
    const random = randomFrom(42);
    const deliveries = shuffled([...events, ...events.filter(() => random() < 0.4)], random);
    const settled: Settled[] = [];
    const handler = createHandler({
      source: fromKinesis, pipelines: thingPipelines(), tableName: table, client: engine().client, now, logger: silent,
      concurrency: 4, fold, strategy, onSettled: (one) => settled.push(one),
    });
    const size = Math.ceil(deliveries.length / 50);
    const batches = Array.from({ length: 50 }, (_unused, i) => toKinesisRecords(deliveries.slice(i * size, (i + 1) * size)));
    const responses = await Promise.all(batches.map((batch) => handler(batch)));
    expect(responses).toEqual(batches.map(() => ({ batchItemFailures: [] })));
    expect(await items(table)).toEqual(expectedTable(events, NOW));
    expect(settled).toHaveLength(deliveries.length);
    expect(settled.filter(({ outcome: { kind } }) => !['applied', 'duplicate', 'stale', 'tombstoned', ...(fold ? ['superseded'] : [])].includes(kind))).toEqual([]);
  });

  it('handles 99 and names the one that is poison among 100', async () => {
    const table = await freshTable(engine());
    const events = Array.from({ length: 100 }, (_unused, i) => thing(`e${i}`, `thing-${i}`, i, { name: i === 63 ? 'poison' : `n${i}` }));
    const faults: FaultEvent[] = [];
    const handler = createHandler({
      source: fromKinesis, pipelines: thingPipelines(), tableName: table, client: engine().client, now, logger: silent,
      publishFault: async (fault) => faults.push(fault),
    });
    const batch = toKinesisRecords(events);
    expect(await handler(batch)).toEqual({ batchItemFailures: [] });
    expect(await items(table)).toEqual(expectedTable(events.filter(({ thing: { name } }) => name !== 'poison'), NOW));
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatchObject({ type: 'fault', tags: { pipeline: 'thing' }, err: { name: 'TypeError' }, uow: { record: batch.Records[63], event: { id: 'e63' } } });
  });

  const TROUBLES: readonly (readonly [string, Troubles, number])[] = [
    ['throttles', { throttle: 0.3 }, 0],
    ['500s', { serverError: 0.3 }, 0],
    ['lost responses', { lostResponse: 0.3 }, 0],
    // Each life of the process gets further than the one before: by one request, or by some.
    ['a crash between any two writes', {}, 1],
    ['everything at once', { throttle: 0.1, serverError: 0.1, lostResponse: 0.1 }, 23],
  ];
  const runs = STRATEGIES.flatMap((strategy) => TROUBLES.map((one) => [strategy, ...one] as const));
  it.each(runs)('strategy %s survives %s: the same table, nothing lost, no fault published twice', async (strategy, _name, troubles, crashEvery) => {
    const table = await freshTable(engine());
    const random = randomFrom(Object.keys(troubles).length * 1009 + 5);
    const events = history(8, 11).slice(0, crashEvery === 1 ? 60 : undefined).map((event, i): ThingEvent => (i % 37 === 5 ? { ...event, type: 'thing-updated', thing: { ...event.thing, name: 'poison' } } : event));
    const poison = events.filter(({ thing: { name } }) => name === 'poison');
    const batch = toKinesisRecords(shuffled(events, random));
    const faults: string[] = [];
    const settled = new Map<string, string[]>();
    let lives = 0;
    await deliverUntilDone(
      batch.Records,
      (record) => record.kinesis.sequenceNumber,
      (Records) => {
        lives += 1;
        const chaos = chaosClient(engine().client, crashEvery ? { ...troubles, crashAt: lives * crashEvery } : troubles, random);
        const handler = createHandler({
          source: fromKinesis, pipelines: thingPipelines(), tableName: table, client: chaos.client, now, logger: silent, strategy,
          retry: { maxAttempts: 3, baseMs: 1 },
          publishFault: async (fault) => faults.push((fault.uow.event as unknown as ThingEvent).id),
          onSettled: ({ event, outcome: { kind } }) => settled.set(String(event?.id), [...(settled.get(String(event?.id)) ?? []), kind]),
        });
        return Promise.race([handler({ Records: [...Records] }), chaos.death]);
      },
    );
    expect(await items(table)).toEqual(expectedTable(events.filter((event) => !poison.includes(event)), NOW));
    expect([...faults].sort()).toEqual(poison.map(({ id }) => id).sort());
    expect([...settled.keys()].sort()).toEqual(events.map(({ id }) => id).sort());
    for (const kinds of settled.values()) expect(kinds.at(-1)).not.toBe('retry');
  });

  it('never calls our own write stale after a lost response', async () => {
    const table = await freshTable(engine());
    const kinds: string[] = [];
    let lose = true;
    const client = new Proxy(engine().client, {
      get: (target, name) =>
        name !== 'send'
          ? Reflect.get(target, name)
          : async (command: never, options: never) => {
              const answer: unknown = await target.send(command, options);
              if (lose) throw ((lose = false), Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }));
              return answer;
            },
    });
    const handler = createHandler({
      source: fromKinesis, pipelines: thingPipelines(), tableName: table, client, now, logger: silent,
      retry: { baseMs: 1 }, onSettled: ({ outcome }) => kinds.push(outcome.kind),
    });
    await handler(toKinesisRecords([thing('1', 'a', 1, { name: 'x' })]));
    expect(kinds).toEqual(['duplicate']);
  });

  it('keeps two handlers, and two invocations of one, apart', async () => {
    const tables = [await freshTable(engine()), await freshTable(engine())];
    const seen: string[][] = [[], []];
    const handlers = tables.map((table, i) =>
      createHandler({
        source: fromKinesis, pipelines: thingPipelines(), tableName: table, client: engine().client, now, logger: silent,
        onSettled: ({ event }) => seen[i]?.push(String(event?.id)),
      }),
    );
    const [a, b] = handlers as [(typeof handlers)[number], (typeof handlers)[number]];
    const mine = (prefix: string) => Array.from({ length: 40 }, (_unused, i) => thing(`${prefix}${i}`, `${prefix}-${i % 7}`, i, { name: prefix }));
    await Promise.all([a(toKinesisRecords(mine('a'))), b(toKinesisRecords(mine('b'))), a(toKinesisRecords(mine('c')))]);
    expect(await items(tables[0] as string)).toEqual(expectedTable([...mine('a'), ...mine('c')], NOW));
    expect(await items(tables[1] as string)).toEqual(expectedTable(mine('b'), NOW));
    expect(seen.map((ids) => ids.length)).toEqual([80, 40]);
  });

  it('writes one key in the order of its events, across pipelines and slow mappings', async () => {
    const table = await freshTable(engine());
    const log: string[] = [];
    const client = new Proxy(engine().client, {
      get: (target, name) =>
        name !== 'send'
          ? Reflect.get(target, name)
          : (command: { input: { ExpressionAttributeValues: Record<string, unknown> } }, options: never) => {
              log.push(JSON.stringify(Object.values(command.input.ExpressionAttributeValues).filter((value) => typeof value === 'string' && value.startsWith('v'))));
              return target.send(command as never, options);
            },
    });
    const writing = (id: string, eventType: string, delay: (n: number) => number) => ({
      id,
      flavor: materialize<ThingEvent>,
      eventType,
      toWrite: async ({ event }: { event: ThingEvent }) => {
        await sleep(delay(event.thing.size ?? 0));
        return { key: { pk: event.thing.id, sk: 'thing' }, set: { name: `v${event.thing.size}` } };
      },
    });
    const kinds: string[] = [];
    const handler = createHandler({
      source: fromKinesis, client, tableName: table, now, logger: silent, fold: false, onSettled: ({ outcome }) => kinds.push(outcome.kind),
      pipelines: initializeFrom([writing('slow', 'slow', (n) => 30 - 3 * n), writing('quick', 'quick', () => 0)]),
    });
    const events = Array.from({ length: 8 }, (_unused, i) => thing(`e${i}`, 'a', i, { type: i % 2 ? 'quick' : 'slow', size: i }));
    await handler(toKinesisRecords(events));
    expect(log).toEqual(events.map((_event, i) => JSON.stringify([`v${i}`])));
    expect(kinds).toEqual(events.map(() => 'applied'));
  });

  it('shows a refusal by a condition of the caller as a conflict, not as stale', async () => {
    const table = await freshTable(engine());
    const kinds: unknown[] = [];
    const request = (name: string, at: number) => ({
      Key: { pk: 'a', sk: 'thing' },
      ExpressionAttributeNames: { '#name': 'name', '#t': 'timestamp', '#locked': 'locked' },
      ExpressionAttributeValues: { ':name': name, ':t': at, ':locked': name === 'first' },
      UpdateExpression: 'SET #name = :name, #t = :t, #locked = :locked',
      ConditionExpression: '(attribute_not_exists(#t) OR #t < :t) AND (attribute_not_exists(#locked) OR #locked = :locked)',
    });
    const handler = createHandler({
      source: fromKinesis, tableName: table, client: engine().client, now, logger: silent, onSettled: ({ outcome }) => kinds.push(outcome.kind),
      pipelines: initializeFrom([{ id: 'p', flavor: materialize<ThingEvent>, toUpdateRequest: ({ event }: { event: ThingEvent }) => request(String(event.thing.name), event.timestamp) }]),
    });
    await handler(toKinesisRecords([thing('1', 'a', 5, { name: 'first' }), thing('2', 'a', 9, { name: 'second' }), thing('3', 'a', 2, { name: 'third' })]));
    expect(kinds).toEqual(['applied', 'conflict', 'stale']);
  });

  it('keeps a tombstone for its days from now, not from the time of the event', async () => {
    const table = await freshTable(engine());
    const handler = createHandler({ source: fromKinesis, pipelines: thingPipelines(), tableName: table, client: engine().client, now, logger: silent });
    await handler(toKinesisRecords([thing('1', 'a', 5, { type: 'thing-deleted' })]));
    expect(await items(table)).toEqual([expect.objectContaining({ deleted: true, ttl: Math.floor(NOW / 1000) + KEEP_DAYS * 86_400 })]);
  });
});
