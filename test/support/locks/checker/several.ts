import { byRow, type Change, type Violation, type Window } from './history';
import { statesOf, statesWithin } from './states';
import { isHeld } from './transitions';

/** Somebody has asked for several locks at once, and for nothing else at the same time. */
export interface Attempt {
  readonly node: string;
  readonly ids: readonly string[];
  readonly at: Window;
  /** The acquisitions, in their order; absent where nothing was granted. */
  readonly granted?: readonly { readonly id: string; readonly acquisitionId: string }[] | undefined;
}

/**
 * I4: all that were asked for, each once, or none: whoever is refused has nothing left in the table that it was not granted
 * before. Only of requests that were answered in time: what nobody knows of runs out by itself.
 */
export const checkAttempts = (changes: readonly Change[], attempts: readonly Attempt[]): Violation[] => {
  const rows = byRow(changes);
  return attempts.flatMap(({ node, ids, at, granted }): Violation[] => {
    const wanted = [...new Set(ids)].sort();
    const violation = (id: string, problem: string): Violation => ({ invariant: 'I4', id, problem: `${node} asked for ${ids.join(', ')}, ${problem}` });
    if (granted) {
      const had = granted.map(({ id }) => id);
      return [...had].sort().join() === wanted.join() ? [] : [violation(wanted[0] ?? '', `and was granted ${had.join(', ')}`)];
    }
    const known = new Set(attempts.flatMap((one) => (one.node === node ? one.granted ?? [] : [])).map(({ acquisitionId }) => acquisitionId));
    return wanted.flatMap((id) => {
      const left = statesWithin(statesOf(rows.get(id) ?? []), { from: at.to, to: at.to }).every(({ row }) => isHeld(row) && row.ownerName === node && !known.has(String(row.acquisitionId)));
      return left ? [violation(id, `was refused at ${at.to}, and this one is its own still`)] : [];
    });
  });
};
