import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { BatchWriteCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { endpointEngine, localEngine, type Engine } from 'oplock-stream/replay';
import { differences, expectedRows, type ThingEvent, type ThingRow } from './things';

/** Where the sides write, out of their processes. */
export interface BenchEngine {
  readonly endpoint: string;
  /** A table with what these events left. */
  createTable(name: string, before: readonly ThingEvent[]): Promise<void>;
  /** What is not as these events should have left it. */
  wrong(name: string, events: readonly ThingEvent[]): Promise<readonly string[]>;
  /** Since the start, of all tables. Of the stub only. */
  counts(): Promise<Counts>;
  stop(): Promise<void>;
}

export interface Counts {
  /** HTTP requests that write. */
  readonly requests: number;
  /** Writes asked for, done or refused: write units, as items are smaller than 1 KB. */
  readonly writes: number;
}

const LOAD = 25;

const over = (engine: Engine, endpoint: string, stop: () => Promise<void>): BenchEngine => ({
  endpoint,
  stop,
  createTable: async (name, before) => {
    await engine.createTable({ name, partitionKey: 'pk', sortKey: 'sk' });
    const rows = [...expectedRows(before)].map(([pk, row]) => ({ pk, sk: 'thing', ...row }));
    for (let i = 0; i < rows.length; i += LOAD) {
      await engine.client.send(new BatchWriteCommand({ RequestItems: { [name]: rows.slice(i, i + LOAD).map((Item) => ({ PutRequest: { Item } })) } }));
    }
  },
  wrong: async (name, events) => differences(expectedRows(events), await scan(engine, name)),
  counts: async () => (await fetch(`${endpoint}/counts`)).json() as Promise<Counts>,
});

const scan = async ({ client }: Engine, name: string): Promise<readonly ThingRow[]> => {
  const rows: ThingRow[] = [];
  let from: Record<string, unknown> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await client.send(new ScanCommand({ TableName: name, ConsistentRead: true, ExclusiveStartKey: from }));
    rows.push(...Items);
    from = LastEvaluatedKey;
  } while (from);
  return rows;
};

export const startStub = async (): Promise<BenchEngine> => {
  const child = fork(fileURLToPath(new URL('stub.js', import.meta.url)), { execArgv: [] });
  const [{ port }] = await once(child, 'message') as [{ port: number }];
  const endpoint = `http://127.0.0.1:${port}`;
  const engine = endpointEngine(endpoint);
  return over(engine, endpoint, async () => {
    await engine.stop();
    const exit = once(child, 'exit');
    child.disconnect();
    await exit;
  });
};

/** Amazon's DynamoDB Local. Errors: `JAVA_MISSING`, and what else `localEngine` throws. */
export const startLocal = async (): Promise<BenchEngine> => {
  const local = await localEngine();
  const endpoint = local.endpoint ?? '';
  // Regions have tables of their own there.
  const engine = endpointEngine(endpoint, { region: 'eu-west-1' });
  return over(engine, endpoint, async () => {
    await engine.stop();
    await local.stop();
  });
};
