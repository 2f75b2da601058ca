import { randomUUID } from 'node:crypto';
import { GetRecordsCommand, GetShardIteratorCommand, KinesisClient, ListShardsCommand, type GetRecordsCommandOutput, type _Record } from '@aws-sdk/client-kinesis';
import type { KinesisStreamEvent } from 'aws-lambda';
import { kinesisEngine as startEngine } from '../../src/replay/engines/kinesis';

export interface KinesisEngine {
  readonly client: KinesisClient;
  /** Makes a stream and gives its name. */
  createStream(shards?: number): Promise<string>;
  /** All records of a stream, shard by shard. */
  read(stream: string): Promise<readonly _Record[]>;
  stop(): Promise<void>;
}

/** The public engine, with a client and what these tests do with it. */
export const kinesisEngine = async (): Promise<KinesisEngine> => {
  const engine = await startEngine();
  const client = new KinesisClient(engine.connection);
  return {
    client,
    createStream: async (shardCount = 2) => {
      const name = `events-${randomUUID()}`;
      await engine.createStream({ name, shardCount });
      return name;
    },
    read: async (StreamName) => {
      const records: _Record[] = [];
      for (const { ShardId } of (await client.send(new ListShardsCommand({ StreamName }))).Shards ?? []) {
        let { ShardIterator } = await client.send(new GetShardIteratorCommand({ StreamName, ShardId, ShardIteratorType: 'TRIM_HORIZON' }));
        while (ShardIterator) {
          const page: GetRecordsCommandOutput = await client.send(new GetRecordsCommand({ ShardIterator }));
          records.push(...(page.Records ?? []));
          ShardIterator = page.Records?.length ? page.NextShardIterator : undefined;
        }
      }
      return records;
    },
    stop: async () => {
      client.destroy();
      await engine.stop();
    },
  };
};

/** The event that Lambda makes of records of one shard. */
export const toLambdaKinesis = (records: readonly _Record[]): KinesisStreamEvent => ({
  Records: records.map(({ SequenceNumber = '', PartitionKey = '', Data = new Uint8Array(), ApproximateArrivalTimestamp }) => ({
    eventID: `shardId-000000000000:${SequenceNumber}`,
    eventName: 'aws:kinesis:record',
    eventVersion: '1.0',
    eventSource: 'aws:kinesis',
    eventSourceARN: 'arn:aws:kinesis:local:000000000000:stream/events',
    awsRegion: 'local',
    invokeIdentityArn: 'arn:aws:iam::000000000000:role/lambda',
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey: PartitionKey,
      sequenceNumber: SequenceNumber,
      data: Buffer.from(Data).toString('base64'),
      approximateArrivalTimestamp: Number(ApproximateArrivalTimestamp) / 1000,
    },
  })),
});
