import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand, DynamoDBStreamsClient, GetRecordsCommand, GetShardIteratorCommand, type GetRecordsCommandOutput,
  type _Record as StreamRecord,
} from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import type { Engine } from '../../src/replay/engines/engine';
import { tableName } from './engines';

export type ViewType = 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES';

/** The event that Lambda makes of stream records: binary as base64, times as seconds. */
export const toLambdaEvent = (records: readonly StreamRecord[], eventSourceARN: string): DynamoDBStreamEvent =>
  JSON.parse(
    JSON.stringify({
      Records: records.map(({ dynamodb, ...record }) => ({
        ...record,
        eventSourceARN,
        dynamodb: { ...dynamodb, ApproximateCreationDateTime: Math.floor(Number(dynamodb?.ApproximateCreationDateTime) / 1000) },
      })),
    }, (_name, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value)),
  ) as DynamoDBStreamEvent;

/** All that the stream has recorded so far, shard by shard. */
export const readStream = async (engine: Pick<Engine, 'connection'>, arn: string): Promise<StreamRecord[]> => {
  const streams = new DynamoDBStreamsClient(engine.connection);
  const records: StreamRecord[] = [];
  try {
    const shards = (await streams.send(new DescribeStreamCommand({ StreamArn: arn }))).StreamDescription?.Shards ?? [];
    for (const { ShardId } of shards) {
      let { ShardIterator: iterator } = await streams.send(new GetShardIteratorCommand({ StreamArn: arn, ShardId, ShardIteratorType: 'TRIM_HORIZON' }));
      while (iterator) {
        const page: GetRecordsCommandOutput = await streams.send(new GetRecordsCommand({ ShardIterator: iterator }));
        records.push(...(page.Records ?? []));
        iterator = page.Records?.length ? page.NextShardIterator : undefined;
      }
    }
    return records;
  } finally {
    streams.destroy();
  }
};

/** Makes a table (pk, sk) with a stream on DynamoDB Local, lets `change` work on it, and returns what the stream recorded. */
export const recordChanges = async (engine: Engine, viewType: ViewType, change: (table: string) => Promise<void>): Promise<{ table: string; records: StreamRecord[]; arn: string }> => {
  const client = new DynamoDBClient({ endpoint: engine.endpoint ?? '', region: 'local', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
  const table = tableName('rows');
  try {
    await client.send(new CreateTableCommand({
      TableName: table, BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }, { AttributeName: 'sk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }, { AttributeName: 'sk', KeyType: 'RANGE' }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: viewType },
    }));
    await change(table);
    const arn = (await client.send(new DescribeTableCommand({ TableName: table }))).Table?.LatestStreamArn ?? '';
    const records = await readStream(engine, arn);
    return { table, records, arn };
  } finally {
    client.destroy();
  }
};
