import type { Change, Image, Window } from './history';

/** What a row was, and the longest time for which it may have been that. */
export interface State {
  readonly row: Image | undefined;
  readonly at: Window;
}

/** The row between its changes, which are in the order of their commits: each comes after all before it, whatever is known of its own time. */
export const statesOf = (changes: readonly Change[]): State[] => {
  let [earliest, latest] = [-Infinity, Infinity];
  const from = changes.map(({ at }) => (earliest = Math.max(earliest, at?.from ?? -Infinity)));
  const to = [...changes].reverse().map(({ at }) => (latest = Math.min(latest, at?.to ?? Infinity))).reverse();
  return [
    { row: changes[0]?.old, at: { from: -Infinity, to: to[0] ?? Infinity } },
    ...changes.map(({ now }, i) => ({ row: now, at: { from: from[i] ?? -Infinity, to: to[i + 1] ?? Infinity } })),
  ];
};

/** Those that the row may have been in at some moment of the window. */
export const statesWithin = (states: readonly State[], window: Window): State[] => states.filter(({ at }) => at.from <= window.to && at.to >= window.from);
