import { DeleteCommand, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { cdc, createHandler, fromDynamodb, fromKinesis, initializeFrom, materialize, type Event, type EventPublisher } from '../../src';
import { kinesisPublisher } from '../../src/sinks/kinesis';
import { deliverUntilDone } from '../support/chaos';
import { describeLocal, freshTable } from '../support/engines';
import { kinesisEngine, toLambdaKinesis, type KinesisEngine } from '../support/kinesis-engine';
import { recordChanges, toLambdaEvent } from '../support/table-stream';
import { randomFrom, shuffled, START } from '../support/things';
import { silent } from '../support/uows';

interface SeatEvent extends Event {
  readonly seat: { readonly pk: string; readonly status?: string };
}

const KEYS = ['a1', 'a2', 'b1', 'b2', 'c1'];

describeLocal('a table, its stream, cdc, Kinesis and a view', (engine) => {
  let kinesis: KinesisEngine;
  beforeAll(async () => { kinesis = await kinesisEngine(); });
  afterAll(() => kinesis.stop());

  /** Commands of a service on its own table: puts, soft deletes, returns, removals, and rows of other services (latched). */
  const life = (random: () => number) => async (table: string): Promise<void> => {
    for (let at = 1; at <= 60; at += 1) {
      const Key = { pk: KEYS[Math.floor(random() * KEYS.length)] ?? '', sk: 'seat' };
      const row = { ...Key, discriminator: 'seat', timestamp: START + at, status: `s${at}`, latched: null };
      const roll = random();
      if (roll < 0.15) await engine().client.send(new PutCommand({ TableName: table, Item: { ...row, deleted: true } }));
      else if (roll < 0.25) await engine().client.send(new PutCommand({ TableName: table, Item: { ...row, deleted: true } })).then(() => engine().client.send(new DeleteCommand({ TableName: table, Key })));
      else if (roll < 0.35) await engine().client.send(new PutCommand({ TableName: table, Item: { pk: `other-${at}`, sk: 'seat', discriminator: 'seat', timestamp: START + at, latched: true } }));
      else await engine().client.send(new PutCommand({ TableName: table, Item: row }));
    }
  };

  /** The publisher, with requests that fail, answers that are lost, and entries that are not taken. */
  const troubled = (publisher: EventPublisher, random: () => number): EventPublisher =>
    Object.assign(async (...[events, options]: Parameters<EventPublisher>) => {
      const roll = random();
      const failure = Object.assign(new Error('trouble'), { name: 'InternalFailure' });
      if (roll < 0.1) throw failure;
      const taken = events.map(() => random() < 0.8);
      const results = await publisher(events.filter((_event, i) => taken[i]), options);
      if (roll < 0.2) throw failure;
      const answers = results.values();
      return taken.map((one) => (one ? (answers.next().value) : { error: failure }));
    }, { ...publisher });

  it.each([1, 2, 3])('the view ends equal to the rows (seed %i)', async (seed) => {
    const random = randomFrom(seed);
    const { table, records, arn } = await recordChanges(engine(), 'NEW_AND_OLD_IMAGES', life(random));
    const streamName = await kinesis.createStream();
    const publisher = troubled(kinesisPublisher({ client: kinesis.client, streamName }), random);
    const seen: string[] = [];
    const trigger = createHandler({
      source: fromDynamodb, logger: silent, retry: { maxAttempts: 2, baseMs: 1 },
      onSettled: ({ outcome }) => seen.push(outcome.kind === 'filtered' ? String(outcome.reason) : outcome.kind),
      pipelines: initializeFrom([
        { id: 'changed', flavor: cdc, eventType: /^seat-(created|updated|undeleted)$/, publisher, toEvent: ({ event: { raw } }) => ({ seat: { pk: raw?.new?.['pk'], status: raw?.new?.['status'] } }) },
        { id: 'gone', flavor: cdc, eventType: 'seat-deleted', publisher, toEvent: ({ event: { partitionKey } }) => ({ seat: { pk: partitionKey } }) },
      ]),
    });
    const deliveries = await deliverUntilDone(records, ({ dynamodb }) => dynamodb?.SequenceNumber ?? '', (rest) => trigger(toLambdaEvent(rest, arn)));
    expect(deliveries).toBeGreaterThan(1);
    expect(new Set(seen)).toEqual(new Set(['published', 'retry', 'latched', 'removed after a soft delete']));

    const published = await kinesis.read(streamName);
    const view = await freshTable(engine());
    const listener = createHandler({
      source: fromKinesis, tableName: view, client: engine().client, logger: silent, now: () => START,
      pipelines: initializeFrom([
        { id: 'seat', flavor: materialize<SeatEvent>, eventType: /^seat-(created|updated|undeleted)$/, toWrite: ({ event: { seat } }) => ({ key: { pk: seat.pk, sk: 'view' }, set: { status: seat.status } }) },
        { id: 'gone', flavor: materialize<SeatEvent>, eventType: 'seat-deleted', toWrite: ({ event: { seat } }) => ({ key: { pk: seat.pk, sk: 'view' }, tombstone: true }) },
      ]),
    });
    for (const record of shuffled(published, random)) expect(await listener(toLambdaKinesis([record]))).toEqual({ batchItemFailures: [] });

    const living = (items: readonly Record<string, unknown>[]) =>
      new Map(items.filter(({ deleted, pk }) => !deleted && KEYS.includes(String(pk))).map(({ pk, status, timestamp }) => [pk, [status, timestamp]]));
    const rows = living(await scanPlain(table));
    expect(rows.size).toBeGreaterThan(0);
    expect(living(await scanPlain(view))).toEqual(rows);
  });

  const scanPlain = async (table: string): Promise<Record<string, unknown>[]> => {
    return (await engine().client.send(new ScanCommand({ TableName: table, ConsistentRead: true }))).Items ?? [];
  };
});

