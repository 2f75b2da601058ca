import { DynamoDBDocumentClient, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { memoryEngine } from 'oplock-stream/replay';
import { differences, expectedRows, type ThingEvent } from './things';

interface Input {
  readonly Statements?: readonly unknown[];
}

export type Send = (command: { readonly input: Input }) => Promise<object>;

const documentClients = DynamoDBDocumentClient.prototype as unknown as { send: Send };
const real = documentClients.send;

/** What stands in for the network. All sides, ours too, send through this one method. */
export const replaceSend = (send: Send): void => {
  documentClients.send = send;
};

const OK = { $metadata: {} };

/** Takes every write at once and forgets it. */
export const nullSend = (): { readonly taken: () => number; readonly send: Send } => {
  let writes = 0;
  return {
    taken: () => {
      const before = writes;
      writes = 0;
      return before;
    },
    send: async ({ input: { Statements } }) => {
      writes += Statements?.length ?? 1;
      return Statements ? { ...OK, Responses: Statements.map(() => ({})) } : OK;
    },
  };
};

/** Runs it into a table in memory, in which the items are already, and says what is wrong with the table that it leaves. */
export const intoMemory = async (tableName: string, before: readonly ThingEvent[], events: readonly ThingEvent[], run: () => Promise<void>): Promise<readonly string[]> => {
  documentClients.send = real;
  const engine = memoryEngine();
  await engine.createTable({ name: tableName, partitionKey: 'pk', sortKey: 'sk' });
  const { client } = engine;
  for (const [pk, row] of expectedRows(before)) {
    await client.send(new PutCommand({ TableName: tableName, Item: { pk, sk: 'thing', ...row } }));
  }
  replaceSend((command) => client.send(command as never));
  await run();
  const { Items = [] } = await client.send(new ScanCommand({ TableName: tableName }));
  await engine.stop();
  return differences(expectedRows(events), Items);
};
