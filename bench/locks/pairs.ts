import type { Locker } from './locker';
import { requestsOf, type Call } from './recorder';
import type { Pairs } from './task';

/** `calls`: those of the locker, emptied here. */
export const measurePairs = async (locker: Locker, calls: Call[], keys: readonly string[]): Promise<Pairs> => {
  const ms: number[] = [];
  let acquiring = 0;
  let releasing = 0;
  calls.length = 0;
  for (const key of keys) {
    const start = performance.now();
    const grant = await locker.acquire(key);
    acquiring += requestsOf(calls.splice(0));
    await grant.release();
    ms.push(performance.now() - start);
    releasing += requestsOf(calls.splice(0));
  }
  return { ms, acquiring, releasing };
};
