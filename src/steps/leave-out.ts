import _ from 'highland';
import { attachUow } from '../faults/faulty';
import { accountable, invocationOf, stageOf } from '../ledger/accountable';
import { entryOf } from '../ledger/entry';

/** A `reject` that says why: what has a reason ends as `filtered` with it, what has none goes on. */
export const leaveOut =
  <U extends object>(reasonOf: (uow: U) => string | undefined) =>
  (source: Highland.Stream<U>): Highland.Stream<U> => {
    const invocation = invocationOf(source);
    const output = source.consume<U>((error, uow, push, next) => {
      if (error) push(error);
      else if (_.isNil(uow)) return push(null, _.nil);
      else {
        let reason: string | undefined;
        try {
          reason = reasonOf(uow);
        } catch (thrown) {
          push(invocation ? invocation.raise(uow, thrown).error : attachUow(thrown, uow));
          return next();
        }
        const entry = entryOf(uow);
        if (reason === undefined) push(null, uow);
        else if (invocation && entry?.outcomes.length === 0) invocation.settle(entry, { kind: 'filtered', reason });
      }
      return next();
    });
    return invocation ? accountable(output, invocation, stageOf(source)) : output;
  };
