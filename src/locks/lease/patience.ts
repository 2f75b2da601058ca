import type { LockClock } from '../clock';
import type { CallOptions } from '../table/call';

/** How long an acquisition goes on. */
export interface Patience {
  /** Somebody waits; without, there is one look. */
  readonly waits: boolean;
  /** Aborts the wait and the request under way. */
  readonly signal: AbortSignal;
  /** Ms until the last look. */
  left(): number;
  /** A holder was met: without a time of the caller's, the wait outlives its lease. */
  meet(leaseMs: number): void;
  /** For the next request. */
  call(): CallOptions;
}

/** No request gets less, or a wait that is nearly over would never end with an answer. */
const LAST_LOOK_MS = 250;
/** Java waits a lease and this. */
const ADDITIONAL_WAIT_MS = 1_000;

export interface PatienceOptions {
  readonly clock: LockClock;
  readonly signal: AbortSignal;
  readonly leaseMs: number;
  /** Of the caller; 0: one look. */
  readonly waitMs: number | undefined;
}

export const createPatience = ({ clock, signal, leaseMs, waitMs }: PatienceOptions): Patience => {
  const start = clock.monotonic();
  let wait = waitMs ?? leaseMs + ADDITIONAL_WAIT_MS;
  const left = () => start + wait - clock.monotonic();
  return {
    waits: waitMs !== 0,
    signal,
    left,
    meet: (held) => {
      if (waitMs === undefined) wait = Math.max(wait, held + ADDITIONAL_WAIT_MS);
    },
    call: () => (waitMs === 0 ? { signal } : { signal, timeoutMs: Math.max(left(), LAST_LOOK_MS) }),
  };
};
