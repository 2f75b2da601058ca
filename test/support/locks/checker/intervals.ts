import type { Violation } from './history';

/** A time during which somebody believed to hold a lock, on a clock that all share: from `from` up to, not including, `to`. */
export interface Interval {
  readonly id: string;
  readonly who: string;
  /** The acquire had returned. */
  readonly from: number;
  /** The lease was over, the release was called, or the loss was signalled: whatever came first. */
  readonly to: number;
  /** Those of one acquisition may overlap: it was handed over. */
  readonly acquisition?: string | undefined;
}

const isSame = (a: Interval, b: Interval): boolean => a.acquisition !== undefined && a.acquisition === b.acquisition;

/** I1: no two of them overlap. O(n log n). */
export const checkOverlaps = (intervals: readonly Interval[]): Violation[] => {
  const sorted = intervals.filter(({ from, to }) => to > from).sort((a, b) => a.from - b.from);
  const latest = new Map<string, Interval>();
  return sorted.flatMap((interval): Violation[] => {
    const before = latest.get(interval.id);
    if (!before || interval.to > before.to) latest.set(interval.id, interval);
    return before && before.to > interval.from && !isSame(before, interval)
      ? [{ invariant: 'I1', id: interval.id, problem: `${before.who} (${before.from} to ${before.to}) and ${interval.who} (${interval.from} to ${interval.to}) both hold it` }]
      : [];
  });
};
