import type { Rule } from '../../pipelines/pipeline';

type Callable = (...args: unknown[]) => unknown;

/** `Date`, standing still at a time of ours. */
const stoppedAt = (at: number): DateConstructor => new Proxy(Date, {
  construct: (real, args, target) => Reflect.construct(real, args.length === 0 ? [at] : args, target) as object,
  apply: () => new Date(at).toString(),
  get: (real, name) => (name === 'now' ? () => at : Reflect.get(real, name) as unknown),
});

/**
 * While the function runs, the global clock shows `at`. Only while it runs: nothing else can run meanwhile, and
 * what it does after an `await` sees the real clock again.
 */
const atTime = (fn: Callable, at: number): Callable => (...args) => {
  const real = globalThis.Date;
  globalThis.Date = stoppedAt(at);
  try {
    return fn(...args);
  } finally {
    globalThis.Date = real;
  }
};

/** The rules, with a clock that stands still in all of their functions. So a mapping that reads the clock is found out. */
export const withClock = (rules: readonly Rule[], at: number): readonly Rule[] => rules.map((rule) => Object.fromEntries(
  Object.entries(rule).map(([name, value]: [string, unknown]) =>
    [name, typeof value === 'function' && name !== 'flavor' ? atTime(value as Callable, at) : value]),
) as unknown as Rule);

/** Another time that differs in every field, from the year to the millisecond. */
export const anotherTime = (at: number): number => at + (((366 + 32) * 24 + 1) * 60 + 1) * 60_000 + 1_001;
