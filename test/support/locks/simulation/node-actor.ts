import type { Lock, LockClient, MultiLock } from '../../../../src/locks';
import type { LostReason } from '../../../../src/locks/errors';
import type { Resume } from '../checker';
import type { Actor, Held, HeldTogether, Refused, Wish } from './held';
import type { Letter, Mail } from './mail';
import type { Machine } from './machine';
import { sleep } from './sleep';
import type { VirtualTime } from './virtual-time';

const heldOf = (lock: Lock, more: Partial<Held> = {}): Held => ({
  acquisitionId: lock.acquisitionId,
  fencingToken: lock.fencingToken,
  signal: lock.signal,
  isHeld: () => lock.isHeld(),
  remainingMs: () => lock.remainingMs(),
  heartbeat: () => lock.heartbeat(),
  ensure: (ms) => lock.ensure(ms),
  guard: (items) => lock.guard(items),
  handle: () => lock.handle(),
  release: () => lock.release(),
  ...more,
});

const togetherOf = (lease: MultiLock): HeldTogether => ({
  locks: lease.locks.map((lock) => heldOf(lock, { key: lock.key })),
  heartbeat: () => lease.heartbeat(),
  guard: (items) => lease.guard(items),
  release: () => lease.release(),
});

const REFUSALS = ['LOCK_TIMEOUT', 'LOCK_BACKEND', 'LOCK_CLIENT_CLOSED'];

const isLost = (error: unknown): error is { readonly reason: LostReason } => (error as { readonly code?: unknown }).code === 'LOCK_LOST';

/** Whoever waits is refused for want of time, or because of an error of the table, which is the cause then. */
const refusalOf = (error: unknown): Refused => {
  const { code = '', cause } = error as { readonly code?: string; readonly cause?: unknown };
  if (!REFUSALS.includes(code)) throw error;
  return { refused: code === 'LOCK_TIMEOUT' && cause === undefined ? 'unavailable' : 'unknown' };
};

export interface NodeActorOptions {
  readonly client: LockClient;
  readonly machine: Machine;
  readonly time: VirtualTime;
  readonly ownerName: string;
  readonly mail: Mail;
  readonly resumes: Resume[];
}

/** Between looks into the mail. */
const MAIL_MS = 40;

/** The client under test. Its observation tokens stay on the machine: no two clocks of this world agree. */
export const nodeActor = ({ client, machine: { clock }, time, ownerName, mail, resumes }: NodeActorOptions): Actor => {
  const tokens = new Map<string, string>();
  const attempt = async (id: string, { tries, waitMs, refreshMs, how, permits: size, ...more }: Wish): Promise<Held | Refused> => {
    const given = Object.fromEntries(Object.entries(more).filter(([, value]) => value !== undefined));
    const pool = size === undefined ? undefined : client.permits(id, size);
    const grantOf = (lock: Lock): Held => heldOf(lock, pool ? { key: lock.key } : {});
    if (how === 'wait') return grantOf(await (pool ? pool.acquire({ ...given, waitMs, refreshMs }) : client.acquire(id, { ...given, waitMs, refreshMs })));
    for (let i = 0; i < tries; i += 1) {
      const observation = tokens.get(id);
      const look = { ...given, ...(observation === undefined ? {} : { observation }) };
      const result = await (pool ? pool.tryAcquire(look) : client.tryAcquire(id, look));
      if (result.acquired) return grantOf(result.lock);
      if (result.observation !== undefined) tokens.set(id, result.observation);
      if (i < tries - 1) await sleep(clock, Math.min(result.retryAfterMs + 1, waitMs));
    }
    return { refused: 'unavailable' };
  };

  const resume = async ({ id, handle, acquisitionId }: Letter, { onRelease }: Wish): Promise<Held | Refused> => {
    const from = time.now();
    const mine = resumes.length;
    const told = (outcome: Resume['outcome']): void => { resumes[mine] = { id, acquisitionId, node: ownerName, at: { from, to: time.now() }, outcome }; };
    told('unknown'); // who dies on the way tells nothing
    try {
      const lock = await client.resume(handle, onRelease ? { onRelease } : {});
      told('resumed');
      return heldOf(lock, { resumedOf: lock.ownerName });
    } catch (error) {
      told(isLost(error) ? error.reason : 'unknown');
      if (isLost(error)) return { refused: error.reason };
      throw error;
    }
  };
  const fromMail = async (id: string, wish: Wish): Promise<Held | Refused> => {
    for (let waited = 0; waited <= wish.waitMs; waited += MAIL_MS) {
      const letter = mail.take(id, ownerName);
      if (letter) return resume(letter, wish);
      await sleep(clock, MAIL_MS);
    }
    return { refused: 'unknown' };
  };

  return {
    acquire: (id, wish) => (wish.how === 'resume' ? fromMail(id, wish) : attempt(id, wish)).catch(refusalOf),
    acquireAll: async (ids, { how, waitMs, refreshMs, existingRow, onRelease }) => {
      try {
        return togetherOf(await client.acquireAll(ids, { waitMs, refreshMs, ...(existingRow && { existingRow }), ...(onRelease && { onRelease }), ...(how === 'try' && { waitMs: 0 }) }));
      } catch (error) {
        return isLost(error) ? { refused: error.reason } : refusalOf(error);
      }
    },
    close: () => client.close(),
  };
};
