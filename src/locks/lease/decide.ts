import { leaseLeft } from './lease-time';
import { isExpired, type Observation } from './observations';
import type { Expected, Seen } from './requests';
import { isNoLock, type LockRow, type ReadRow } from './row';
import type { Instant, LockClock } from '../clock';

/** What a contender knows besides the row. */
export interface Known {
  readonly clock: LockClock;
  /** Versions that this acquisition has sent, and when: their answers may have been lost. */
  readonly attempts: ReadonlyMap<string, Instant>;
  /** Versions of earlier acquisitions of this client that nobody believes to hold. */
  readonly isOrphan: (rvn: string) => boolean;
  readonly observe: (row: LockRow) => Observation;
  readonly trustClocks: { readonly maxSkewMs: number } | undefined;
  readonly margin: (leaseMs: number) => number;
}

export interface Wish {
  readonly ownerName: string;
  readonly acquisitionId: string;
  readonly mustExist: boolean;
  readonly consistentReleased: boolean;
}

/**
 * What to do about a row:
 * - `take`: write, if it is still as it was. `tookOver`: from a holder that did not release it
 * - `adopt`: it is ours since the moment `from`, by a write whose answer was lost
 * - `same`: it is of this acquisition id since an earlier request, perhaps of another process
 * - `wait`: somebody holds it
 * - `missing`: there is none, and there must be
 * - `other`: it is no lock, but something that only looks like a released one
 */
export type Step =
  | { readonly kind: 'take'; readonly expected: Expected; readonly tookOver: boolean }
  | { readonly kind: 'adopt'; readonly row: LockRow; readonly from: Instant }
  | { readonly kind: 'same'; readonly row: LockRow }
  | { readonly kind: 'wait'; readonly row: LockRow; readonly observation: Observation }
  | { readonly kind: 'missing' }
  | { readonly kind: 'other' }
  | { readonly kind: 'invalid'; readonly problem: string };

const taken = (expected: Expected, tookOver = false): Step => ({ kind: 'take', expected, tookOver });

/** What a request to take the row has to know of it. */
export const seenIn = ({ data, fencingToken, attributes }: Pick<LockRow, 'data' | 'attributes'> & Partial<Pick<LockRow, 'fencingToken'>>): Seen => ({ data, ...(fencingToken === undefined ? {} : { numbered: true, others: Object.keys(attributes) }) });

/** Pure but for what `observe` remembers. To be asked right after the answer has come: what it observes counts from now. */
export const decide = (read: ReadRow | undefined, wish: Wish, known: Known): Step => {
  if (!read) return wish.mustExist ? { kind: 'missing' } : taken({ kind: 'absent' });
  if (read.kind === 'invalid') return read;
  const { row } = read;
  if (isNoLock(row)) return { kind: 'other' };
  if (row.released) return taken({ kind: 'released', ...seenIn(row), ...(wish.consistentReleased ? { rvn: row.rvn } : {}) });
  const from = known.attempts.get(row.rvn);
  if (from && leaseLeft(known.clock, { from, leaseMs: row.leaseMs }) > known.margin(row.leaseMs)) return { kind: 'adopt', row, from };
  if (!from && row.acquisitionId === wish.acquisitionId && row.ownerName === wish.ownerName) return { kind: 'same', row };
  const expired: Expected = { kind: 'expired', rvn: row.rvn, ...seenIn(row) };
  // Ours, but its lease may be over: nobody else believes in it, so there is nobody to wait for.
  if (from || known.isOrphan(row.rvn)) return taken(expired);
  const observation = known.observe(row);
  return isExpired(observation, known.clock.monotonic()) || isLongUntouched(row, known) ? taken(expired, true) : { kind: 'wait', row, observation };
};

const isLongUntouched = ({ lastTouchedAt, leaseMs }: LockRow, { trustClocks, clock }: Known): boolean =>
  trustClocks !== undefined && lastTouchedAt !== undefined && clock.wall() - lastTouchedAt > leaseMs + trustClocks.maxSkewMs;
