import { DeleteCommand, GetCommand, PutCommand, UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { LockClock } from '../../../../src/locks/clock';
import type { Image } from '../checker';
import type { Actor, Held, Wish } from './held';
import { orGiveUp, sleep } from './sleep';
import { KEY, LOCKS } from './store';

export interface JavaOptions {
  readonly client: DynamoDBDocumentClient;
  readonly clock: LockClock;
  readonly ownerName: string;
  readonly newId: () => string;
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  readonly requestTimeoutMs: number;
  /** Up to 1.4.0, an update of an expired row left `isReleased` in it. */
  readonly old: boolean;
}

interface Mine {
  readonly id: string;
  rvn: string;
  lookupTime: number;
  dropped: boolean;
}

const NOT_GRANTED = ['ConditionalCheckFailedException', 'ProvisionedThroughputExceededException'];
const NETWORK = ['TimeoutError', 'AbortError'];

const nameOf = (error: unknown): string => String((error as { readonly name?: unknown }).name);
const isNetwork = (error: unknown): boolean => NETWORK.includes(nameOf(error)) || (error as { readonly code?: unknown }).code === 'ECONNRESET';

/** What the Java client asks of the table, step by step (LOCKS 1.3 to 1.6), on a monotonic clock only. */
export const javaPeer = ({ client, clock, ownerName, newId, leaseMs, heartbeatMs, requestTimeoutMs, old }: JavaOptions): Actor => {
  const mine = new Set<Mine>();
  let closed = false;
  let wake: { cancel(): void } | undefined;

  const send = <T>(run: () => Promise<T>): Promise<T> => orGiveUp(clock, requestTimeoutMs, run);
  const isValid = (lock: Mine): boolean => !lock.dropped && clock.monotonic() - lock.lookupTime < leaseMs;
  const mineStill = { ConditionExpression: 'attribute_exists(#k) AND rvn = :mine AND ownerName = :me' };
  const names = { '#k': KEY };
  const asMine = (rvn: string) => ({ ':mine': rvn, ':me': ownerName });
  const spelled = (expression: string): string => expression.replaceAll(/\brvn\b/g, 'recordVersionNumber');

  const take = async (id: string, row: Image | undefined, { existingRow = 'replace', consistentReleased = false }: Wish): Promise<Mine> => {
    const rvn = newId();
    const released = row?.isReleased !== undefined;
    const [condition, values] = !row ? ['attribute_not_exists(#k)', {}]
      : released ? [`attribute_exists(#k) AND isReleased = :one${consistentReleased ? ' AND rvn = :seen' : ''}`, { ':one': '1', ...(consistentReleased ? { ':seen': row.recordVersionNumber } : {}) }]
        : ['attribute_exists(#k) AND rvn = :seen', { ':seen': row.recordVersionNumber }];
    const common = { TableName: LOCKS, ConditionExpression: spelled(condition), ExpressionAttributeNames: names };
    const lookupTime = clock.monotonic();
    if (existingRow === 'replace') {
      const Item = { [KEY]: id, ownerName, leaseDuration: String(leaseMs), recordVersionNumber: rvn };
      await send(() => client.send(new PutCommand({ ...common, Item, ...(Object.keys(values).length > 0 ? { ExpressionAttributeValues: values } : {}) })));
    } else {
      const remove = row && (released || !old) ? ' REMOVE isReleased' : '';
      await send(() => client.send(new UpdateCommand({
        ...common, Key: { [KEY]: id }, UpdateExpression: `SET ownerName = :me, leaseDuration = :lease, recordVersionNumber = :new${remove}`,
        ExpressionAttributeValues: { ...values, ':me': ownerName, ':lease': String(leaseMs), ':new': rvn },
      })));
    }
    return { id, rvn, lookupTime, dropped: false };
  };

  /** `undefined`: not granted. Errors of the service escape, those of the network are met with another try. */
  const acquire = async (id: string, wish: Wish): Promise<Mine | undefined> => {
    const start = clock.monotonic();
    let { waitMs } = wish;
    let seen: { readonly rvn: unknown; readonly at: number } | undefined;
    for (;;) {
      try {
        const { Item: row } = await send(() => client.send(new GetCommand({ TableName: LOCKS, Key: { [KEY]: id }, ConsistentRead: true })));
        const at = clock.monotonic();
        if (!row || row.isReleased !== undefined) return await take(id, row, wish);
        if (seen?.rvn === row.recordVersionNumber && at - (seen?.at ?? at) > Number(row.leaseDuration)) return await take(id, row, wish);
        if (!seen) waitMs += Number(row.leaseDuration);
        if (seen?.rvn !== row.recordVersionNumber) seen = { rvn: row.recordVersionNumber, at };
      } catch (error) {
        if (!isNetwork(error) && !NOT_GRANTED.includes(nameOf(error))) return undefined;
      }
      if (closed || clock.monotonic() - start > waitMs) return undefined;
      await sleep(clock, wish.refreshMs);
    }
  };

  const beat = async (lock: Mine): Promise<void> => {
    if (!isValid(lock)) {
      mine.delete(lock);
      lock.dropped = true;
      return;
    }
    const [rvn, before] = [newId(), clock.monotonic()];
    try {
      await send(() => client.send(new UpdateCommand({
        TableName: LOCKS, Key: { [KEY]: lock.id }, UpdateExpression: 'SET leaseDuration = :lease, recordVersionNumber = :new',
        ConditionExpression: spelled(mineStill.ConditionExpression), ExpressionAttributeNames: names,
        ExpressionAttributeValues: { ...asMine(lock.rvn), ':lease': String(leaseMs), ':new': rvn },
      })));
      lock.rvn = rvn;
      lock.lookupTime = before;
    } catch (error) {
      if (nameOf(error) !== 'ConditionalCheckFailedException') return;
      mine.delete(lock);
      lock.dropped = true;
    }
  };
  const run = async (): Promise<void> => {
    for (const lock of mine) await beat(lock);
    if (!closed) wake = clock.after(heartbeatMs, () => void run());
  };
  wake = clock.after(heartbeatMs, () => void run());

  const release = async (lock: Mine, keep: boolean): Promise<'released' | 'lost'> => {
    mine.delete(lock);
    const common = { TableName: LOCKS, Key: { [KEY]: lock.id }, ConditionExpression: spelled(mineStill.ConditionExpression), ExpressionAttributeNames: names };
    try {
      await send((): Promise<unknown> => (keep
        ? client.send(new UpdateCommand({ ...common, UpdateExpression: 'SET isReleased = :one', ExpressionAttributeValues: { ...asMine(lock.rvn), ':one': '1' } }))
        : client.send(new DeleteCommand({ ...common, ExpressionAttributeValues: asMine(lock.rvn) }))));
      return 'released';
    } catch {
      return 'lost';
    }
  };

  const heldOf = (lock: Mine, keep: boolean): Held => ({
    isHeld: () => isValid(lock),
    remainingMs: () => (lock.dropped ? 0 : Math.max(0, lock.lookupTime + leaseMs - clock.monotonic())),
    heartbeat: () => beat(lock),
    ensure: () => beat(lock),
    release: () => release(lock, keep),
  });

  return {
    acquire: async (id, wish) => {
      const lock = await acquire(id, wish);
      if (!lock) return { refused: 'unknown' };
      mine.add(lock);
      return heldOf(lock, wish.onRelease === 'keep');
    },
    close: async () => {
      closed = true;
      for (const lock of [...mine]) await release(lock, false);
      wake?.cancel();
    },
  };
};
