/** A timer under way. */
export interface Timer {
  cancel(): void;
}

/** Where the locks get time from; tests put their own in its place. */
export interface LockClock {
  /** Milliseconds of a clock that never goes back; comparable within this process only. It may stand still while the machine is suspended. */
  monotonic(): number;
  /** Epoch ms; it may jump. */
  wall(): number;
  /** Runs `task` once, after `ms`. Does not keep the process alive, unless `keepAlive` says so. */
  after(ms: number, task: () => void, options?: { readonly keepAlive?: boolean }): Timer;
}

/** What a timer of Node takes: with more it would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export const systemClock: LockClock = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  after: (ms, task, { keepAlive = false } = {}) => {
    const timer = setTimeout(task, Math.min(Math.max(ms, 0), MAX_TIMER_MS));
    if (!keepAlive) timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};

/** A moment, on both clocks. */
export interface Instant {
  readonly monotonic: number;
  readonly wall: number;
}

export const instantOf = (clock: LockClock): Instant => ({ monotonic: clock.monotonic(), wall: clock.wall() });

/**
 * Milliseconds since then, as a holder must count them: by the clock that says more. The monotonic one stops while a
 * Lambda container is frozen, the other one can be set back.
 */
export const elapsedSince = (clock: LockClock, { monotonic, wall }: Instant): number =>
  Math.max(clock.monotonic() - monotonic, clock.wall() - wall);

/** Resolves after the time, or as soon as the signal aborts. Somebody waits for it, so it keeps the process alive. */
export const pause = (clock: LockClock, ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = () => {
      timer.cancel();
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = clock.after(ms, end, { keepAlive: true });
    signal?.addEventListener('abort', end, { once: true });
    if (signal?.aborted) end();
  });
