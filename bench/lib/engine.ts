import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { endpointEngine, localEngine, type Engine, type TableSpec } from 'oplock-stream/replay';
import type { Skipped } from './result';
import { scan } from './scan';
import { differences, expectedRows, type ThingEvent } from './things';

/** Where the sides write, out of their processes. */
export interface BenchEngine {
  readonly endpoint: string;
  /** A table with what these events left. */
  createTable(name: string, before: readonly ThingEvent[]): Promise<void>;
  /** An empty table with keys of its own. */
  createEmpty(spec: TableSpec): Promise<void>;
  /** What is not as these events should have left it. */
  wrong(name: string, events: readonly ThingEvent[]): Promise<readonly string[]>;
  /** Since the start, of all tables; zeros where nobody counts. */
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

const over = (engine: Engine, endpoint: string, counts: BenchEngine['counts'], stop: () => Promise<void>): BenchEngine => ({
  endpoint,
  stop,
  createTable: async (name, before) => {
    await engine.createTable({ name, partitionKey: 'pk', sortKey: 'sk' });
    const rows = [...expectedRows(before)].map(([pk, row]) => ({ pk, sk: 'thing', ...row }));
    for (let i = 0; i < rows.length; i += LOAD) {
      await engine.client.send(new BatchWriteCommand({ RequestItems: { [name]: rows.slice(i, i + LOAD).map((Item) => ({ PutRequest: { Item } })) } }));
    }
  },
  createEmpty: (spec) => engine.createTable(spec),
  wrong: async (name, events) => differences(expectedRows(events), await scan(engine.client, name)),
  counts,
});

export const startStub = async (): Promise<BenchEngine> => {
  const child = fork(fileURLToPath(new URL('stub.js', import.meta.url)), { execArgv: [] });
  const [{ port }] = await once(child, 'message') as [{ port: number }];
  const endpoint = `http://127.0.0.1:${port}`;
  const engine = endpointEngine(endpoint);
  return over(engine, endpoint, async () => (await fetch(`${endpoint}/counts`)).json() as Promise<Counts>, async () => {
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
  return over(engine, endpoint, async () => ({ requests: 0, writes: 0 }), async () => {
    await engine.stop();
    await local.stop();
  });
};

/** Runs it with an engine, which is stopped at the end. */
export const withEngine = async <T>(start: () => Promise<BenchEngine>, use: (engine: BenchEngine) => Promise<T>): Promise<T> => {
  const engine = await start();
  try {
    return await use(engine);
  } finally {
    await engine.stop();
  }
};

/** Runs a row with DynamoDB Local; without Java it is skipped. */
export const onLocal = async <T>({ id, title }: { readonly id: string; readonly title: string }, use: (engine: BenchEngine) => Promise<T>): Promise<T | Skipped> => {
  try {
    return await withEngine(startLocal, use);
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'JAVA_MISSING') throw error;
    return { id, title, skipped: 'it needs Java 17 or newer, and there is none' };
  }
};
