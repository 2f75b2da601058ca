import type { Logger } from '../../logger';
import type { Lock } from './types';

interface Around {
  readonly logger: Logger;
  readonly inBackground: (task: Promise<unknown>) => void;
}

/**
 * Runs the function under the locks and gives them back. The function's error wins over what the locks have to say; what a
 * function returned under a lock that was lost meanwhile is no result. A release without an answer is logged: the work is done.
 */
export const runHolding = async <T>(locks: readonly Lock[], run: () => Promise<T> | T, { logger, inBackground }: Around): Promise<T> => {
  const release = () => Promise.all(locks.map((lock) => lock.release({ bestEffort: true })));
  const lossOf = () => locks.find(({ lost }) => lost)?.lost;
  let result: T;
  try {
    result = await run();
  } catch (error) {
    // Nobody needs to wait for a table that may not answer, to learn why the work has failed.
    if (lossOf()) inBackground(release());
    else await release();
    throw error;
  }
  const lost = lossOf();
  if (lost) {
    inBackground(release());
    throw lost;
  }
  const outcomes = await release();
  const late = lossOf();
  if (late) throw late;
  locks.forEach(({ key }, i) => {
    if (outcomes[i] === 'unknown') logger.debug('the work is done, and the lock runs out by itself', { key });
  });
  return result;
};
