import { Kinesis } from '@aws-sdk/client-kinesis';
import type { KinesisStreamRecord } from 'aws-lambda';
import { fromKinesis, toPromise } from '../../../src';
import { kinesisEngine } from '../../../src/replay/engines/kinesis';
import type { OnFailureRecord } from '../../../src/replay/event-source/on-failure';
import { inOrderPerKey, itemOf, items, kinesisLab, type Item } from '../../support/event-source';
import { randomFrom, START } from '../../support/things';
import { silent } from '../../support/uows';

const numbers = (seen: readonly Item[]): number[] => seen.map(({ n }) => n);
const sorted = (seen: readonly Item[]): number[] => numbers(seen).sort((a, b) => a - b);
const range = (n: number): number[] => Array.from({ length: n }, (_none, at) => at);

describe('a mapping of a Kinesis stream', () => {
  const lab = kinesisLab();

  it('hands over what Lambda hands over', async () => {
    const stream = await lab.stream();
    const events: unknown[] = [];
    const contexts: { functionName: string; left: number }[] = [];
    const before = Date.now() - 1_000;
    await lab.put(stream, [{ key: 'ä', n: 1 }]);
    const mapping = lab.map(stream, {
      functionName: 'listener',
      handler: (event, context) => {
        events.push(event);
        contexts.push({ functionName: context.functionName, left: context.getRemainingTimeInMillis() });
      },
      functionTimeoutMs: 5_000,
    });
    await mapping.drained();
    const [event] = events as { Records: KinesisStreamRecord[] }[];
    const record = event?.Records[0] as KinesisStreamRecord;
    expect(events).toHaveLength(1);
    expect(record).toEqual({
      kinesis: {
        kinesisSchemaVersion: '1.0', partitionKey: 'ä', sequenceNumber: expect.stringMatching(/^\d{56}$/),
        data: Buffer.from('{"key":"ä","n":1}').toString('base64'), approximateArrivalTimestamp: expect.any(Number),
      },
      eventSource: 'aws:kinesis', eventVersion: '1.0', eventID: `shardId-000000000000:${record.kinesis.sequenceNumber}`, eventName: 'aws:kinesis:record',
      invokeIdentityArn: 'arn:aws:iam::000000000000:role/lambda', awsRegion: record.eventSourceARN.split(':')[3], eventSourceARN: expect.stringMatching(new RegExp(`^arn:aws:kinesis:[a-z0-9-]+:000000000000:stream/${stream}$`)),
    });
    expect(record.kinesis.approximateArrivalTimestamp * 1000).toBeGreaterThan(before);
    expect(record.kinesis.approximateArrivalTimestamp * 1000).toBeLessThan(Date.now() + 1_000);
    expect(contexts[0]?.functionName).toBe('listener');
    expect(contexts[0]?.left).toBeGreaterThan(0);
    expect(contexts[0]?.left).toBeLessThanOrEqual(5_000);
    expect(mapping.stats).toMatchObject({ read: 1, delivered: 1, invocations: 1, failedInvocations: 0, inFlight: 0 });
  });

  it('delivers everything of two shards, in the order of each key, in batches of the size', async () => {
    const stream = await lab.stream(2);
    await lab.put(stream, items(1_000));
    const seen: Item[] = [];
    const shards = new Set<string>();
    let largest = 0;
    const mapping = lab.map(stream, {
      batchSize: 64,
      handler: ({ Records }) => {
        largest = Math.max(largest, Records.length);
        for (const { eventID } of Records) shards.add(eventID.split(':')[0] as string);
        expect(new Set(Records.map(({ eventID }) => eventID.split(':')[0])).size).toBe(1);
        seen.push(...Records.map(itemOf));
      },
    });
    await mapping.drained();
    expect(sorted(seen)).toEqual(range(1_000));
    expect(inOrderPerKey(seen)).toBe(true);
    expect(shards.size).toBe(2);
    expect(largest).toBe(64);
  });

  it('reads a shard that was split to its end before its children', async () => {
    const stream = await lab.stream(1);
    const seen: Item[] = [];
    const mapping = lab.map(stream, {
      batchSize: 7,
      handler: async ({ Records }) => {
        await new Promise((resolve) => setTimeout(resolve, 2));
        seen.push(...Records.map(itemOf));
      },
    });
    const all = items(300);
    await lab.put(stream, all.slice(0, 150));
    await lab.client().splitShard({ StreamName: stream, ShardToSplit: 'shardId-000000000000', NewStartingHashKey: String(2n ** 127n) });
    while ((await lab.client().describeStreamSummary({ StreamName: stream })).StreamDescriptionSummary?.StreamStatus !== 'ACTIVE') await new Promise((resolve) => setTimeout(resolve, 10));
    await lab.put(stream, all.slice(150));
    await mapping.drained();
    expect(sorted(seen)).toEqual(range(300));
    expect(inOrderPerKey(seen)).toBe(true);
    expect((await lab.client().listShards({ StreamName: stream })).Shards).toHaveLength(3);
  });

  it('leaves a shard that was split before anything was in it', async () => {
    const stream = await lab.stream(1);
    const seen: Item[] = [];
    const mapping = lab.map(stream, { handler: ({ Records }) => { seen.push(...Records.map(itemOf)); } });
    await mapping.drained();
    await lab.client().splitShard({ StreamName: stream, ShardToSplit: 'shardId-000000000000', NewStartingHashKey: String(2n ** 127n) });
    while ((await lab.client().describeStreamSummary({ StreamName: stream })).StreamDescriptionSummary?.StreamStatus !== 'ACTIVE') await new Promise((resolve) => setTimeout(resolve, 10));
    await lab.put(stream, items(20));
    await mapping.drained();
    expect(sorted(seen)).toEqual(range(20));
  });

  it('isolates poison by bisect, gives it alone to onFailure, and goes on', async () => {
    const stream = await lab.stream();
    await lab.put(stream, items(200));
    const seen: Item[] = [];
    const failures: [OnFailureRecord, number[]][] = [];
    const mapping = lab.map(stream, {
      batchSize: 64, bisectBatchOnFunctionError: true, maximumRetryAttempts: 2, functionName: 'listener',
      handler: ({ Records }) => {
        const given = Records.map(itemOf);
        if (given.some(({ n }) => n === 41 || n === 150)) throw new Error('poison');
        seen.push(...given);
      },
      onFailure: (failure, records) => { failures.push([failure, records.map(itemOf).map(({ n }) => n)]); },
    });
    await mapping.drained();
    expect(numbers(seen)).toEqual(range(200).filter((n) => n !== 41 && n !== 150));
    expect(failures.map(([, given]) => given)).toEqual([[41], [150]]);
    const [[failure] = []] = failures;
    expect(failure?.requestContext).toMatchObject({ condition: 'RetryAttemptsExhausted', approximateInvokeCount: 3, functionArn: expect.stringMatching(/:function:listener$/) });
    expect(failure?.KinesisBatchInfo).toMatchObject({ shardId: 'shardId-000000000000', batchSize: 1, streamArn: expect.stringContaining(`stream/${stream}`) });
    expect(failure?.KinesisBatchInfo?.startSequenceNumber).toBe(failure?.KinesisBatchInfo?.endSequenceNumber);
    // 15 for the poison of a batch of 64, each time; two more batches.
    expect(mapping.stats.invocations).toBe(15 + 15 + 2);
  });

  it('delivers again from the lowest number that a response reports', async () => {
    const stream = await lab.stream();
    await lab.put(stream, items(20));
    const given: number[][] = [];
    const mapping = lab.map(stream, {
      functionResponseTypes: ['ReportBatchItemFailures'], maximumRetryAttempts: 5,
      handler: ({ Records }) => {
        given.push(Records.map(itemOf).map(({ n }) => n));
        return { batchItemFailures: given.length === 1 ? [Records[12], Records[7]].map((record) => ({ itemIdentifier: record?.kinesis.sequenceNumber })) : [] };
      },
    });
    await mapping.drained();
    expect(given).toEqual([range(20), range(20).slice(7)]);
  });

  it('hands over only what a filter of the data wants', async () => {
    const stream = await lab.stream();
    await lab.put(stream, items(50));
    await lab.client().putRecord({ StreamName: stream, PartitionKey: 'k1', Data: Buffer.from('no JSON') });
    const seen: Item[] = [];
    const mapping = lab.map(stream, {
      filterCriteria: { filters: [{ pattern: JSON.stringify({ data: { key: ['k1'], n: [{ numeric: ['<', 30] }] } }) }] },
      handler: ({ Records }) => { seen.push(...Records.map(itemOf)); },
    });
    await mapping.drained();
    expect(numbers(seen)).toEqual([1, 11, 21]);
    expect(mapping.stats).toMatchObject({ read: 51, filtered: 48, delivered: 3 });
    expect(() => lab.map(stream, { handler: () => {}, filterCriteria: { filters: [{ pattern: '{"partitionKey":["k1"]}' }] } })).toThrow(expect.objectContaining({ code: 'FILTER_INVALID' }));
  });

  it('runs several lanes of a shard, each key in order, through failures and duplicates', async () => {
    const stream = await lab.stream(2);
    await lab.put(stream, items(600, 20));
    const random = randomFrom(7);
    const applied = new Map<string, number[]>();
    const mapping = lab.map(stream, {
      batchSize: 25, parallelizationFactor: 5, functionResponseTypes: ['ReportBatchItemFailures'], bisectBatchOnFunctionError: true, duplicate: 0.5, random,
      handler: async ({ Records }) => {
        if (random() < 0.2) throw new Error('died');
        await new Promise((resolve) => setTimeout(resolve, 1));
        const failing = random() < 0.3 ? Math.floor(random() * Records.length) : Records.length;
        for (const record of Records.slice(0, failing)) {
          const { key, n } = itemOf(record);
          applied.set(key, [...applied.get(key) ?? [], n]);
        }
        return { batchItemFailures: Records.slice(failing, failing + 1).map(({ kinesis }) => ({ itemIdentifier: kinesis.sequenceNumber })) };
      },
    });
    await mapping.drained();
    expect(mapping.stats.duplicated).toBeGreaterThan(0);
    expect(mapping.stats.failedInvocations).toBeGreaterThan(0);
    expect(sorted([...new Set([...applied.values()].flat())].map((n) => ({ key: '', n })))).toEqual(range(600));
    for (const [key, seen] of applied) {
      // Repeats aside, in order: the first time of each comes after the first time of the one before it.
      expect([key, [...new Set(seen)]]).toEqual([key, [...new Set(seen)].sort((a, b) => a - b)]);
    }
  });

  it('LATEST starts at ready()', async () => {
    const stream = await lab.stream(2);
    await lab.put(stream, items(20));
    const seen: Item[] = [];
    const mapping = lab.map(stream, { startingPosition: 'LATEST', handler: ({ Records }) => { seen.push(...Records.map(itemOf)); } });
    await mapping.ready();
    await lab.put(stream, items(30).slice(20));
    await mapping.drained();
    expect(sorted(seen)).toEqual(range(30).slice(20));
  });

  it('feeds a handler of this package', async () => {
    const stream = await lab.stream();
    const seen: string[] = [];
    await lab.client().putRecords({
      StreamName: stream,
      Records: ['a', 'b'].map((id) => ({ PartitionKey: id, Data: Buffer.from(JSON.stringify({ id, type: 'thing-created', timestamp: START, partitionKey: id })) })),
    });
    const mapping = lab.map(stream, {
      functionResponseTypes: ['ReportBatchItemFailures'],
      handler: (event) => fromKinesis(event, { logger: silent }).tap(({ event: { id } }) => seen.push(id)).through(toPromise),
    });
    await mapping.drained();
    expect(seen).toEqual(['a', 'b']);
  });
});

describe('the Kinesis engine', () => {
  it('makes a stream once, removes it, listens on the wanted port of loopback, and stops', async () => {
    const first = await kinesisEngine();
    const port = Number(new URL(first.endpoint).port);
    await first.createStream({ name: 'one', shardCount: 3 });
    await first.createStream({ name: 'one', shardCount: 3 });
    const [client, other] = [new Kinesis(first.connection), new Kinesis(first.connection)];
    other.destroy();
    expect((await client.listShards({ StreamName: 'one' })).Shards).toHaveLength(3);
    await first.dropStream('one');
    await first.dropStream('one');
    expect((await client.listStreams({})).StreamNames).toEqual([]);
    client.destroy();
    await expect(kinesisEngine({ port })).rejects.toMatchObject({ code: 'ENGINE_START', message: expect.stringContaining(String(port)) });
    await first.stop();
    await first.stop();
    const second = await kinesisEngine({ port });
    expect(second.endpoint).toBe(`http://127.0.0.1:${port}`);
    await second.stop();
  });
});
