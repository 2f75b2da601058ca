import type { Timer, LockClock } from '../clock';

/** How a lease is kept. */
export interface Keep {
  /** Renewals in the background end after so long. */
  readonly maxHoldMs?: number | undefined;
  /** Asked before each renewal in the background. */
  readonly keepRenewing?: (() => boolean) | undefined;
  readonly monitor?: { readonly safeTimeMs: number; readonly onDanger?: (() => void) | undefined } | undefined;
}

/** The timers of one lease: each kind runs once at a time. */
export interface LeaseTimers {
  arm(kind: 'deadline' | 'beat' | 'danger', ms: number, task: () => void): void;
  disarm(): void;
}

export const createLeaseTimers = (clock: LockClock): LeaseTimers => {
  const timers = new Map<string, Timer>();
  return {
    arm: (kind, ms, task) => {
      timers.get(kind)?.cancel();
      timers.set(kind, clock.after(ms, task));
    },
    disarm: () => {
      for (const timer of timers.values()) timer.cancel();
      timers.clear();
    },
  };
};
