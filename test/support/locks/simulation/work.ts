import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { TransactItem } from '../../../../src/locks';
import type { Held } from './held';
import { orGiveUp, sleep } from './sleep';
import { COUNTERS, KEY } from './store';
import type { User } from './user';

/** What a holder does: each counter is read, increased after `ms`, and written back. */
export type Work =
  | { readonly kind: 'pause'; readonly ms: number }
  | { readonly kind: 'heartbeat' }
  | { readonly kind: 'ensure'; readonly ms: number }
  /** Only under the lock, without a network in between. */
  | { readonly kind: 'count'; readonly ms: number }
  | { readonly kind: 'guard'; readonly ms: number }
  | { readonly kind: 'fence'; readonly ms: number };

const GIVE_UP_MS = 500;

/** What one task does under its locks. */
export const createWork = ({ ownerName, machine, store, client }: User) => {
  const { clock } = machine;
  let writes = 0;

  const ask = <T>(run: () => Promise<T>): Promise<T> => orGiveUp(clock, GIVE_UP_MS, run);
  /** `of`: the acquisition that guards the write. */
  const setCounter = (id: string, n: number, of?: string) => ({
    TableName: COUNTERS, Key: { [KEY]: id }, UpdateExpression: `SET n = :n, w = :w${of === undefined ? '' : ', guardedBy = :of'}`,
    ExpressionAttributeValues: { ':n': n, ':w': `${ownerName}/${clock.monotonic()}/${(writes += 1)}`, ...(of === undefined ? {} : { ':of': of }) },
  });
  const countOf = async (id: string): Promise<number> => {
    const { Item } = await ask(() => client.send(new GetCommand({ TableName: COUNTERS, Key: { [KEY]: id }, ConsistentRead: true })));
    return Number(Item?.n ?? 0);
  };

  const count = async (held: Held, key: string, ms: number): Promise<void> => {
    const id = `count/${key}`;
    if (!held.isHeld()) return;
    const n = Number(store.row(COUNTERS, id)?.n ?? 0);
    await sleep(clock, ms);
    if (held.isHeld()) store.execute('UpdateItem', setCounter(id, n + 1), ownerName);
  };
  /** The counters of several locks are written in one transaction. */
  const guard = async (locks: readonly { readonly held: Held; readonly key: string }[], write: (items: readonly TransactItem[]) => Promise<void>, ms: number): Promise<void> => {
    const counters: { readonly id: string; readonly of: string | undefined; readonly n: number }[] = [];
    for (const { held, key } of locks) counters.push({ id: `guard/${key}`, of: held.acquisitionId, n: await countOf(`guard/${key}`) });
    await sleep(clock, ms);
    await write(counters.map(({ id, n, of }) => ({ Update: setCounter(id, n + 1, of) })));
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

  return {
    guard,
    under: async (held: Held, key: string, step: Work): Promise<void> => {
      switch (step.kind) {
        case 'pause': return sleep(clock, step.ms);
        case 'heartbeat': return held.heartbeat();
        case 'ensure': return held.ensure(step.ms);
        case 'count': return count(held, key, step.ms);
        case 'guard': return guard([{ held, key }], async (items) => held.guard?.(items), step.ms);
        case 'fence': return fence(held, key, step.ms);
      }
    },
  };
};
