import _ from 'highland';
import { OplockStreamError } from '../errors';
import { attachUow } from '../faults/faulty';
import { accountable, invocationOf, stageOf } from '../ledger/accountable';
import { entryOf, withEntry } from '../ledger/entry';
import type { Uow } from '../uow';

export interface SplitOptions<U, T> {
  /** Path of a list inside the uow (`event.order.items`), or a function that returns the list. */
  readonly splitOn: string | ((uow: U) => readonly T[] | undefined);
  /** Where the part goes. Default `split`. */
  readonly splitTargetField?: string;
}

/**
 * One uow for each element of a list, as `uow.split`. The event's outcome is that of all its parts together.
 * No list, or an empty one: the event ends as `filtered`. Something else in its place is a fault.
 */
export const split =
  <U extends Uow = Uow, T = unknown>({ splitOn, splitTargetField = 'split' }: SplitOptions<U, T>) =>
  (source: Highland.Stream<U>): Highland.Stream<U & { readonly split: T }> => {
    const invocation = invocationOf(source);
    const output = source.consume<U & { readonly split: T }>((error, uow, push, next) => {
      if (error) push(error);
      else if (_.isNil(uow)) return push(null, _.nil);
      else {
        try {
          const parts = partsOf(uow, splitOn);
          const entry = entryOf(uow);
          const entries = invocation && entry ? invocation.split(entry, parts.length) : [];
          parts.forEach((part, i) => {
            const one = { ...uow, [splitTargetField]: part } as unknown as U & { readonly split: T };
            const own = entries[i];
            push(null, own ? withEntry(one, own) : one);
          });
        } catch (thrown) {
          push(invocation ? invocation.raise(uow, thrown).error : attachUow(thrown, uow));
        }
      }
      return next();
    });
    return invocation ? accountable(output, invocation, stageOf(source)) : output;
  };

const partsOf = <U, T>(uow: U, splitOn: SplitOptions<U, T>['splitOn']): readonly T[] => {
  const list = typeof splitOn === 'function' ? splitOn(uow) : at(uow, splitOn);
  if (list === undefined || list === null) return [];
  if (Array.isArray(list)) return list as readonly T[];
  throw new OplockStreamError('INVALID_SPLIT', `split: expected a list at ${typeof splitOn === 'string' ? splitOn : 'splitOn(uow)'}, found ${typeof list}`);
};

const at = (value: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>(
    (found, name) => (typeof found === 'object' && found !== null && Object.hasOwn(found, name) ? (found as Record<string, unknown>)[name] : undefined),
    value,
  );
