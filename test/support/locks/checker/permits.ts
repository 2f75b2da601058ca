import { byRow, type Change, type Violation, type Window } from './history';
import type { Interval } from './intervals';
import { statesOf, statesWithin } from './states';
import { isHeld } from './transitions';

/** Somebody has asked for one of `size` permits. */
export interface PermitAsk {
  readonly pool: string;
  readonly size: number;
  readonly at: Window;
  /** The lock that was granted; absent where all were taken. */
  readonly key?: string | undefined;
}

/** Most that are in use at once, told when it is more than `max`. */
const crowd = (intervals: readonly Interval[], max: number): Interval[] | undefined => {
  let inside: Interval[] = [];
  for (const interval of intervals.filter(({ from, to }) => to > from).sort((a, b) => a.from - b.from)) {
    inside = [...inside.filter(({ to }) => to > interval.from), interval];
    if (inside.length > max) return inside;
  }
  return undefined;
};

/** I1 of a pool: as many holders at once as the greatest of the sizes at most. I5: nobody is refused while a slot is free. */
export const checkPermits = (changes: readonly Change[], intervals: readonly Interval[], asks: readonly PermitAsk[]): Violation[] => {
  const rows = byRow(changes);
  const slotsOf = ({ pool, size }: PermitAsk): string[] => Array.from({ length: size }, (_unused, i) => `${pool}#${i}`);
  const wrong = asks.flatMap((ask): Violation[] => {
    const { pool: id, size, at, key } = ask;
    const slots = slotsOf(ask);
    if (key !== undefined) return slots.includes(key) ? [] : [{ invariant: 'I1', id, problem: `${key} is none of ${size} slots` }];
    const free = slots.find((slot) => !statesWithin(statesOf(rows.get(slot) ?? []), at).some(({ row }) => isHeld(row)));
    return free === undefined ? [] : [{ invariant: 'I5', id, problem: `none of ${size} was granted from ${at.from} to ${at.to}, and ${free} was free all the while` }];
  });
  const crowds = [...new Set(asks.map(({ pool }) => pool))].flatMap((id): Violation[] => {
    const max = Math.max(...asks.flatMap(({ pool, size }) => (pool === id ? [size] : [])));
    const found = crowd(intervals.filter((interval) => interval.id.startsWith(`${id}#`)), max);
    return found ? [{ invariant: 'I1', id, problem: `${found.length} of ${max} at ${found.at(-1)?.from}: ${found.map(({ who }) => who).join(', ')}` }] : [];
  });
  return [...wrong, ...crowds];
};
