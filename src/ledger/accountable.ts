import _ from 'highland';
import { entryOf, withEntry } from './entry';
import type { Invocation } from './invocation';
import { createStage, type Stage } from './stage';

type AnyStream = Highland.Stream<unknown>;
type Method = (...args: unknown[]) => unknown;

const INVOCATION = Symbol.for('oplock-stream.invocation');
const STAGE = Symbol.for('oplock-stream.stage');

export const invocationOf = (stream: unknown): Invocation | undefined =>
  (stream as { [INVOCATION]?: Invocation })[INVOCATION];

export const stageOf = (stream: unknown): Stage | undefined => (stream as { [STAGE]?: Stage })[STAGE];

/** What comes out of a sink is on its way to the next one. */
export const startStage = (stream: unknown, stage: Stage): void => {
  (stream as { [STAGE]?: Stage })[STAGE] = stage;
};

/** The transforms of Highland that others are made of: what they return belongs to the same invocation. */
const DERIVING = [
  'through', 'take', 'sequence', 'series', 'parallel', 'merge', 'mergeWithLimit', 'fork', 'observe', 'concat', 'otherwise', 'zip',
] as const;

/**
 * Makes plain Highland code keep the books. `fromKinesis(event).filter(f).map(g)` is what users write, and Highland
 * forgets which value an exception came from, and that a filter said no. So on streams of an invocation
 * `map`, `filter` and their like note both: an exception becomes an error that knows its uow, a value that is left
 * out ends as `filtered`. Own properties on these streams only: Highland's prototype is not touched.
 */
export const accountable = <T>(stream: Highland.Stream<T>, invocation: Invocation, stage: Stage = createStage(invocation, '')): Highland.Stream<T> => {
  const target = stream as unknown as Record<string | symbol, unknown>;
  if (target[INVOCATION]) return stream;
  target[INVOCATION] = invocation;
  startStage(stream, stage);

  const original = (name: string): Method => (target[name] as Method).bind(stream);
  const guarded = (call: Method): Method => (uow, ...rest) => {
    try {
      return call(uow, ...rest);
    } catch (error) {
      throw entryOf(uow) ? invocation.raise(uow as object, error).error : error;
    }
  };

  // Outside of a promise's callback a consumer that throws would be an uncaught exception, and a stream that never ends.
  const contained = (call: Method): Method => (error, uow, push, next) => {
    try {
      return call(error, uow, push, next);
    } catch (thrown) {
      if (!invocation.onCrash) throw thrown;
      if (entryOf(uow)) invocation.raise(uow as object, thrown);
      return invocation.crash(thrown);
    }
  };

  const consume = original('consume');
  target['consume'] = (fn: Method) => accountable(consume(contained(fn)) as AnyStream, invocation, stageOf(stream));
  for (const name of DERIVING) {
    const derive = original(name);
    target[name] = (...args: unknown[]) => {
      const derived = derive(...args);
      return _.isStream(derived) ? accountable(derived as AnyStream, invocation, stageOf(stream)) : derived;
    };
  }

  const map = original('map');
  target['map'] = (fn: Method) => map(guarded((uow) => carry(uow, fn(uow))));
  for (const name of ['flatMap', 'tap', 'doto'] as const) {
    const transform = original(name);
    target[name] = (fn: Method) => transform(guarded(fn));
  }
  const filter = original('filter');
  const keep = (fn: Method, wanted: boolean) =>
    filter(
      guarded((uow) => {
        const kept = Boolean(fn(uow)) === wanted;
        const entry = kept ? undefined : entryOf(uow);
        if (entry) drop(invocation, entry);
        return kept;
      }),
    );
  target['filter'] = (fn: Method) => keep(fn, true);
  target['reject'] = (fn: Method) => keep(fn, false);
  return stream;
};

/** A filter behind a sink (`onlyApplied`) leaves the outcome as it is. */
const drop = (invocation: Invocation, entry: NonNullable<ReturnType<typeof entryOf>>): void => {
  if (entry.outcomes.length === 0) invocation.settle(entry, { kind: 'filtered' });
};

/** A mapping that builds a new object instead of spreading the uow keeps its entry all the same. */
const carry = (from: unknown, to: unknown): unknown => {
  const entry = entryOf(from);
  if (!entry || !isPlainObject(to) || entryOf(to)) return to;
  return withEntry(to, entry);
};

const isPlainObject = (value: unknown): value is object => {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};
