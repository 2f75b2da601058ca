import { DeleteCommand, GetCommand, PutCommand, UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { LockClock } from '../../../src/locks/clock';
import { pause } from '../../../src/locks/clock';
import type { LockRequest, Row } from '../../../src/locks/table/request';
import { javaAcquire, javaDelete, javaHeartbeat, javaKeep, readJava, type JavaItem, type JavaSchema } from './java-model';

export interface JavaClientOptions {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly schema: JavaSchema;
  readonly clock: LockClock;
  readonly ownerName: string;
  readonly newId: () => string;
  readonly leaseMs: number;
  /** Up to 1.4.0. */
  readonly old?: boolean;
}

export interface JavaWish {
  readonly refreshMs?: number;
  readonly additionalWaitMs?: number;
  readonly data?: Uint8Array;
  readonly replaceData?: boolean;
  readonly additional?: Row;
  readonly updateExisting?: boolean;
  readonly consistent?: boolean;
}

export interface JavaHeld {
  readonly item: JavaItem;
  heartbeat(options?: { readonly leaseMs?: number; readonly data?: Uint8Array | null }): Promise<void>;
  release(mode: 'keep' | 'delete', data?: Uint8Array): Promise<boolean>;
}

const isRefusal = (error: unknown): boolean => (error as Error).name === 'ConditionalCheckFailedException';

/** The Java client, by hand: no thread in the background. An acquisition that is not granted is undefined. */
export const javaClient = ({ client, tableName, schema, clock, ownerName, newId, leaseMs, old = false }: JavaClientOptions) => {
  const send = async (request: LockRequest): Promise<void> => {
    const input = { TableName: tableName, ...request.input } as never;
    await client.send((request.op === 'put' ? new PutCommand(input) : request.op === 'update' ? new UpdateCommand(input) : new DeleteCommand(input)) as PutCommand);
  };
  const read = async (key: Row): Promise<JavaItem | undefined> => {
    const { Item } = await client.send(new GetCommand({ TableName: tableName, Key: key, ConsistentRead: true }));
    return Item && readJava(schema, Item);
  };
  const take = async (key: Row, found: JavaItem | undefined, wish: JavaWish): Promise<JavaHeld> => {
    const rvn = newId();
    const kept = wish.replaceData === false ? found?.data : undefined;
    const data = kept ?? wish.data;
    const lock = { schema, key, ownerName };
    await send(javaAcquire({ ...lock, rvn, leaseMs, data, additional: wish.additional, updateExisting: wish.updateExisting, consistent: wish.consistent, old }, found));
    let mine = rvn;
    return {
      item: { ownerName, rvn, leaseMs, data, isReleased: false, additional: wish.additional ?? {} },
      heartbeat: async (options = {}) => {
        const next = newId();
        await send(javaHeartbeat(lock, mine, { next, leaseMs: options.leaseMs ?? leaseMs, data: options.data }));
        mine = next;
      },
      release: (mode, last) => send(mode === 'delete' ? javaDelete(lock, mine) : javaKeep(lock, mine, last)).then(() => true, (error: unknown) => {
        if (!isRefusal(error)) throw error;
        return false;
      }),
    };
  };
  return {
    read,
    /** Java's second half of an acquisition, for races: writes on the strength of what was read before. */
    take,
    acquire: async (key: Row, wish: JavaWish = {}): Promise<JavaHeld | undefined> => {
      const start = clock.monotonic();
      let wait = wish.additionalWaitMs ?? 1_000;
      let seen: { readonly rvn: string; readonly at: number } | undefined;
      for (;;) {
        const row = await read(key);
        const at = clock.monotonic();
        try {
          if (!row || row.isReleased) return await take(key, row, wish);
          if (!seen) wait += row.leaseMs;
          else if (seen.rvn === row.rvn && at - seen.at > row.leaseMs) return await take(key, row, wish);
          if (seen?.rvn !== row.rvn) seen = { rvn: row.rvn, at };
        } catch (error) {
          if (!isRefusal(error)) throw error;
        }
        if (clock.monotonic() - start > wait) return undefined;
        await pause(clock, wish.refreshMs ?? 1_000);
      }
    },
  };
};
