import type { DynamoDBRecord } from 'aws-lambda';
import { parseArn } from './arn';
import { toLambdaRecord, type ApiRecord } from './dynamodb-record';
import { toShards, type ListedShard } from './shard-list';
import type { StreamSource } from './stream-source';

/** The calls of the SDK's `DynamoDBStreams` that are made. */
export interface DynamodbStreamsReader {
  describeStream(input: { StreamArn: string; ExclusiveStartShardId?: string }, options?: { abortSignal?: AbortSignal }): Promise<{ StreamDescription?: { Shards?: ListedShard[] | undefined; LastEvaluatedShardId?: string | undefined } | undefined }>;
  getShardIterator(input: { StreamArn: string; ShardId: string; ShardIteratorType: 'TRIM_HORIZON' | 'LATEST' | 'AFTER_SEQUENCE_NUMBER'; SequenceNumber?: string }, options?: { abortSignal?: AbortSignal }): Promise<{ ShardIterator?: string | undefined }>;
  getRecords(input: { ShardIterator: string }, options?: { abortSignal?: AbortSignal }): Promise<{ Records?: ApiRecord[] | undefined; NextShardIterator?: string | undefined }>;
}

export interface DynamodbStreamOptions {
  /** `new DynamoDBStreams(…)` of `@aws-sdk/client-dynamodb-streams`. */
  readonly client: DynamodbStreamsReader;
  /** `engine.streamArn(table)` tells it. */
  readonly streamArn: string;
  /** `awsRegion` of the records. Default: the one in the ARN, which DynamoDB Local calls `ddblocal`. */
  readonly region?: string;
}

/** The stream of a DynamoDB table, for {@link eventSourceMapping}. */
export const dynamodbStream = ({ client, streamArn: StreamArn, region = parseArn(StreamArn).region }: DynamodbStreamOptions): StreamSource<DynamoDBRecord> => ({
  kind: 'dynamodb',
  open: () => Promise.resolve(StreamArn),
  shards: async (abortSignal) => {
    const listed: ListedShard[] = [];
    let last: string | undefined;
    do {
      const { StreamDescription } = await client.describeStream({ StreamArn, ...(last === undefined ? {} : { ExclusiveStartShardId: last }) }, { abortSignal });
      listed.push(...(StreamDescription?.Shards ?? []));
      last = StreamDescription?.LastEvaluatedShardId;
    } while (last !== undefined);
    return toShards(listed);
  },
  iterator: async (ShardId, from, abortSignal) => (await client.getShardIterator({
    StreamArn, ShardId, ShardIteratorType: from.type,
    ...(from.type === 'AFTER_SEQUENCE_NUMBER' ? { SequenceNumber: from.sequenceNumber } : {}),
  }, { abortSignal })).ShardIterator,
  read: async (_shard, ShardIterator, abortSignal) => {
    const { Records = [], NextShardIterator } = await client.getRecords({ ShardIterator }, { abortSignal });
    return {
      records: Records.map((record) => toLambdaRecord(record, StreamArn, region)),
      // The API does not tell how far behind a page is; nothing there is the best sign.
      atTip: Records.length === 0,
      ...(NextShardIterator ? { next: NextShardIterator } : {}),
    };
  },
  facts: ({ dynamodb }) => ({
    sequenceNumber: dynamodb?.SequenceNumber ?? '',
    key: keyOf(dynamodb?.Keys ?? {}),
    time: (dynamodb?.ApproximateCreationDateTime ?? 0) * 1000,
  }),
  filterable: (record) => record,
});

/** The whole key of the item, whatever the order of its attributes. */
const keyOf = (keys: Readonly<Record<string, unknown>>): string =>
  JSON.stringify(Object.entries(keys).sort(([a], [b]) => (a < b ? -1 : 1)));
