import type { KinesisStreamRecord } from 'aws-lambda';
import { parseArn } from './arn';
import { toShards, type ListedShard } from './shard-list';
import type { StreamSource } from './stream-source';

interface KinesisRecord {
  readonly SequenceNumber?: string | undefined;
  readonly PartitionKey?: string | undefined;
  readonly Data?: Uint8Array | undefined;
  readonly ApproximateArrivalTimestamp?: Date | undefined;
}

/** The calls of the SDK's `Kinesis` that are made. */
export interface KinesisReader {
  describeStreamSummary(input: { StreamName: string }, options?: { abortSignal?: AbortSignal }): Promise<{ StreamDescriptionSummary?: { StreamARN?: string | undefined } | undefined }>;
  listShards(input: { StreamName?: string; NextToken?: string }, options?: { abortSignal?: AbortSignal }): Promise<{ Shards?: ListedShard[] | undefined; NextToken?: string | undefined }>;
  getShardIterator(input: { StreamName: string; ShardId: string; ShardIteratorType: 'TRIM_HORIZON' | 'LATEST' | 'AFTER_SEQUENCE_NUMBER'; StartingSequenceNumber?: string }, options?: { abortSignal?: AbortSignal }): Promise<{ ShardIterator?: string | undefined }>;
  getRecords(input: { ShardIterator: string }, options?: { abortSignal?: AbortSignal }): Promise<{ Records?: KinesisRecord[] | undefined; NextShardIterator?: string | undefined; MillisBehindLatest?: number | undefined }>;
}

export interface KinesisStreamOptions {
  /** `new Kinesis(…)` of `@aws-sdk/client-kinesis`. */
  readonly client: KinesisReader;
  readonly streamName: string;
  /** `invokeIdentityArn` of the records. Default: a role named `lambda`, in the account of the stream. */
  readonly invokeIdentityArn?: string;
}

/** A stream of Kinesis Data Streams, for {@link eventSourceMapping}. */
export const kinesisStream = ({ client, streamName: StreamName, invokeIdentityArn }: KinesisStreamOptions): StreamSource<KinesisStreamRecord> => {
  let arn = '';
  const toLambda = (shardId: string, record: KinesisRecord): KinesisStreamRecord => {
    const { region, account, partition } = parseArn(arn);
    const sequenceNumber = record.SequenceNumber ?? '';
    return {
      kinesis: {
        kinesisSchemaVersion: '1.0',
        partitionKey: record.PartitionKey ?? '',
        sequenceNumber,
        data: base64(record.Data ?? new Uint8Array()),
        approximateArrivalTimestamp: Number(record.ApproximateArrivalTimestamp ?? 0) / 1000,
      },
      eventSource: 'aws:kinesis',
      eventVersion: '1.0',
      eventID: `${shardId}:${sequenceNumber}`,
      eventName: 'aws:kinesis:record',
      invokeIdentityArn: invokeIdentityArn ?? `arn:${partition}:iam::${account}:role/lambda`,
      awsRegion: region,
      eventSourceARN: arn,
    };
  };
  return {
    kind: 'kinesis',
    open: async (abortSignal) => {
      arn = (await client.describeStreamSummary({ StreamName }, { abortSignal })).StreamDescriptionSummary?.StreamARN ?? '';
      return arn;
    },
    shards: async (abortSignal) => {
      const listed: ListedShard[] = [];
      let NextToken: string | undefined;
      do {
        const page = await client.listShards(NextToken === undefined ? { StreamName } : { NextToken }, { abortSignal });
        listed.push(...(page.Shards ?? []));
        NextToken = page.NextToken;
      } while (NextToken !== undefined);
      return toShards(listed);
    },
    iterator: async (ShardId, from, abortSignal) => (await client.getShardIterator({
      StreamName, ShardId, ShardIteratorType: from.type,
      ...(from.type === 'AFTER_SEQUENCE_NUMBER' ? { StartingSequenceNumber: from.sequenceNumber } : {}),
    }, { abortSignal })).ShardIterator,
    read: async (shard, ShardIterator, abortSignal) => {
      const { Records = [], NextShardIterator, MillisBehindLatest = 0 } = await client.getRecords({ ShardIterator }, { abortSignal });
      return {
        records: Records.map((record) => toLambda(shard, record)),
        atTip: MillisBehindLatest === 0,
        // Some servers say null.
        ...(NextShardIterator ? { next: NextShardIterator } : {}),
      };
    },
    facts: ({ kinesis }) => ({
      sequenceNumber: kinesis.sequenceNumber, key: kinesis.partitionKey, time: kinesis.approximateArrivalTimestamp * 1000,
    }),
    filterable: ({ kinesis }) => ({ data: decodedData(kinesis.data) }),
    filterKeys: ['data'],
  };
};

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

/** Data that is JSON as what it says, other data as its text. */
const decodedData = (data: string): unknown => {
  const text = Buffer.from(data, 'base64').toString('utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
};
