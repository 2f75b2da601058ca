import { elapsedSince, type Instant, type LockClock } from '../clock';

/** A lease as its holder counts it: from the moment *before* the write that started or renewed it was sent. */
export interface LeaseTime {
  readonly from: Instant;
  readonly leaseMs: number;
}

/** Ms until others may take the lock; negative when they may have. */
export const leaseLeft = (clock: LockClock, { from, leaseMs }: LeaseTime): number => leaseMs - elapsedSince(clock, from);

/** Such a share of the lease, and it was no accident. */
const STOOD_STILL = 0.25;

/**
 * The end of a lease was not noticed in time because this process stood still: the wall clock knows of time that the other one
 * does not, or nothing has run for a while. `lateMs`: how long ago it should have been noticed.
 */
export const stoodStill = (clock: LockClock, { from, leaseMs }: LeaseTime, lateMs: number): boolean =>
  Math.max(lateMs, elapsedSince(clock, from) - (clock.monotonic() - from.monotonic)) > leaseMs * STOOD_STILL;
