import type { Logger } from '../../logger';
import { LockLostError } from '../errors';
import type { Lock, LockScope } from './types';

interface Around {
  readonly logger: Logger;
  readonly inBackground: (task: Promise<unknown>) => void;
}

/**
 * Runs the function under the lock and gives the lock back. The function's error wins over what the lock has to say; what a
 * function returned under a lock that was lost meanwhile is no result. A release without an answer is logged: the work is done.
 */
export const runHolding = async <T>(lock: Lock, run: (scope: LockScope) => Promise<T> | T, { logger, inBackground }: Around): Promise<T> => {
  let result: T;
  try {
    result = await run({ signal: lock.signal, lease: lock, fence: lock.fencingToken });
  } catch (error) {
    // Nobody needs to wait for a table that may not answer, to learn why the work has failed.
    if (lock.lost) inBackground(lock.release({ bestEffort: true }));
    else await lock.release({ bestEffort: true });
    throw error;
  }
  const { lost } = lock;
  if (lost) {
    inBackground(lock.release({ bestEffort: true }));
    throw lost;
  }
  const outcome = await lock.release({ bestEffort: true });
  if (outcome === 'lost') throw lock.lost ?? new LockLostError(lock, 'stolen', { hint: 'It was found when the lock was given back: what the work did may have met another holder' });
  if (outcome === 'unknown') logger.debug('the work is done, and the lock runs out by itself', { key: lock.key });
  return result;
};
