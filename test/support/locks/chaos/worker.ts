import { setTimeout as sleep } from 'node:timers/promises';
import { GetCommand, UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { fence } from '../../../../src';
import type { Lock, LockClient } from '../../../../src/locks';
import type { Count } from '../checker';
import type { Beliefs } from './beliefs';

export interface Site {
  readonly keys: readonly string[];
  /** With the same accidents as the locks. */
  readonly client: DynamoDBDocumentClient;
  readonly countersTable: string;
  readonly beliefs: Beliefs;
  /** In this process, where a write takes no time: counted without any fence. */
  readonly memory: Map<string, number>;
  readonly counts: Count[];
  readonly random: () => number;
  readonly until: number;
}

/** What the accidents of the table come to. */
const EXPECTED_CODES = ['LOCK_TIMEOUT', 'LOCK_BACKEND', 'LOCK_LOST'];
const EXPECTED_NAMES = ['TimeoutError', 'ConditionalCheckFailedException', 'TransactionCanceledException', 'TransactionConflictException', 'TransactionInProgressException'];

const isExpected = (error: unknown): boolean => {
  const { code = '', name = '' } = error as { readonly code?: string; readonly name?: string };
  return EXPECTED_CODES.includes(code) || EXPECTED_NAMES.includes(name);
};

const orNothing = async <T>(run: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await run();
  } catch (error) {
    if (!isExpected(error)) throw error;
    return undefined;
  }
};

/** Acquires, counts, and releases or dies, until the time is up. */
export const runWorker = async (locks: LockClient, site: Site): Promise<void> => {
  const { keys, client, countersTable, beliefs, memory, counts, random, until } = site;
  let writes = 0;

  const setCounter = (id: string, n: number) => ({
    TableName: countersTable, Key: { key: id }, UpdateExpression: 'SET n = :n, w = :w', ExpressionAttributeValues: { ':n': n, ':w': `${locks.ownerName}/${(writes += 1)}` },
  });
  const unfenced = async (lock: Lock): Promise<void> => {
    const id = `memory/${lock.key}`;
    const n = (memory.get(id) ?? 0) + 1;
    await sleep(random() * 40);
    if (!lock.isHeld()) return;
    memory.set(id, n);
    counts.push({ id, value: n, write: `${locks.ownerName}/${(writes += 1)}` });
  };
  const guarded = async (lock: Lock): Promise<void> => {
    const id = `guard/${lock.key}`;
    const { Item } = await client.send(new GetCommand({ TableName: countersTable, Key: { key: id }, ConsistentRead: true }));
    await sleep(random() * 40);
    await lock.guard([{ Update: setCounter(id, Number(Item?.n ?? 0) + 1) }]);
  };
  /** The first write shuts out all earlier holders, so that what it reads will stay. */
  const fenced = async ({ key, fencingToken }: Lock): Promise<void> => {
    const id = `fence/${key}`;
    const { Attributes } = await client.send(new UpdateCommand({ ...fence(fencingToken).update({ TableName: countersTable, Key: { key: id } }), ReturnValues: 'ALL_NEW' }));
    await sleep(random() * 40);
    await client.send(new UpdateCommand(fence(fencingToken).update(setCounter(id, Number(Attributes?.n ?? 0) + 1))));
  };

  while (performance.now() < until) {
    let dead = false;
    const key = keys[Math.floor(random() * keys.length)] ?? '';
    const keepRenewing = () => !dead;
    const calledAt = performance.now();
    const lock = await orNothing(async () => {
      if (random() < 0.6) return locks.acquire(key, { waitMs: 200 + random() * 3_000, refreshMs: 80, keepRenewing });
      const tried = await locks.tryAcquire(key, { keepRenewing });
      return tried.acquired ? tried.lock : undefined;
    });
    if (!lock) {
      await sleep(random() * 60);
      continue;
    }
    const testimony = beliefs.granted(lock, calledAt);
    await unfenced(lock);
    // After an error nobody knows what was written, and each counter is written once.
    await orNothing(() => guarded(lock));
    if (lock.fencingToken !== undefined) await orNothing(() => fenced(lock));
    await sleep(random() * 150);
    dead = random() < 0.12;
    if (dead) continue;
    testimony.releaseCalled();
    testimony.released(await lock.release({ bestEffort: true }) as 'released');
  }
};
