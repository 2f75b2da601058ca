import type { LockClock } from '../clock';
import type { ObjectRow } from './row';

/** Which reservations have been seen, and since when they have not changed. */
export interface Watch {
  /** Ms until it may be taken over: when it is less than 0, not at 0. To be called right after the row was read. */
  remaining(key: string, row: ObjectRow): number;
}

/**
 * A node that computes changes its row. Whether it lives is found out by watching, on a clock that never goes back, and
 * counted from after the read: however clocks differ, nobody is given up before a whole lease has passed.
 */
export const createWatch = (clock: LockClock, maxWatched = 10_000): Watch => {
  const seen = new Map<string, { readonly version: string; readonly since: number }>();
  return {
    remaining: (key, { version, leaseMs }) => {
      const now = clock.monotonic();
      const known = seen.get(key);
      const since = known?.version === version ? known.since : now;
      // The latest are last: what is forgotten first has not been looked at for longest.
      seen.delete(key);
      seen.set(key, { version, since });
      for (const oldest of seen.keys()) {
        if (seen.size <= maxWatched) break;
        seen.delete(oldest);
      }
      return leaseMs - (now - since);
    },
  };
};
