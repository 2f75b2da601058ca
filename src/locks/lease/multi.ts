import { guard } from './guard';
import type { Owned } from './owned';
import type { Settings } from './settings';
import type { MultiLock } from './multi-types';
import type { ReleaseOutcome } from './types';

/** What is said of all, the worst first. */
const OUTCOMES: readonly ReleaseOutcome[] = ['lost', 'unknown', 'still-held', 'released'];

/** Several locks as one: it is held as long as all of them are. At least one. */
export const createMulti = (settings: Settings, owned: readonly Owned[]): MultiLock => {
  const controller = new AbortController();
  const locks = owned.map(({ lock }) => lock);
  for (const { signal } of locks) {
    const lose = () => controller.abort(signal.reason);
    if (signal.aborted) lose();
    else signal.addEventListener('abort', lose, { once: true });
  }
  return {
    locks,
    signal: controller.signal,
    get lost() { return locks.find(({ lost }) => lost)?.lost; },
    isHeld: () => locks.every((lock) => lock.isHeld()),
    assertHeld: () => { for (const lock of locks) lock.assertHeld(); },
    remainingMs: () => Math.min(...locks.map((lock) => lock.remainingMs())),
    heartbeat: async ({ leaseMs } = {}) => {
      await Promise.all(locks.map((lock) => lock.heartbeat(leaseMs === undefined ? {} : { leaseMs })));
    },
    release: async (options) => {
      const ends = await Promise.allSettled(locks.map((lock) => lock.release(options)));
      const errors = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
      if (errors.length > 0) throw new AggregateError(errors, `${errors.length} of ${locks.length} locks could not be released; they run out by themselves, or release() is called again`);
      const outcomes = ends.map((end) => (end.status === 'fulfilled' ? end.value : 'unknown'));
      return OUTCOMES.find((outcome) => outcomes.includes(outcome)) ?? 'released';
    },
    check: () => locks.map((lock) => lock.check()),
    guard: async (items, { clientRequestToken } = {}) => {
      for (const lock of locks) lock.assertHeld();
      await guard(settings, owned.map(({ held }) => held), items, clientRequestToken);
    },
  };
};
