import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { memoryEngine } from 'oplock-stream/replay';
import { realSend, replaceSend } from './fake-send';
import { scan } from './scan';
import { differences, expectedRows, type ThingEvent } from './things';

/** Runs it into a table in memory, in which the items are already, and says what is wrong with the table that it leaves. */
export const intoMemory = async (tableName: string, before: readonly ThingEvent[], events: readonly ThingEvent[], run: () => Promise<void>): Promise<readonly string[]> => {
  replaceSend(realSend); // the engine's client is made of it
  const engine = memoryEngine();
  const { client } = engine;
  await engine.createTable({ name: tableName, partitionKey: 'pk', sortKey: 'sk' });
  for (const [pk, row] of expectedRows(before)) await client.send(new PutCommand({ TableName: tableName, Item: { pk, sk: 'thing', ...row } }));
  replaceSend((command) => client.send(command as never));
  await run();
  const rows = await scan(client, tableName);
  await engine.stop();
  return differences(expectedRows(events), rows);
};
