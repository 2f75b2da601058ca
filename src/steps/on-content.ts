/**
 * A predicate for `.filter()`: the uow passes when all of the conditions hold.
 * `.filter(onContent([({ event }) => event.thing.active, inMyRegion]))`
 */
export const onContent =
  <U>(conditions: ((uow: U) => unknown) | readonly ((uow: U) => unknown)[]) =>
  (uow: U): boolean =>
    (typeof conditions === 'function' ? [conditions] : conditions).every((condition) => Boolean(condition(uow)));
