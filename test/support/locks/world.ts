import { DeleteCommand, PutCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { fromAttributeMap } from '../../../src/attribute-value';
import { memoryEngine } from '../../../src/replay/engines/memory';
import { createLockClient } from '../../../src/locks/lease/client';
import type { LockClientOptions } from '../../../src/locks/lease/types';
import { tableName } from '../engines';
import { fakeClock, type FakeClock } from './fake-clock';

export interface Trouble {
  /** Before the request is executed: throw to refuse it, wait to delay it. */
  before?: (command: { readonly input: Readonly<Record<string, unknown>>; readonly constructor: { readonly name: string } }) => void | Promise<void>;
  /** After it was executed: throw to lose the answer. */
  after?: (command: { readonly input: Readonly<Record<string, unknown>>; readonly constructor: { readonly name: string } }) => void | Promise<void>;
}

export interface LockWorld {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  readonly clock: FakeClock;
  /** The names of the requests, in order, since this was last asked. */
  readonly requests: () => string[];
  readonly trouble: Trouble;
  readonly locks: (options?: Partial<LockClientOptions>) => ReturnType<typeof createLockClient>;
  readonly put: (row: Readonly<Record<string, unknown>>) => Promise<unknown>;
  /** An operator deletes the row of a lock. */
  readonly remove: (key: string) => Promise<unknown>;
  /** The rows as they are. */
  readonly rows: () => Promise<readonly Readonly<Record<string, unknown>>[]>;
}

/** A table in memory, a clock that the test moves, and clients on both. */
export const lockWorld = async ({ sortKey }: { readonly sortKey?: string } = {}): Promise<LockWorld> => {
  const engine = memoryEngine();
  const table = tableName('locks');
  await engine.createTable({ name: table, partitionKey: 'key', sortKey: sortKey ?? null });
  let underWay = 0;
  const clock = fakeClock(undefined, () => underWay > 0);
  const trouble: Trouble = {};
  const sent: string[] = [];
  let ids = 0;
  const client = {
    config: {},
    send: async (command: never, options: never) => {
      const { constructor } = command as { readonly constructor: { readonly name: string } };
      sent.push(constructor.name.replace(/^Exact|Command$/g, ''));
      await trouble.before?.(command);
      underWay += 1;
      const result: unknown = await engine.client.send(command, options).finally(() => { underWay -= 1; });
      await trouble.after?.(command);
      return result;
    },
  } as unknown as DynamoDBDocumentClient;
  return {
    client, table, clock, trouble,
    requests: () => sent.splice(0),
    locks: (options = {}) => createLockClient({
      client, tableName: table, clock, leaseMs: 10_000, random: () => 0.5, newId: () => `id-${(ids += 1)}`,
      ...(sortKey === undefined ? {} : { sortKeyName: sortKey }),
      logger: { debug: () => {}, warn: () => {}, error: () => {} },
      ...options,
    }),
    put: (Item) => engine.client.send(new PutCommand({ TableName: table, Item })),
    remove: (key) => engine.client.send(new DeleteCommand({ TableName: table, Key: { key } })),
    rows: async () => (await engine.scan(table)).map((row) => fromAttributeMap(row)),
  };
};

/** A promise whose end the test can see. */
export const watched = <T>(promise: Promise<T>) => {
  const state: { value?: T; error?: unknown; ended: boolean } = { ended: false };
  promise.then((value) => { Object.assign(state, { value, ended: true }); }, (error: unknown) => { Object.assign(state, { error, ended: true }); });
  return state;
};
