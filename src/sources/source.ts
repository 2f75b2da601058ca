import _ from 'highland';
import type { Event } from '../event';
import { accountable } from '../ledger/accountable';
import { withEntry } from '../ledger/entry';
import { Invocation, type InvocationSettings } from '../ledger/invocation';
import { ENTRY, type Uow } from '../uow';
import type { Decoded, SourceDescriptor } from './decode';

/** A Lambda event in, a stream of units of work out. Throws when it is the wrong kind of Lambda event altogether. */
export type Source<LambdaEvent, R = unknown, Options = object> = <E extends Event = Event>(
  event: LambdaEvent,
  options?: Options & InvocationSettings,
) => Highland.Stream<Uow<E, R>>;

/** Turns the description of a source into the source: the one place where records enter the books. */
export const createSource = <LambdaEvent, R, Options extends object>(
  descriptor: SourceDescriptor<LambdaEvent, R, Options>,
): Source<LambdaEvent, R, Options> =>
  <E extends Event>(event: LambdaEvent, options?: Options & InvocationSettings) => {
    const records = descriptor.records(event);
    const invocation = new Invocation(options);
    const decoded = records.map((record) => descriptor.decode(record, (options ?? {}) as Options));
    let taken = 0;
    let closed = false;
    invocation.admitRest = () => {
      if (closed) return;
      closed = true;
      for (const list of decoded.slice(taken)) {
        for (const one of list) emit<E, R>(invocation, one, () => {});
      }
    };
    return accountable(
      _(decoded.values()).consume<Uow<E, R>>((error, list, push, next) => {
        if (error) push(error);
        else if (_.isNil(list) || closed) return push(null, _.nil);
        else {
          taken += 1;
          for (const one of list) emit<E, R>(invocation, one, push);
        }
        return next();
      }),
      invocation,
    );
  };

const emit = <E extends Event, R>(
  invocation: Invocation,
  decoded: Decoded<R>,
  push: (error: Error | null, uow?: Uow<E, R>) => void,
): void => {
  const entry = invocation.admit(decoded);
  if ('skip' in decoded) return invocation.settle(entry, { kind: 'filtered', reason: decoded.skip });
  if ('error' in decoded) {
    invocation.raise(withEntry({ record: decoded.record, origin: decoded.origin }, entry), decoded.error);
    return push(decoded.error);
  }
  const uow = { record: decoded.record, event: decoded.event as E, origin: decoded.origin, [ENTRY]: entry };
  return push(null, uow);
};
