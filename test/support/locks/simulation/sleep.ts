import type { LockClock } from '../../../../src/locks/clock';

export const sleep = (clock: LockClock, ms: number): Promise<void> => new Promise((resolve) => { clock.after(ms, resolve); });

/** For requests of those who have no timeout of their own. */
export const orGiveUp = <T>(clock: LockClock, ms: number, run: () => Promise<T>): Promise<T> => new Promise((resolve, reject) => {
  const timer = clock.after(ms, () => reject(Object.assign(new Error(`no answer in ${ms} ms`), { name: 'TimeoutError' })));
  run().finally(() => timer.cancel()).then(resolve, reject);
});
