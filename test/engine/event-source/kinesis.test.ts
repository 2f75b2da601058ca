import type { KinesisStreamRecord } from 'aws-lambda';
import { inOrderPerKey, itemOf, items, kinesisLab, type Item } from '../../support/event-source';

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
});
