import type { LockName } from '../errors';
import { createHeld, type Held } from './held';
import type { Keep } from './keep';
import { createLock, type Holding } from './lock';
import type { Owned } from './owned';
import type { Identity } from './requests';
import type { Settings } from './settings';
import { createSlots } from './slots';
import type { Granted } from './take';
import type { AcquireOptions, Lock, TryAcquireOptions } from './types';
import { checkReentry, idOf } from './wanted';

/** The leases of a client that have not ended. */
export interface Leases {
  /** A lease begins. `quietly`: nobody is told. */
  hold(identity: Identity, granted: Granted, keep: TryAcquireOptions, options?: { readonly quietly?: boolean }): Owned;
  /** A lock that is held, once more; undefined where it is not. */
  rejoin(name: LockName, given: AcquireOptions): Owned | undefined;
  /** Of the lock with this id. */
  isHeld(id: string): boolean;
  /** However often they were given. */
  releaseAll(): Promise<readonly PromiseSettledResult<unknown>[]>;
}

/** A row with a fencing token is kept, whatever was asked for: a new one would start the tokens anew. */
export const onReleaseOf = ({ exclusive }: Pick<Settings, 'exclusive'>, { onRelease }: Pick<TryAcquireOptions, 'onRelease'>, fencingToken: number | undefined): 'delete' | 'keep' =>
  (fencingToken === undefined ? onRelease ?? (exclusive ? 'keep' : 'delete') : 'keep');

export const createLeases = (settings: Settings): Leases => {
  const slots = createSlots(settings.maxConcurrentHeartbeats);
  const all = new Map<Held, Holding>();
  /** By id, for reentrant acquisitions: the latest lease of each lock. */
  const latest = new Map<string, Holding>();
  const isHeld = (id: string): boolean => (latest.get(id)?.held.remaining() ?? 0) > 0;

  return {
    isHeld,
    hold: (identity, granted, keep, { quietly = false } = {}) => {
      const id = idOf(identity.name);
      const { sessionMonitor, keepRenewing } = keep;
      // The callbacks get the lock, which is made of the lease.
      const self: { lock?: Lock } = {};
      const keeping: Keep = {
        maxHoldMs: keep.maxHoldMs,
        keepRenewing: keepRenewing && (() => keepRenewing(self.lock as Lock)),
        monitor: sessionMonitor && { safeTimeMs: sessionMonitor.safeTimeMs, onDanger: () => sessionMonitor.onDanger?.(self.lock as Lock) },
      };
      const held = createHeld(quietly ? { ...settings, tell: undefined } : settings, identity, granted, keeping, {
        slots,
        onEnd: (ended) => {
          all.delete(ended);
          if (latest.get(id)?.held === ended) latest.delete(id);
        },
      });
      const holding: Holding = { held, onRelease: onReleaseOf(settings, keep, identity.fencingToken), holds: 1 };
      all.set(held, holding);
      latest.set(id, holding);
      return { lock: (self.lock = createLock(settings, holding)), held };
    },
    rejoin: (name, given) => {
      const id = idOf(name);
      const holding = isHeld(id) ? latest.get(id) : undefined;
      if (!holding) return undefined;
      checkReentry(name, given);
      holding.holds += 1;
      return { lock: createLock(settings, holding), held: holding.held };
    },
    releaseAll: () => Promise.allSettled([...all.values()].map((holding) => {
      holding.holds = 1;
      return slots.run(() => createLock(settings, holding).release());
    })),
  };
};
