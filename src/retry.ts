import { OplockStreamError } from './errors';
import { classifyError } from './faults/classify';
import type { Budget } from './ledger/deadline';

/** Retry of transient errors inside an invocation, with full jitter: waits between 0 and min(cap, base × 2^n) ms. */
export interface RetryOptions {
  /** Tries in total, on top of the SDK's own. Default 8. */
  readonly maxAttempts?: number;
  /** Default 50 ms. */
  readonly baseMs?: number;
  /** Default 5,000 ms. */
  readonly capMs?: number;
  /** Injected by tests. */
  readonly random?: () => number;
}

/** The time for retries ran out: what was asked may or may not have happened, and is asked again next time. */
export class DeadlineError extends OplockStreamError {
  override readonly name: string = 'DeadlineError';
  constructor(cause?: unknown) {
    super('DEADLINE', 'the time of the invocation ran out; the event is reported back and delivered again', { cause });
  }
}

/** Runs `attempt` until it succeeds, fails for good, or the budget is used up; then it throws the last error. */
export const withRetry = async <T>(
  attempt: (signal: AbortSignal) => Promise<T>,
  budget: Budget,
  { maxAttempts = 8, baseMs = 50, capMs = 5000, random = Math.random }: RetryOptions = {},
): Promise<T> => {
  for (let tries = 1; ; tries += 1) {
    if (budget.signal.aborted || budget.remaining() <= 0) throw new DeadlineError();
    try {
      return await orAborted(attempt(budget.signal), budget.signal);
    } catch (error) {
      if (budget.signal.aborted) throw error instanceof DeadlineError ? error : new DeadlineError(error);
      if (classifyError(error) !== 'transient' || tries >= maxAttempts) throw error;
      const wait = fullJitter(tries, { baseMs, capMs, random });
      if (wait >= budget.remaining()) throw error;
      if (wait > 0) await sleep(wait, budget.signal); // a timer of 0 ms would take one all the same
    }
  }
};

/** The wait after the n-th try, in ms: anywhere between nothing and a bound that doubles from try to try. */
export const fullJitter = (tries: number, { baseMs, capMs, random = Math.random }: Pick<RetryOptions, 'random'> & { readonly baseMs: number; readonly capMs: number }): number =>
  random() * Math.min(capMs, baseMs * 2 ** (tries - 1));

/** A client that ignores the signal, or a socket that hangs, must not eat the time that the answer needs. */
export const orAborted = <T>(promise: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const onAbort = () => reject(new DeadlineError());
    if (signal.aborted) onAbort(); // by the attempt itself, before anybody listened
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });

/** Resolves after the time, or as soon as the signal aborts. */
export const sleep = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });
