import type { Lock, LockLostError } from '../../../../src/locks';
import type { Grant, Interval } from '../checker';

/** What holders believe, on a clock that all share. */
export interface Beliefs {
  granted(lock: Lock, calledAt: number): {
    releaseCalled(): void;
    released(outcome: NonNullable<Grant['released']>['outcome']): void;
  };
  readonly grants: () => Grant[];
  readonly intervals: () => Interval[];
  stop(): void;
}

const LOOK_MS = 10;
/** The clocks of a holder differ by their resolution. */
const RESOLUTION_MS = 5;

interface Belief {
  readonly lock: Lock;
  readonly calledAt: number;
  readonly grantedAt: number;
  /** As `remainingMs` has said last. */
  until: number;
  over?: number;
  lost?: { readonly reason: LockLostError['reason']; readonly by: string | undefined; readonly at: number };
  released?: NonNullable<Grant['released']>;
}

export const createBeliefs = (now: () => number = () => performance.now()): Beliefs => {
  const all: Belief[] = [];
  const look = (belief: Belief): void => {
    if (belief.over !== undefined) return;
    const left = belief.lock.remainingMs();
    if (left > 0) belief.until = now() + left;
  };
  const timer = setInterval(() => all.forEach(look), LOOK_MS);
  return {
    granted: (lock, calledAt) => {
      const belief: Belief = { lock, calledAt, grantedAt: now(), until: now() };
      all.push(belief);
      look(belief);
      const end = () => { belief.over ??= now(); };
      lock.signal.addEventListener('abort', () => {
        end();
        const { reason, by } = lock.signal.reason as LockLostError;
        belief.lost = { reason, by, at: now() };
      });
      return {
        releaseCalled: () => { look(belief); end(); },
        released: (outcome) => { belief.released = { outcome, at: now() }; },
      };
    },
    grants: () => all.map(({ lock, calledAt, grantedAt, until, lost, released }) => ({
      id: lock.key, ownerName: lock.ownerName, acquisitionId: lock.acquisitionId, fencingToken: lock.fencingToken,
      calledAt, grantedAt, validUntil: until - RESOLUTION_MS, lost, released,
    })),
    intervals: () => all.map(({ lock, grantedAt, until, over }) => ({ id: lock.key, who: lock.ownerName, from: grantedAt, to: Math.min(until, over ?? Infinity) })),
    stop: () => clearInterval(timer),
  };
};
