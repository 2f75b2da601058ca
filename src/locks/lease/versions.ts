import type { LockClock } from '../clock';
import { leaseLeft, type LeaseTime } from './lease-time';

/** A version of the row, and the lease that began with it. */
export interface Version {
  readonly rvn: string;
  readonly time: LeaseTime;
}

/** Which versions the row of a held lock may have, and how long the lease lasts by them. */
export interface Versions {
  /** The one that the table has told. */
  confirmed(): Version;
  /** Those that were sent and may be there instead. */
  readonly pending: ReadonlyMap<string, LeaseTime>;
  sent(version: Version): void;
  confirm(version: Version): void;
  /** Nothing is known, and the lease counts from here all the same. */
  assume(time: LeaseTime): void;
  /** Ms until the lease counts as over, whichever version is there; negative after that. */
  left(): number;
  /** Ms since the lease was last renewed for certain. */
  sinceRenewal(): number;
}

export const createVersions = (clock: LockClock, margin: (leaseMs: number) => number, granted: Version): Versions => {
  const pending = new Map<string, LeaseTime>();
  let confirmed = granted;
  const leftOf = (time: LeaseTime): number => leaseLeft(clock, time) - margin(time.leaseMs);
  return {
    confirmed: () => confirmed,
    pending,
    sent: ({ rvn, time }) => { pending.set(rvn, time); },
    confirm: (version) => {
      // What is older than the row was sent on the condition that the row is older still, and can't succeed any more.
      pending.clear();
      confirmed = version;
    },
    assume: (time) => {
      confirmed = { rvn: confirmed.rvn, time };
      for (const rvn of pending.keys()) pending.set(rvn, time);
    },
    // A renewal without an answer may have arrived, and with a shorter lease than before.
    left: () => Math.min(leftOf(confirmed.time), ...[...pending.values()].map(leftOf)),
    sinceRenewal: () => confirmed.time.leaseMs - leaseLeft(clock, confirmed.time),
  };
};
