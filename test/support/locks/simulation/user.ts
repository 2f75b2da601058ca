import { GetCommand, UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Actor, Held, Wish } from './held';
import type { Machine } from './machine';
import { orGiveUp, sleep } from './sleep';
import { COUNTERS, KEY, type Store } from './store';
import type { VirtualTime } from './virtual-time';
import type { Witness } from './witness';

/** What a holder does: each counter is read, increased after `ms`, and written back. */
export type Work =
  | { readonly kind: 'pause'; readonly ms: number }
  | { readonly kind: 'heartbeat' }
  | { readonly kind: 'ensure'; readonly ms: number }
  /** Only under the lock, without a network in between. */
  | { readonly kind: 'count'; readonly ms: number }
  | { readonly kind: 'guard'; readonly ms: number }
  | { readonly kind: 'fence'; readonly ms: number };

export interface Session {
  readonly id: string;
  readonly after: number;
  readonly wish: Wish;
  readonly work: readonly Work[];
  /** Otherwise it is left to close(). */
  readonly release: boolean;
}

export interface User {
  readonly actor: Actor;
  readonly ownerName: string;
  readonly machine: Machine;
  readonly store: Store;
  readonly client: DynamoDBDocumentClient;
  readonly time: VirtualTime;
  readonly witness: Witness;
  /** Something was not as the clients promise. */
  readonly onProblem: (problem: string) => void;
}

const GIVE_UP_MS = 500;

/** Errors of a holder's work that the world can cause. */
const EXPECTED = ['LOCK_LOST', 'LOCK_BACKEND', 'LOCK_MISUSE', 'LOCK_CLIENT_CLOSED'];
const EXPECTED_NAMES = [
  'TimeoutError', 'AbortError', 'ConditionalCheckFailedException', 'TransactionCanceledException', 'InternalServerError', 'ServiceUnavailable',
  'ThrottlingException', 'ProvisionedThroughputExceededException', 'TransactionConflictException',
];

const isExpected = (error: unknown): boolean => {
  const { code = '', name = '' } = error as { readonly code?: string; readonly name?: string };
  return EXPECTED.includes(code) || code === 'ECONNRESET' || EXPECTED_NAMES.includes(name);
};

/** Runs one task of a node: its sessions, one after the other. */
export const runSessions = async (user: User, sessions: readonly Session[]): Promise<void> => {
  const { actor, ownerName, machine, store, client, time, witness, onProblem } = user;
  const { clock } = machine;
  let writes = 0;

  const ask = <T>(run: () => Promise<T>): Promise<T> => orGiveUp(clock, GIVE_UP_MS, run);
  const setCounter = (id: string, n: number) => ({
    TableName: COUNTERS, Key: { [KEY]: id }, UpdateExpression: 'SET n = :n, w = :w',
    ExpressionAttributeValues: { ':n': n, ':w': `${ownerName}/${clock.monotonic()}/${(writes += 1)}` },
  });

  const count = async (held: Held, key: string, ms: number): Promise<void> => {
    const id = `count/${key}`;
    if (!held.isHeld()) return;
    const n = Number(store.row(COUNTERS, id)?.n ?? 0);
    await sleep(clock, ms);
    if (held.isHeld()) store.execute('UpdateItem', setCounter(id, n + 1), ownerName);
  };
  const guard = async (held: Held, key: string, ms: number): Promise<void> => {
    const id = `guard/${key}`;
    const { Item } = await ask(() => client.send(new GetCommand({ TableName: COUNTERS, Key: { [KEY]: id }, ConsistentRead: true })));
    await sleep(clock, ms);
    await held.guard?.([{ Update: setCounter(id, Number(Item?.n ?? 0) + 1) }]);
  };
  /** The first write shuts out all earlier holders, so that what it reads will stay. */
  const fence = async ({ fencingToken }: Held, key: string, ms: number): Promise<void> => {
    const id = `fence/${key}`;
    if (fencingToken === undefined) throw new Error('no fencing token');
    const { Attributes } = await ask(() => client.send(new UpdateCommand({
      TableName: COUNTERS, Key: { [KEY]: id }, UpdateExpression: 'SET fence = :f', ConditionExpression: 'attribute_not_exists(fence) OR fence <= :f',
      ExpressionAttributeValues: { ':f': fencingToken }, ReturnValues: 'ALL_NEW',
    })));
    await sleep(clock, ms);
    const { ExpressionAttributeValues, ...update } = setCounter(id, Number(Attributes?.n ?? 0) + 1);
    await ask(() => client.send(new UpdateCommand({
      ...update, ConditionExpression: 'fence = :f', ExpressionAttributeValues: { ...ExpressionAttributeValues, ':f': fencingToken },
    })));
  };
  const work = (held: Held, id: string, step: Work): Promise<void> => {
    switch (step.kind) {
      case 'pause': return sleep(clock, step.ms);
      case 'heartbeat': return held.heartbeat();
      case 'ensure': return held.ensure(step.ms);
      case 'count': return count(held, id, step.ms);
      case 'guard': return guard(held, id, step.ms);
      case 'fence': return fence(held, id, step.ms);
    }
  };
  /** After an error nobody knows what was written, so nothing more is. */
  const tolerantly = async (what: string, run: () => Promise<void>): Promise<void> => {
    try {
      await run();
    } catch (error) {
      if (!isExpected(error)) onProblem(`${what}: ${error instanceof Error ? error.stack ?? error.message : String(error)}`);
    }
  };

  for (const { id, after, wish, work: steps, release } of sessions) {
    await sleep(clock, after);
    const calledAt = time.now();
    let held: Held | undefined;
    await tolerantly('acquire', async () => { held = await actor.acquire(id, wish); });
    if (!held) continue;
    const lock = held;
    const testimony = witness.granted({ id, ownerName, machine, held: lock, calledAt });
    await tolerantly('work', async () => { for (const step of steps) await work(lock, id, step); });
    if (!release) continue;
    await tolerantly('release', async () => {
      testimony.releaseCalled();
      testimony.released(await lock.release());
    });
  }
};
