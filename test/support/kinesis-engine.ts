import { createRequire } from 'node:module';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateStreamCommand, GetRecordsCommand, GetShardIteratorCommand, KinesisClient, ListShardsCommand, type GetRecordsCommandOutput, type _Record } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { KinesisStreamEvent } from 'aws-lambda';
import { randomUUID } from 'node:crypto';

export interface KinesisEngine {
  readonly client: KinesisClient;
  /** Makes a stream and gives its name. */
  createStream(shards?: number): Promise<string>;
  /** All records of a stream, shard by shard. */
  read(stream: string): Promise<readonly _Record[]>;
  stop(): Promise<void>;
}

/** kinesalite, in process. It speaks HTTP/1.1, and the SDK's own handler for Kinesis HTTP/2. */
export const kinesisEngine = async (): Promise<KinesisEngine> => {
  const kinesalite = createRequire(__filename)('kinesalite') as (options: { createStreamMs: number }) => Server;
  const server = kinesalite({ createStreamMs: 0 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = new KinesisClient({
    endpoint: `http://127.0.0.1:${port}`, region: 'local', credentials: { accessKeyId: 'local', secretAccessKey: 'local' }, requestHandler: new NodeHttpHandler(),
  });
  return {
    client,
    createStream: async (shards = 2) => {
      const StreamName = `events-${randomUUID()}`;
      await client.send(new CreateStreamCommand({ StreamName, ShardCount: shards }));
      while (((await client.send(new ListShardsCommand({ StreamName }))).Shards ?? []).length < shards) await new Promise((resolve) => setTimeout(resolve, 5));
      return StreamName;
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
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
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
