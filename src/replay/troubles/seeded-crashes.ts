import { OplockStreamError } from '../../errors';
import { seededRandom } from '../fixture/random';
import { hashText } from '../../hash';
import type { TroublePlan } from './trouble';

/** With more, a replay of many batches would hardly ever end. */
export const MAX_CRASH_RATIO = 0.9;

/**
 * Kills the process in this share of the invocations, at a random point: at one of its requests, or when all is written
 * and Lambda has not heard of it. The same seed gives the same points. Throws `RATIO_INVALID`.
 */
export const seededCrashes = (ratio: number, seed: number): TroublePlan => {
  if (!(ratio >= 0 && ratio <= MAX_CRASH_RATIO)) {
    throw new OplockStreamError('RATIO_INVALID', `The crash ratio is ${ratio}. Give a number from 0 to ${MAX_CRASH_RATIO}, for example 0.2 for every fifth invocation.`);
  }
  // Not the numbers that the order is made of, or a crash would go with a place in it.
  const random = seededRandom(hashText(`crashes ${seed}`));
  let point: number | undefined;
  let sent = false;
  return {
    startInvocation: (records) => {
      const chosen = random() < ratio;
      // Anywhere in as many requests as there are records, or after the last one; squared, because there may be far fewer.
      const at = Math.floor(random() ** 2 * (records + 1));
      sent = random() < 0.5;
      point = chosen ? at : undefined;
    },
    troubleOf: (request) => (request === point ? sent ? 'crash-after' : 'crash-before' : undefined),
    diesUnanswered: () => point !== undefined,
  };
};
