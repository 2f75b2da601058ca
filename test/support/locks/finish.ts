import type { FakeClock } from './fake-clock';
import { watched } from './world';

/** Lets time go by until the promise has ended. */
export const finish = async <T>(clock: FakeClock, promise: Promise<T>, { stepMs = 50, maxMs = 120_000 }: { readonly stepMs?: number; readonly maxMs?: number } = {}): Promise<T> => {
  const state = watched(promise);
  for (let ms = 0; ms <= maxMs; ms += stepMs) {
    await clock.advance(ms === 0 ? 0 : stepMs);
    if (state.ended) return promise;
  }
  throw new Error(`it did not end in ${maxMs} ms`);
};

/** What it was rejected with; undefined where it was not. */
export const failureOf = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => undefined, (error: unknown) => error);

/** The row of a lock that somebody else holds. */
export const rowOf = (key: string, more: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> =>
  ({ key, ownerName: 'somebody', leaseDuration: '10000', recordVersionNumber: 'r-1', ...more });

export const serviceError = (name: string, status: number): Error =>
  Object.assign(new Error(name), { name, $fault: status < 500 ? 'client' : 'server', $metadata: { httpStatusCode: status, attempts: 1 } });

export const noAnswer = (): Error => Object.assign(new Error('no answer'), { name: 'TimeoutError' });
