import { attachUow } from '../faults/faulty';
import { invocationOf } from '../ledger/accountable';
import { atMost } from './at-most';
import { unordered, type Emit } from './unordered';

/** Calls of a mapping that are awaited at once. */
export const CONCURRENT_MAPPINGS = 16;

/**
 * Adds a field to each uow: `.through(mapTo('write', toWrite))`. The function may return a promise; up to
 * `concurrency` (16) are awaited at once and a slow one holds up no other. What it throws ends that uow as a fault
 * (or as a retry, when the error is a transient one of a service that it asked).
 */
export const mapTo =
  <K extends string, U extends object, T>(field: K, fn: (uow: U) => T | PromiseLike<T>, { concurrency = CONCURRENT_MAPPINGS }: { concurrency?: number } = {}) =>
  (source: Highland.Stream<U>): Highland.Stream<U & { readonly [P in K]: T }> => {
    const invocation = invocationOf(source);
    const call = atMost<Mapping<U, U & { readonly [P in K]: T }>, T>(({ uow }) => fn(uow), Infinity, {
      succeed: ({ uow, emit, done }, value) => {
        emit(null, { ...uow, [field]: value } as U & { readonly [P in K]: T });
        done();
      },
      fail: ({ uow, emit, done }, error) => {
        emit(invocation ? invocation.raise(uow, error).error : attachUow(error, uow));
        done();
      },
    });
    return unordered<U, U & { readonly [P in K]: T }>((uow, emit, done) => call({ uow, emit, done }), concurrency)(source);
  };

interface Mapping<U, V> {
  readonly uow: U;
  readonly emit: Emit<V>;
  readonly done: () => void;
}
