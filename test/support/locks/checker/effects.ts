import { byRow, type Change, type Violation, type Window } from './history';
import { statesOf, statesWithin } from './states';
import { isHeld } from './transitions';

/** A write that was guarded by an acquisition, and committed. */
export interface Effect {
  readonly id: string;
  readonly acquisitionId: string;
  readonly at: Window | undefined;
}

/** I3: what is guarded by a lock is written while the lock is that of the acquisition. */
export const checkEffects = (changes: readonly Change[], effects: readonly Effect[]): Violation[] => {
  const states = new Map([...byRow(changes)].map(([id, steps]) => [id, statesOf(steps)]));
  return effects.flatMap(({ id, acquisitionId, at }): Violation[] => {
    if (!at || statesWithin(states.get(id) ?? [], at).some(({ row }) => isHeld(row) && row.acquisitionId === acquisitionId)) return [];
    return [{ invariant: 'I3', id, problem: `${acquisitionId} wrote at ${at.from}, and the lock was not its own` }];
  });
};
