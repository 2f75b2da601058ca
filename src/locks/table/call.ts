import { classifyError } from '../../faults/classify';
import type { LockClock } from '../clock';
import type { Failed } from './request';

/** What one request may take. */
export interface CallOptions {
  /** Given up after so many ms; default and most: the table's `requestTimeoutMs`. */
  readonly timeoutMs?: number;
  /** Of the caller: given up as soon as it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/** No answer came in time. `name` is the SDK's for the same thing. */
const timeout = (ms: number): Error => Object.assign(new Error(`no answer in ${Math.round(ms)} ms`), { name: 'TimeoutError' });
const aborted = (): Error => Object.assign(new Error('the request was aborted'), { name: 'AbortError' });

/**
 * Runs a request for so long and no longer: a client that ignores the signal, or a socket that hangs, holds nobody up.
 * What the request does after that is not known, and its late answer is ignored.
 */
export const within = <T>(clock: LockClock, ms: number, signal: AbortSignal | undefined, run: (signal: AbortSignal) => Promise<T>): Promise<T> =>
  new Promise<T>((resolve, reject) => {
    const controller = new AbortController();
    const giveUp = (error: Error) => {
      end();
      reject(error);
      controller.abort(error);
    };
    const onAbort = () => giveUp(aborted());
    const end = () => {
      timer.cancel();
      signal?.removeEventListener('abort', onAbort);
    };
    // Somebody waits for the answer, so the timer may keep the process alive as the socket does.
    const timer = clock.after(ms, () => giveUp(timeout(ms)), { keepAlive: true });
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted) return onAbort();
    run(controller.signal).then(
      (value) => { end(); resolve(value); },
      (error: unknown) => { end(); reject(error); },
    );
  });

const CONDITION_FAILED = 'ConditionalCheckFailedException';

export const isRefusal = (error: unknown): boolean => (error as { readonly name?: unknown } | undefined)?.name === CONDITION_FAILED;

/** The SDK's own tries of this request. */
export const attemptsOf = (error: unknown): number => {
  const attempts = (error as { readonly $metadata?: { readonly attempts?: unknown } } | undefined)?.$metadata?.attempts;
  return typeof attempts === 'number' ? attempts : 1;
};

/** An error of the service that no other attempt will cure is permanent; for all that is known, the request may have been executed. */
export const failed = (error: unknown): Failed => ({ kind: 'failed', error, permanent: classifyError(error) !== 'transient' });
