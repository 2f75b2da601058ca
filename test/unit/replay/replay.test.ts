import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { embeddedEngine } from '../../../src/replay/engines/embedded';
import type { Engine } from '../../../src/replay/engines/engine';
import type { Injected } from '../../../src/replay/injected';
import { replay } from '../../../src/replay/replay';
import type { OutcomeKind } from '../../../src/outcome';
import type { Settled } from '../../../src/settled';
import { fromKinesis } from '../../../src/sources/from-kinesis';
import { kinesisInvocation } from '../../support/kinesis-events';
import { tableName } from '../../support/engines';

interface KinesisRecord { kinesis: { sequenceNumber: string; data: string } }
interface Payload { id: string; timestamp: number }

const payload = (record: unknown): Payload =>
  JSON.parse(Buffer.from((record as KinesisRecord).kinesis.data, 'base64').toString()) as Payload;

const events = (count: number) => kinesisInvocation(
  Array.from({ length: count }, (_, at) => ({ id: `e${at}`, type: 'thing', timestamp: Date.UTC(2026, 0, 1) + at })),
);

/** A handler made by hand: puts each event, and settles it as `decide` says. */
const handler = (decide: (event: Payload, delivery: number) => OutcomeKind) => (injected: Injected) => {
  const deliveries = new Map<string, number>();
  return async ({ Records }: { readonly Records: readonly unknown[] }) => {
    const failures: { itemIdentifier: string }[] = [];
    for (const record of Records) {
      const event = payload(record);
      deliveries.set(event.id, (deliveries.get(event.id) ?? 0) + 1);
      const kind = decide(event, deliveries.get(event.id) ?? 0);
      const { sequenceNumber } = (record as KinesisRecord).kinesis;
      if (kind === 'applied') await injected.client.send(new PutCommand({ TableName: injected.tableName, Item: { pk: event.id, sk: 's', now: injected.now() } }));
      if (kind === 'retry') failures.push({ itemIdentifier: sequenceNumber });
      injected.onSettled({ record, origin: { subSequence: 0, identifier: sequenceNumber }, outcome: { kind }, parts: [] } as unknown as Settled);
    }
    return { batchItemFailures: failures };
  };
};

let engine: Engine;
beforeAll(async () => { engine = await embeddedEngine(); });
afterAll(() => engine.stop());

test('counts events, writes, requests and what was delivered again', async () => {
  // The third of five is refused twice: it and the two behind it come again.
  const { rows, seconds, ...report } = await replay({
    fixtures: [events(5)], source: fromKinesis, engine,
    handler: handler(({ id }, delivery) => (id === 'e2' && delivery < 3 ? 'retry' : 'applied')),
    mapping: { retryDelayMs: () => 0 },
  });
  expect(report).toMatchObject({ events: 5, outcomes: { applied: 5, retry: 0 }, redelivered: 4, undelivered: 0, writes: 9, requests: 9, table: { items: 5 } });
  expect(rows.map(({ pk }) => pk)).toEqual(['e0', 'e1', 'e2', 'e3', 'e4']);
  expect(seconds).toBeGreaterThan(0);
});

test('what never settles is undelivered and stays in the sum', async () => {
  const report = await replay({
    fixtures: [events(5)], source: fromKinesis, engine, batchSize: 2,
    handler: handler(({ id }) => (id === 'e1' ? 'retry' : 'applied')),
    mapping: { maximumRetryAttempts: 2, retryDelayMs: () => 0 },
  });
  expect(report).toMatchObject({ events: 5, outcomes: { applied: 4, retry: 1 }, undelivered: 1, table: { items: 4 } });
});

test('a handler that always throws: every record is undelivered, the reason is told once', async () => {
  const report = await replay({
    fixtures: [events(3)], source: fromKinesis, engine,
    handler: () => () => Promise.reject(new Error('cannot start')),
    mapping: { maximumRetryAttempts: 1, retryDelayMs: () => 0 },
  });
  expect(report).toMatchObject({ events: 3, outcomes: { retry: 3 }, undelivered: 3, errors: ['cannot start'], writes: 0, requests: 0 });
});

describe('with crashes', () => {
  const applied = handler(() => 'applied');
  const crashing = (more: object = {}) => replay({
    fixtures: [events(40)], source: fromKinesis, handler: applied, batchSize: 4, crash: 0.7, seed: 5, mapping: { maximumRetryAttempts: 0 }, ...more,
  });

  test('every record is handled in the end, no attempt is used up, and what nobody heard of is counted', async () => {
    const report = await crashing({ engine });
    expect(report).toMatchObject({ events: 40, outcomes: { applied: 40, retry: 0 }, undelivered: 0, errors: [], table: { items: 40 } });
    // Ten batches that are each interrupted with 70 % go through about 33 invocations.
    expect(report.crashed).toBeGreaterThan(10);
    expect(report.lostResponses).toBeGreaterThan(0);
    expect(report.lostResponses).toBeLessThan(report.crashed);
    expect(report.writes).toBeGreaterThan(40);
  });

  test('the same seed interrupts at the same points, another one at others', async () => {
    const [first, again, other] = [await crashing(), await crashing(), await crashing({ seed: 6 })].map(({ crashed, lostResponses, writes, redelivered }) => ({ crashed, lostResponses, writes, redelivered }));
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  test('each process has a handler of its own', async () => {
    let processes = 0;
    const { crashed } = await crashing({ handler: (injected: Injected) => { processes += 1; return applied(injected); } });
    expect(processes).toBe(crashed + 1);
  });

  test('a handler that answers before it has written loses events, and is seen to', async () => {
    const hasty = ({ client, tableName: TableName }: Injected) => {
      const collected: unknown[] = [];
      return async ({ Records }: { readonly Records: readonly unknown[] }) => {
        collected.push(...Records);
        if (collected.length >= 8) await Promise.all(collected.splice(0).map((record) => client.send(new PutCommand({ TableName, Item: { pk: payload(record).id, sk: 's' } }))));
        return { batchItemFailures: [] };
      };
    };
    expect((await crashing({ handler: hasty, crash: 0 })).table.items).toBe(40);
    expect((await crashing({ handler: hasty })).table.items).toBeLessThan(40);
  });

  test.each([-0.1, 0.91, Number.NaN])('refuses the ratio %p', async (crash) => {
    await expect(crashing({ crash })).rejects.toMatchObject({ code: 'RATIO_INVALID' });
  });

  test('refuses to interrupt writes in an AWS account', async () => {
    await expect(crashing({ engine: { ...engine, name: 'aws' } })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });
});

test('failed writes and the SDK\'s own retries are requests, not writes', async () => {
  const report = await replay({
    fixtures: [events(1)], source: fromKinesis, engine,
    handler: ({ client, tableName: TableName, onSettled }) => async ({ Records: [record] }) => {
      const put = new PutCommand({ TableName, Item: { pk: 'a', sk: 's' }, ConditionExpression: 'attribute_not_exists(pk)' });
      await client.send(put);
      await client.send(put).catch(() => {});
      await client.send(new PutCommand({ TableName: 'no-such-table', Item: { pk: 'a' } })).catch(() => {});
      onSettled({ record, origin: { subSequence: 0 }, outcome: { kind: 'applied' }, parts: [] } as unknown as Settled);
    },
  });
  expect(report).toMatchObject({ writes: 1, requests: 3 });
  const before = await engine.scan(await makeTable());
  expect(before).toEqual([]);
});

const makeTable = async (): Promise<string> => {
  const name = tableName();
  await engine.createTable({ name, partitionKey: 'pk', sortKey: 'sk' });
  return name;
};

test('the clock is the latest event, wherever it stands, unless it is given', async () => {
  const shuffled = { fixtures: [events(7)], source: fromKinesis, engine, shuffle: true, handler: handler(() => 'applied') };
  expect((await replay(shuffled)).rows.every(({ now }) => now === Date.UTC(2026, 0, 1) + 6)).toBe(true);
  expect((await replay({ ...shuffled, now: 5 })).rows.every(({ now }) => now === 5)).toBe(true);
});

test('a table of ours is removed at the end; one that is named is kept, with what it holds', async () => {
  const seen: string[] = [];
  const options = {
    fixtures: [events(1)], source: fromKinesis, engine,
    handler: (injected: Injected) => { seen.push(injected.tableName); return handler(() => 'applied')(injected); },
  };
  await replay(options);
  await expect(engine.scan(seen[0] ?? '')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  const name = tableName();
  expect((await replay({ ...options, tableName: name })).table.items).toBe(1);
  expect((await replay({ ...options, fixtures: [events(3)], tableName: name })).table.items).toBe(3);
  expect(await engine.scan(name)).toHaveLength(3);
});

test('without an engine an embedded one is used and stopped, also when the fixture is wrong', async () => {
  const report = await replay({ fixtures: [events(2)], source: fromKinesis, handler: handler(() => 'applied') });
  expect(report.table.items).toBe(2);
  await expect(replay({ fixtures: ['absent.jsonl'], source: fromKinesis, rules: [] })).rejects.toMatchObject({ code: 'FIXTURE_UNREADABLE' });
  await expect(replay({ fixtures: [events(1)], source: fromKinesis })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
});

test('progress is told after each batch, up to the total', async () => {
  const told: [number, number][] = [];
  await replay({
    fixtures: [events(5)], source: fromKinesis, engine, batchSize: 2, handler: handler(() => 'applied'),
    onProgress: (done, total) => told.push([done, total]),
  });
  expect(told).toEqual([[2, 5], [4, 5], [5, 5]]);
});

test('an invocation event of another kind is named by its place', async () => {
  const queue = { Records: [{ messageId: '1', eventSource: 'aws:sqs', body: '{}' }] };
  await expect(replay({ fixtures: [events(1), queue], source: fromKinesis, engine, rules: [] })).rejects.toMatchObject({
    code: 'WRONG_EVENT', message: expect.stringMatching(/SQS event.*\(Invocation 2 of the fixtures\.\)$/),
  });
});
