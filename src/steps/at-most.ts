import { isThenable } from '../thenable';

/** Told what a function made of a value. */
export interface Told<U, T> {
  readonly succeed: (uow: U, value: T) => void;
  readonly fail: (uow: U, error: unknown) => void;
}

/** Calls a function that may be asynchronous: while `limit` calls are awaited, the next ones wait, in their order. */
export const atMost = <U, T>(fn: (uow: U) => T | PromiseLike<T>, limit: number, { succeed, fail }: Told<U, T>): ((uow: U) => void) => {
  const waiting: U[] = [];
  let first = 0;
  let awaited = 0;
  const call = (uow: U): void => {
    let value: T;
    try {
      const result = fn(uow);
      // A thenable of somebody's own may throw at once, or call back twice: a promise does neither.
      if (isThenable(result)) {
        awaited += 1;
        return void Promise.resolve(result).then((found) => back(() => succeed(uow, found)), (error: unknown) => back(() => fail(uow, error)));
      }
      value = result;
    } catch (error) {
      return fail(uow, error);
    }
    succeed(uow, value);
  };
  const back = (tell: () => void): void => {
    awaited -= 1;
    tell();
    while (first < waiting.length && awaited < limit) {
      first += 1;
      call(waiting[first - 1] as U);
    }
    if (first === waiting.length) first = waiting.length = 0;
  };
  return (uow) => {
    if (awaited < limit) call(uow);
    else waiting.push(uow);
  };
};
