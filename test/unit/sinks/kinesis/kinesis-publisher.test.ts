import { createHash } from 'node:crypto';
import { KinesisClient, PutRecordsCommand, type PutRecordsCommandInput } from '@aws-sdk/client-kinesis';
import { NumberValue } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { classifyError } from '../../../../src/faults/classify';
import { kinesisPublisher } from '../../../../src/sinks/kinesis';
import { event } from '../../../support/uows';

const mock = mockClient(KinesisClient);
const client = new KinesisClient({ region: 'local', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } });
const { signal } = new AbortController();
const stored = ({ Records = [] }: PutRecordsCommandInput) => ({ FailedRecordCount: 0, Records: Records.map((_one, i) => ({ SequenceNumber: String(i), ShardId: 's' })) });
const inputs = () => mock.commandCalls(PutRecordsCommand).map(({ args: [command] }) => command.input);
const sent = (): { key: string | undefined; data: unknown }[] =>
  inputs().flatMap(({ Records = [] }) => Records.map(({ Data, PartitionKey }) => ({ key: PartitionKey, data: JSON.parse(Buffer.from(Data ?? []).toString('utf8')) })));

let before: string | undefined;
beforeEach(() => {
  mock.reset();
  mock.on(PutRecordsCommand).callsFake(stored);
  before = process.env['STREAM_NAME'];
});
afterEach(() => {
  if (before === undefined) delete process.env['STREAM_NAME'];
  else process.env['STREAM_NAME'] = before;
});

describe('kinesisPublisher', () => {
  it('puts events as JSON, all in one request', async () => {
    const events = [event('a', { partitionKey: 'ä', thing: { name: 'Lämp 💡' } }), event('b')];
    expect(await kinesisPublisher({ client, streamName: 'events' })(events, { signal })).toEqual([undefined, undefined]);
    expect(inputs()).toEqual([{ StreamName: 'events', Records: expect.anything() }]);
    expect(sent()).toEqual([{ key: 'ä', data: events[0] }, { key: 'b', data: events[1] }]);
  });

  it('writes what JSON cannot say without loss of digits, and measures what it sends', async () => {
    const publisher = kinesisPublisher({ client, streamName: 's' });
    const odd = event('a', { partitionKey: 'ü', big: 12345678901234567890n, exact: NumberValue.from('1.10'), set: new Set(['x', 2n]), bytes: Uint8Array.of(1, 2, 3), at: new Date(0) });
    await publisher([odd], { signal });
    expect(sent()[0]?.data).toMatchObject({ big: '12345678901234567890', exact: '1.10', set: ['x', '2'], bytes: 'AQID', at: '1970-01-01T00:00:00.000Z' });
    expect(publisher.bytesOf(odd)).toBe((inputs()[0]?.Records?.[0]?.Data?.length ?? 0) + 2);
  });

  it('has the limits of PutRecords', () => {
    expect({ ...kinesisPublisher({ client }) }).toMatchObject({ maxEvents: 500, maxBytes: 5 * 1024 * 1024, maxEventBytes: 1024 * 1024 });
    expect({ ...kinesisPublisher({ client, maxRecordBytes: 10 * 1024 * 1024 }) }).toMatchObject({ maxBytes: 10 * 1024 * 1024, maxEventBytes: 10 * 1024 * 1024 });
    expect(() => kinesisPublisher({ maxRecordBytes: 0 })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });

  it('tells of each event that was not taken, by its code', async () => {
    mock.on(PutRecordsCommand).resolves({
      FailedRecordCount: 3,
      Records: [
        { SequenceNumber: '1', ShardId: 's' },
        { ErrorCode: 'ProvisionedThroughputExceededException', ErrorMessage: 'Rate exceeded for shard' },
        { ErrorCode: 'InternalFailure', ErrorMessage: 'Internal service failure.' },
        {},
      ],
    });
    const results = await kinesisPublisher({ client, streamName: 's' })(['a', 'b', 'c', 'd', 'e'].map((id) => event(id)), { signal });
    expect(results).toEqual([
      undefined,
      { error: expect.objectContaining({ name: 'ProvisionedThroughputExceededException', message: 'Rate exceeded for shard' }) },
      { error: expect.objectContaining({ name: 'InternalFailure' }) },
      { error: expect.anything() }, // says nothing
      { error: expect.anything() }, // is missing
    ]);
    expect(results.slice(1).map((result) => classifyError(result?.error))).toEqual(Array(4).fill('transient'));
  });

  it.each(['KMSAccessDeniedException', 'KMSDisabledException', 'KMSNotFoundException'])('takes %s for a matter of configuration', async (ErrorCode) => {
    mock.on(PutRecordsCommand).resolves({ FailedRecordCount: 1, Records: [{ ErrorCode }] });
    const [result] = await kinesisPublisher({ client, streamName: 's' })([event('a')], { signal });
    expect(classifyError(result?.error)).toBe('configuration');
  });

  it('hashes a partition key that is too long: the same key, the same shard', async () => {
    const long = 'k'.repeat(257);
    await kinesisPublisher({ client, streamName: 's' })([event('a', { partitionKey: long }), event('b', { partitionKey: 'k'.repeat(256) }), event('c', { partitionKey: long })], { signal });
    const hashed = createHash('sha256').update(long).digest('hex');
    expect(sent().map(({ key }) => key)).toEqual([hashed, 'k'.repeat(256), hashed]);
    expect(sent()[0]?.data).toMatchObject({ partitionKey: long });
  });

  it('takes a partition key of your own, and refuses an empty one', async () => {
    const publisher = kinesisPublisher({ client, streamName: 's', partitionKey: ({ room }) => room as string });
    await publisher([event('a', { room: 'r1', partitionKey: 'x' })], { signal });
    expect(sent().map(({ key }) => key)).toEqual(['r1']);
    expect(publisher.keyOf?.(event('a', { room: 'r1' }))).toBe('r1');
    for (const room of ['', undefined, 1]) expect(() => publisher.bytesOf(event('a', { room }))).toThrow(expect.objectContaining({ code: 'INVALID_PARTITION_KEY' }));
  });

  it('finds the stream: by ARN, by name, in the environment; without any it is a matter of configuration', async () => {
    process.env['STREAM_NAME'] = 'from-env';
    await kinesisPublisher({ client, streamArn: 'arn:aws:kinesis:x:1:stream/s' })([event('a')], { signal });
    await kinesisPublisher({ client })([event('a')], { signal });
    expect(inputs().map(({ StreamName, StreamARN }) => StreamARN ?? StreamName)).toEqual(['arn:aws:kinesis:x:1:stream/s', 'from-env']);
    delete process.env['STREAM_NAME'];
    const failure: unknown = await kinesisPublisher({ client })([event('a')], { signal }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'NO_STREAM' });
    expect(classifyError(failure)).toBe('configuration');
  });

  it('makes a client of its own at the first request, and one only', async () => {
    process.env['AWS_REGION'] ??= 'local';
    const publisher = kinesisPublisher({ streamName: 's' });
    await publisher([event('a')], { signal });
    await publisher([event('b')], { signal });
    expect(new Set(mock.commandCalls(PutRecordsCommand).map(({ thisValue }) => thisValue)).size).toBe(1);
  });

  it('gives the request the signal of the invocation', async () => {
    await kinesisPublisher({ client, streamName: 's' })([event('a')], { signal });
    expect(mock.commandCalls(PutRecordsCommand)[0]?.args).toEqual([expect.anything(), { abortSignal: signal }]);
  });
});
