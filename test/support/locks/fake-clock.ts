import { setImmediate } from 'node:timers';
import type { LockClock } from '../../../src/locks/clock';

export interface FakeClock extends LockClock {
  /** Time goes by: every timer runs at its time, and what it starts is carried on as far as it goes without time. */
  advance(ms: number): Promise<void>;
  /** Both clocks go on, and nothing runs: a blocked event loop, a stopped process. */
  block(ms: number): void;
  /** Only the wall clock goes on: a frozen container, a suspended machine. */
  suspend(ms: number): void;
  /** Somebody sets the wall clock. */
  jumpWall(ms: number): void;
  /** Timers that have not run. */
  timers(): number;
  keepingAlive(): number;
}

interface Pending {
  readonly at: number;
  readonly order: number;
  readonly task: () => void;
  readonly keepAlive: boolean;
}

/** Until nothing is left that goes on without time, and nothing is busy. */
export const settle = async (isBusy: () => boolean = () => false): Promise<void> => {
  for (let quiet = 0; quiet < 6; quiet = isBusy() ? 0 : quiet + 1) await new Promise((resolve) => { setImmediate(resolve); });
};

/**
 * Starts at an odd moment, so that nobody takes monotonic time for wall time. Time stands still while something is busy that
 * takes real time, such as a request on its way through the SDK.
 */
export const fakeClock = (startWall = Date.UTC(2026, 0, 1), isBusy: () => boolean = () => false): FakeClock => {
  let monotonic = 5_000;
  let wall = startWall;
  let order = 0;
  const pending = new Set<Pending>();
  const next = (until: number): Pending | undefined =>
    [...pending].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at || a.order - b.order)[0];
  const goTo = (at: number): void => {
    if (at <= monotonic) return; // a timer that is late
    wall += at - monotonic;
    monotonic = at;
  };
  return {
    monotonic: () => monotonic,
    wall: () => wall,
    after: (ms, task, { keepAlive = false } = {}) => {
      const timer: Pending = { at: monotonic + Math.max(0, ms), order: (order += 1), task, keepAlive };
      pending.add(timer);
      return { cancel: () => { pending.delete(timer); } };
    },
    advance: async (ms) => {
      const until = monotonic + ms;
      await settle(isBusy);
      for (let timer = next(until); timer; timer = next(until)) {
        goTo(timer.at);
        pending.delete(timer);
        timer.task();
        await settle(isBusy);
      }
      goTo(until);
    },
    block: (ms) => {
      monotonic += ms;
      wall += ms;
    },
    suspend: (ms) => { wall += ms; },
    jumpWall: (ms) => { wall += ms; },
    timers: () => pending.size,
    keepingAlive: () => [...pending].filter(({ keepAlive }) => keepAlive).length,
  };
};
