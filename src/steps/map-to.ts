import { attachUow } from '../faults/faulty';
import { invocationOf } from '../ledger/accountable';
import { isThenable } from '../thenable';
import { unordered } from './unordered';

/**
 * Adds a field to each uow: `.through(mapTo('write', toWrite))`. The function may return a promise; up to
 * `concurrency` (16) are awaited at once and a slow one holds up no other. What it throws ends that uow as a fault
 * (or as a retry, when the error is a transient one of a service that it asked).
 */
export const mapTo =
  <K extends string, U extends object, T>(field: K, fn: (uow: U) => T | PromiseLike<T>, { concurrency = 16 }: { concurrency?: number } = {}) =>
  (source: Highland.Stream<U>): Highland.Stream<U & { readonly [P in K]: T }> => {
    const invocation = invocationOf(source);
    return unordered<U, U & { readonly [P in K]: T }>((uow, emit, done) => {
      const succeed = (value: T) => {
        emit(null, { ...uow, [field]: value } as U & { readonly [P in K]: T });
        done();
      };
      const fail = (error: unknown) => {
        emit(invocation ? invocation.raise(uow, error).error : attachUow(error, uow));
        done();
      };
      let value: T;
      try {
        const result = fn(uow);
        // A thenable of somebody's own may throw at once, or call back twice: a promise does neither.
        if (isThenable(result)) return void Promise.resolve(result).then(succeed, fail);
        value = result;
      } catch (error) {
        return fail(error);
      }
      succeed(value);
    }, concurrency)(source);
  };
