import { CreateTableCommand, DynamoDBClient, UpdateTimeToLiveCommand, type StreamViewType } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { isOplockStreamError } from 'oplock-stream';
import { embeddedEngine, localEngine, type Engine } from 'oplock-stream/replay';
import type { TableDefinition } from './service-definition';

export interface LocalEngine {
  readonly name: 'local' | 'embedded';
  readonly endpoint: string;
  readonly client: DynamoDBDocumentClient;
  /** @returns the ARN of its stream, where it has one */
  createTable(name: string, table: TableDefinition): Promise<string | undefined>;
  stop(): Promise<void>;
}

/** DynamoDB Local, whose tables have streams; without Java the embedded engine, whose tables have none. */
export const startEngine = async (region: string, port?: number): Promise<LocalEngine> => {
  const engine = await startLocal(port);
  const endpoint = engine.endpoint ?? '';
  // Tables of DynamoDB Local belong to a key and a region: these are the functions' own.
  const raw = new DynamoDBClient({ endpoint, region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
  const hasStreams = engine.name === 'local';
  return {
    name: hasStreams ? 'local' : 'embedded',
    endpoint,
    client: DynamoDBDocumentClient.from(raw),
    createTable: async (name, { partitionKey, sortKey, stream, ttlAttribute }) => {
      const keys = sortKey ? [partitionKey, sortKey] : [partitionKey];
      const { TableDescription: table } = await raw.send(new CreateTableCommand({
        TableName: name,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: keys.map((key) => ({ AttributeName: key.name, AttributeType: key.type })),
        KeySchema: keys.map((key, at) => ({ AttributeName: key.name, KeyType: at === 0 ? 'HASH' : 'RANGE' })),
        ...(stream !== undefined && hasStreams && { StreamSpecification: { StreamEnabled: true, StreamViewType: stream as StreamViewType } }),
      }));
      if (ttlAttribute !== undefined && hasStreams) {
        await raw.send(new UpdateTimeToLiveCommand({ TableName: name, TimeToLiveSpecification: { AttributeName: ttlAttribute, Enabled: true } }));
      }
      return hasStreams ? table?.LatestStreamArn : undefined;
    },
    stop: async () => {
      raw.destroy();
      await engine.stop();
    },
  };
};

const startLocal = async (port: number | undefined): Promise<Engine> => {
  const options = port === undefined ? {} : { port };
  try {
    return await localEngine(options);
  } catch (error) {
    if (isOplockStreamError(error) && (error.code === 'JAVA_MISSING' || error.code === 'DEPENDENCY_MISSING')) return embeddedEngine(options);
    throw error;
  }
};
