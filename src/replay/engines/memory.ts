import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { OplockStreamError } from '../../errors';
import { localCredentials } from './client-engine';
import type { Engine } from './engine';
import { createDatabase } from './memory/data/database';
import { sendDirectly } from './memory/direct-send';
import { execute } from './memory/execute';
import { memoryRequestHandler } from './memory/request-handler';
import { createTable, dropTable, scanTable, streamArn } from './tables';

/**
 * A test double of DynamoDB within this process: nothing to start, no port, tens of thousands of writes per second.
 * Its client is a real document client, so requests, answers and errors have the shapes of the wire.
 * Items, conditions, updates, queries, batches, transactions, and UPDATE and INSERT in PartiQL are there. Streams,
 * indexes and other PartiQL are not: asking for them is an error, `MEMORY_ENGINE_UNSUPPORTED`. Nothing expires, and
 * nothing is throttled.
 */
export const memoryEngine = (): Engine => {
  const database = createDatabase();
  let stopped = false;
  const run = (operation: string, input: object): object => {
    if (stopped) throw new OplockStreamError('ENGINE_STOPPED', 'The in-memory engine was stopped, and its tables are gone. Make another one with memoryEngine().');
    return execute(database, operation, input);
  };
  const connection = { region: 'local', credentials: localCredentials, requestHandler: memoryRequestHandler(run) };
  const raw = new DynamoDBClient(connection);
  const client = DynamoDBDocumentClient.from(raw, { marshallOptions: { removeUndefinedValues: true } });
  sendDirectly(raw, run);
  sendDirectly(client, run);
  return {
    name: 'memory',
    client,
    connection,
    createTable: (spec) => createTable(raw, spec),
    dropTable: (name) => dropTable(raw, name),
    streamArn: (table) => streamArn(raw, table),
    scan: (table) => scanTable(raw, table),
    stop: async () => {
      stopped = true;
      database.tables.clear();
      client.destroy();
    },
  };
};
