import { LockAbortedError } from '../errors';
import type { LockClock } from '../clock';
import { SharedClosedError } from './errors';

/** How one caller waits for what several wait for. */
export interface Joining<V> {
  readonly waitMs: number;
  readonly signal?: AbortSignal | undefined;
  /** The caller stays after the time while this says so. */
  readonly stays: () => boolean;
  readonly onTimeout: () => Promise<V>;
}

/** One computation in this process, and everybody who waits for it. */
export interface Flight<V> {
  join(key: string, joining: Joining<V>): Promise<V>;
}

/** `onEmpty` is told when the last one has left, which may be after the end. */
export const createFlight = <V>(clock: LockClock, closed: AbortSignal, promise: Promise<V>, onEmpty: () => void): Flight<V> => {
  let waiting = 0;
  promise.catch(() => {}); // whoever waits is told; perhaps nobody does
  return {
    join: (key, { waitMs, signal, stays, onTimeout }) => new Promise<V>((resolve, reject) => {
      waiting += 1;
      let left = false;
      const leave = (): boolean => {
        if (left) return false;
        left = true;
        timer.cancel();
        signal?.removeEventListener('abort', onAbort);
        closed.removeEventListener('abort', onClosed);
        waiting -= 1;
        if (waiting === 0) onEmpty();
        return true;
      };
      const onAbort = () => { if (leave()) reject(new LockAbortedError({ key }, signal?.reason)); };
      const onClosed = () => { if (leave()) reject(new SharedClosedError()); };
      const arm = () => clock.after(waitMs, () => {
        if (stays()) timer = arm();
        else if (leave()) onTimeout().then(resolve, reject);
      }, { keepAlive: true });
      let timer = arm();
      signal?.addEventListener('abort', onAbort, { once: true });
      closed.addEventListener('abort', onClosed, { once: true });
      promise.then((value) => { if (leave()) resolve(value); }, (error: unknown) => { if (leave()) reject(error); });
      if (signal?.aborted) onAbort();
      if (closed.aborted) onClosed();
    }),
  };
};
