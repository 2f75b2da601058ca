import { setMaxListeners } from 'node:events';

/** The part of a Lambda context that the toolkit reads. */
export interface InvocationContext {
  getRemainingTimeInMillis(): number;
  readonly functionName?: string;
}

/** Time for requests. */
export interface Budget {
  /** Milliseconds left; Infinity without a Lambda context. */
  remaining(): number;
  /** Aborts requests that are still under way when the time is up. */
  readonly signal: AbortSignal;
}

/** When the invocation must stop asking and report what it has. */
export interface Deadline extends Budget {
  /** The reserve behind the deadline, for publishing faults: what was found out must not be lost to slow writes. */
  reserve(): Budget;
  close(): void;
}

/** Kept back for publishing faults, flushing metrics and answering. */
const MARGIN_MS = 2000;
const MARGIN_SHARE = 0.2;

/** What a timer takes; a context made for a test may know no end. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export const createDeadline = (context: Partial<InvocationContext> | undefined): Deadline => {
  const controller = createController();
  if (typeof context?.getRemainingTimeInMillis !== 'function') {
    const unlimited = { remaining: () => Infinity, signal: controller.signal };
    return { ...unlimited, reserve: () => unlimited, close: () => {} };
  }
  const left = () => (context as InvocationContext).getRemainingTimeInMillis();
  const total = left();
  const margin = Math.min(MARGIN_MS, total * MARGIN_SHARE);
  const timers: NodeJS.Timeout[] = [];
  // Not unref'ed: with nothing else pending, Node would end and Lambda would see no answer at all.
  const abortAfter = (ms: number, aborted: AbortController): void => {
    timers.push(setTimeout(() => aborted.abort(), Math.max(0, Math.min(ms, MAX_TIMER_MS))));
  };
  abortAfter(total - margin, controller);
  let reserve: Budget | undefined;
  return {
    remaining: () => left() - margin,
    signal: controller.signal,
    reserve: () => {
      if (reserve) return reserve;
      const remaining = () => left() - margin / 4;
      const last = createController();
      abortAfter(remaining(), last);
      return (reserve = { remaining, signal: last.signal });
    },
    close: () => timers.forEach((timer) => clearTimeout(timer)),
  };
};

const createController = (): AbortController => {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal); // one listener for each request under way
  return controller;
};
