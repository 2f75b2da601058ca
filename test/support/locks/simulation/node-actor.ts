import type { Lock, LockClient } from '../../../../src/locks';
import type { LockClock } from '../../../../src/locks/clock';
import type { Actor, Held, Wish } from './held';
import { sleep } from './sleep';

const heldOf = (lock: Lock): Held => ({
  acquisitionId: lock.acquisitionId,
  fencingToken: lock.fencingToken,
  signal: lock.signal,
  isHeld: () => lock.isHeld(),
  remainingMs: () => lock.remainingMs(),
  heartbeat: () => lock.heartbeat(),
  ensure: (ms) => lock.ensure(ms),
  guard: (items) => lock.guard(items),
  release: async () => {
    const outcome = await lock.release();
    if (outcome === 'still-held') throw new Error('nobody acquires it twice');
    return outcome;
  },
});

const REFUSALS = ['LOCK_TIMEOUT', 'LOCK_BACKEND', 'LOCK_CLIENT_CLOSED'];

/** The client under test. Its observation tokens stay on the machine: no two clocks of this world agree. */
export const nodeActor = (client: LockClient, clock: LockClock): Actor => {
  const tokens = new Map<string, string>();
  const attempt = async (id: string, { tries, waitMs, refreshMs, how, ...more }: Wish): Promise<Held | undefined> => {
    const given = Object.fromEntries(Object.entries(more).filter(([, value]) => value !== undefined));
    if (how === 'wait') return heldOf(await client.acquire(id, { ...given, waitMs, refreshMs }));
    for (let i = 0; i < tries; i += 1) {
      const observation = tokens.get(id);
      const result = await client.tryAcquire(id, { ...given, ...(observation === undefined ? {} : { observation }) });
      if (result.acquired) return heldOf(result.lock);
      if (result.observation !== undefined) tokens.set(id, result.observation);
      if (i < tries - 1) await sleep(clock, Math.min(result.retryAfterMs + 1, waitMs));
    }
    return undefined;
  };
  return {
    acquire: async (id, wish) => {
      try {
        return await attempt(id, wish);
      } catch (error) {
        if (REFUSALS.includes((error as { readonly code?: string }).code ?? '')) return undefined;
        throw error;
      }
    },
    close: () => client.close(),
  };
};
