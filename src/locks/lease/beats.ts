import { classifyError } from '../../faults/classify';
import { LockBackendError, type LockName } from '../errors';
import { backoff } from '../pacing';
import type { Keep, LeaseTimers } from './keep';
import type { Settings } from './settings';
import type { Slots } from './slots';

/** The lease that is renewed. */
export interface Beating {
  readonly name: LockName;
  /** Neither given back nor lost. */
  readonly isHeld: () => boolean;
  /** Ends a lease whose time is over; tells whether it was. */
  readonly isOver: () => boolean;
  /** Of the next renewal. */
  readonly leaseMs: () => number;
  /** One try: who waits between tries must not keep a slot from locks that can be renewed. */
  readonly renewOnce: () => Promise<void>;
}

/** The renewals in the background. */
export interface Beats {
  start(): void;
  /** The lease is left to run out: its time is over, or its user says so. */
  isAbandoned(): boolean;
}

/** A beat comes a little early, so that the beats of locks that were acquired together do not stay together. */
const JITTER = 0.1;
/** Such a share of the time until the lease counts as lost. */
const BEFORE_LOSS = 0.75;

export const createBeats = (settings: Settings, keep: Keep, { arm }: Pick<LeaseTimers, 'arm'>, slots: Slots, { name, isHeld, isOver, leaseMs, renewOnce }: Beating): Beats => {
  const { clock, logger, random, heartbeatMs, safetyMargin } = settings;
  const acquiredAt = clock.monotonic();
  let abandoned = false;
  /** Renewals without an answer, one after the other. */
  let failures = 0;

  const later = (ms: number): void => {
    if (heartbeatMs === false || !isHeld()) return;
    arm('beat', ms, () => void beat());
  };

  /** A lock with a shorter lease than the others is renewed more often, and well before the lease counts as lost. */
  const period = (): number => {
    const lease = leaseMs();
    return Math.min(heartbeatMs || Infinity, lease / 2, BEFORE_LOSS * (lease - safetyMargin(lease))) * (1 - JITTER * random());
  };

  const isWanted = (): boolean => {
    try {
      return keep.keepRenewing?.() ?? true;
    } catch (error) {
      logger.error('keepRenewing has thrown: the lock is not renewed', { ...name, error });
      return false;
    }
  };

  const beat = async (): Promise<void> => {
    if (isOver()) return;
    abandoned = !isWanted() || (keep.maxHoldMs !== undefined && clock.monotonic() - acquiredAt >= keep.maxHoldMs);
    if (abandoned) return later(period());
    try {
      await slots.run(renewOnce);
      failures = 0;
      later(period());
    } catch (error) {
      if (!isHeld()) return;
      failures += 1;
      const isPermanent = error instanceof LockBackendError && classifyError(error.cause) !== 'transient';
      logger[isPermanent ? 'warn' : 'debug']('a lock could not be renewed; it is tried again while the lease lasts', { ...name, error });
      later(isPermanent ? period() : Math.min(backoff(failures, random), period()));
    }
  };

  return { start: () => later(period()), isAbandoned: () => abandoned };
};
