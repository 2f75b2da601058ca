import _ from 'highland';
import { accountable, invocationOf, stageOf } from '../ledger/accountable';

/** Takes what a piece of work made of a value. */
export type Emit<B> = (error: Error | null, value?: B) => void;

/**
 * Hands every value to `work` and passes on what it emits, in the order of completion. At most `limit` values are
 * being worked on; the rest wait upstream. Unlike Highland's `parallel`, a slow value holds up nobody.
 * `work` must call `done` once and must not throw. `onEnd` is told when no more values come.
 */
export const unordered =
  <A, B>(work: (value: A, emit: Emit<B>, done: () => void) => void, limit = Infinity, onEnd?: () => void) =>
  (source: Highland.Stream<A>): Highland.Stream<B> => {
    const invocation = invocationOf(source);
    const output = _<B>((push) => {
      let working = 0;
      let ended = false;
      let resume: (() => void) | undefined;
      // A step of the user's own that throws here, after something asynchronous, would be an uncaught exception and a stream
      // that never ends: the invocation ends instead.
      const guarded = (call: () => void): void => {
        try {
          call();
        } catch (thrown) {
          if (!invocation?.onCrash) throw thrown;
          invocation.crash(thrown);
        }
      };
      const emit: Emit<B> = (error, value) => guarded(() => (error ? push(error) : push(null, value)));
      const done = () => {
        working -= 1;
        invocation?.end();
        if (ended && working === 0) return guarded(() => push(null, _.nil));
        const next = resume;
        resume = undefined;
        if (next) guarded(next); // what comes next runs through the steps before this one
      };
      source
        .consume((error, value, _push, next) => {
          if (error) {
            push(error);
            next();
          } else if (_.isNil(value)) {
            ended = true;
            onEnd?.();
            if (working === 0) push(null, _.nil);
          } else {
            working += 1;
            invocation?.begin();
            work(value, emit, done);
            if (working < limit) next();
            else resume = next;
          }
        })
        .resume();
    });
    return invocation ? accountable(output, invocation, stageOf(source)) : output;
  };
