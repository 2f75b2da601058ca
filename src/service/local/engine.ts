import { UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { isOplockStreamError } from 'oplock-stream';
import { embeddedEngine, endpointEngine, localEngine, type Engine, type TableSpec } from 'oplock-stream/replay';
import type { TableDefinition } from './service-definition';

export interface LocalEngine {
  readonly name: 'local' | 'embedded';
  readonly endpoint: string;
  /** Its tables, as the functions see them. */
  readonly tables: Engine;
  /** @returns the ARN of its stream, where it has one */
  createTable(name: string, table: TableDefinition): Promise<string | undefined>;
  stop(): Promise<void>;
}

/** DynamoDB Local, whose tables have streams; without Java the embedded engine, whose tables have none. */
export const startEngine = async (region: string, port?: number): Promise<LocalEngine> => {
  const server = await startLocal(port);
  const { endpoint = '' } = server;
  // Tables of DynamoDB Local belong to a key and a region: these are the functions' own.
  const tables = endpointEngine(endpoint, { region });
  const hasStreams = server.name === 'local';
  return {
    name: hasStreams ? 'local' : 'embedded',
    endpoint,
    tables,
    createTable: async (name, { partitionKey, sortKey, stream, ttlAttribute }) => {
      const withStream = stream !== undefined && hasStreams;
      await tables.createTable({ name, partitionKey, ...(sortKey && { sortKey }), ...(withStream && { stream: stream as NonNullable<TableSpec['stream']> }) });
      if (ttlAttribute !== undefined && hasStreams) {
        await tables.client.send(new UpdateTimeToLiveCommand({ TableName: name, TimeToLiveSpecification: { AttributeName: ttlAttribute, Enabled: true } }));
      }
      return withStream ? tables.streamArn(name) : undefined;
    },
    stop: async () => {
      await tables.stop();
      await server.stop();
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
