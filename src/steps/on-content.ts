import { OplockStreamError } from '../errors';
import { isThenable } from '../thenable';

/**
 * A predicate for `.filter()`: the uow passes when all of the conditions hold.
 * `.filter(onContent([({ event }) => event.thing.active, inMyRegion]))`
 *
 * Throws `ASYNC_FILTER` for a condition that answers with a promise, which would let everything pass.
 */
export const onContent =
  <U>(conditions: ((uow: U) => unknown) | readonly ((uow: U) => unknown)[]) =>
  (uow: U): boolean =>
    (typeof conditions === 'function' ? [conditions] : conditions).every((condition) => holds(condition(uow)));

const holds = (answer: unknown): boolean => {
  if (!isThenable(answer)) return Boolean(answer);
  Promise.resolve(answer).catch(() => {}); // told below, whatever it comes to
  throw new OplockStreamError('ASYNC_FILTER', 'a filter answered with a promise. Filters are synchronous: ask in the mapping, which may be async, and let it return undefined for what is not wanted');
};
