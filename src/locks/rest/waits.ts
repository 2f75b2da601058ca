import { pause, type LockClock } from '../clock';

/** Requests that are kept waiting. */
export interface Waits {
  /**
   * A place for one that wants to wait for up to `ms`. With `ms` 0, or where all places are taken, it has no time: it is
   * answered at once.
   */
  enter(ms: number, facts: WaitFacts): Wait;
}

export interface WaitFacts {
  /** Aborts when nobody waits for the answer any more. */
  readonly signal?: AbortSignal | undefined;
  /** Of the invocation. */
  readonly remainingMs?: (() => number) | undefined;
}

export interface Wait {
  /** What was given of the ms that were asked for. */
  readonly ms: number;
  /** Ms that are left. */
  left(): number;
  /** Resolves after the time, or what is left of it, or when nobody waits for the answer any more. */
  pause(ms: number): Promise<void>;
  leave(): void;
}

export interface WaitsOptions {
  readonly clock: LockClock;
  /** At once. */
  readonly max: number;
  /** Of the time of an invocation, for the last request to the table and the answer. */
  readonly reserveMs: number;
}

export const createWaits = ({ clock, max, reserveMs }: WaitsOptions): Waits => {
  let waiting = 0;
  return {
    enter: (asked, { signal, remainingMs }) => {
      const possible = Math.max(0, Math.min(asked, (remainingMs?.() ?? Infinity) - reserveMs));
      let inside = possible > 0 && waiting < max;
      if (inside) waiting += 1;
      const ms = inside ? possible : 0;
      const until = clock.monotonic() + ms;
      const left = (): number => (signal?.aborted ? 0 : Math.max(0, until - clock.monotonic()));
      return {
        ms,
        left,
        pause: (time) => pause(clock, Math.min(time, left()), signal),
        leave: () => {
          if (inside) waiting -= 1;
          inside = false;
        },
      };
    },
  };
};
