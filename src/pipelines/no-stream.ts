import _ from 'highland';
import { OplockStreamError } from '../errors';
import { describeFound } from '../found';

/**
 * Highland takes an async iterator for one that never ends, and reads it for ever: what is no stream is refused, and
 * never given to it.
 *
 * @throws OplockStreamError `NO_STREAM`
 */
export const requireStream = <T>(what: string, found: T): T => {
  if (_.isStream(found)) return found;
  throw new OplockStreamError('NO_STREAM', `${what} must be a Highland stream, but it is ${kindOf(found)}. Await promises and async iterables before the source, or in a mapTo`);
};

const kindOf = (found: unknown): string => {
  const { then, [Symbol.asyncIterator]: iterator } = Object(found) as { then?: unknown; [Symbol.asyncIterator]?: unknown };
  return typeof iterator === 'function' ? 'an async iterable' : typeof then === 'function' ? 'a promise' : describeFound(found);
};
