import { elapsedSince, type Instant, type LockClock } from '../clock';

/** A lease as its holder counts it: from the moment *before* the write that started or renewed it was sent. */
export interface LeaseTime {
  readonly from: Instant;
  readonly leaseMs: number;
}

/** Ms until others may take the lock; negative when they may have. */
export const leaseLeft = (clock: LockClock, { from, leaseMs }: LeaseTime): number => leaseMs - elapsedSince(clock, from);

/** The end of the lease came while this process stood still: the wall clock knows of time that the other one does not. */
export const sleptThrough = (clock: LockClock, { from, leaseMs }: LeaseTime): boolean => clock.monotonic() - from.monotonic < leaseMs;
