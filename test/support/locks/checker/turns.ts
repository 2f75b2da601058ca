import type { LostReason } from '../../../../src/locks/errors';
import { byRow, type Change, type Violation, type Window } from './history';
import type { Interval } from './intervals';
import { statesOf, statesWithin } from './states';
import { acquisitionOf, isHeld, isReleased } from './transitions';

/** Somebody has tried to go on with an acquisition of another's. */
export interface Resume {
  readonly id: string;
  readonly acquisitionId: string;
  readonly node: string;
  readonly at: Window;
  /** `unknown`: the table did not answer. */
  readonly outcome: 'resumed' | 'unknown' | LostReason;
}

/** A renewal of what another node has written last: it is this one's turn. */
export const isTurn = ({ old, now, by }: Change, author: string | undefined): boolean =>
  by !== undefined && author !== undefined && by !== author && isHeld(old) && isHeld(now) && acquisitionOf(old) === acquisitionOf(now);

/** Who has resumed an acquisition can promise something, and who has handed it over no more: it learns by its next renewal. */
export const cutAtTurns = (intervals: readonly Interval[], changes: readonly Change[]): Interval[] => {
  const rows = byRow(changes);
  return intervals.map((interval) => {
    const { acquisition, who, from, to } = interval;
    if (acquisition === undefined) return interval;
    const steps = (rows.get(interval.id) ?? []).filter(({ now, by }) => by !== undefined && isHeld(now) && now.acquisitionId === acquisition);
    const mine = steps.findLastIndex(({ by, at }) => by === who && at !== undefined && at.from <= from);
    const next = mine < 0 ? undefined : steps.slice(mine).find(({ by }) => by !== who);
    return next?.at ? { ...interval, to: Math.min(to, next.at.from) } : interval;
  });
};

const isSo = (reason: Resume['outcome'], acquisitionId: string, row: Change['now']): boolean => {
  switch (reason) {
    case 'deleted': return row === undefined;
    case 'releasedElsewhere': return row !== undefined && isReleased(row);
    default: return row !== undefined && row.acquisitionId !== acquisitionId;
  }
};

/** I2: nobody renews what is another's turn, but by a resume. I4: what is said of each resume is so. */
export const checkResumes = (changes: readonly Change[], resumes: readonly Resume[]): Violation[] => {
  const rows = byRow(changes);
  const intruders = [...rows].flatMap(([id, steps]) => steps.flatMap((change, i): Violation[] => {
    const { now, by, at } = change;
    if (!isTurn(change, steps[i - 1]?.by)) return [];
    const asked = resumes.some((one) => one.id === id && one.node === by && one.acquisitionId === now?.acquisitionId && (!at || one.at.from <= at.to));
    return asked ? [] : [{ invariant: 'I2', id, problem: `${by} has renewed the lock, and it was the turn of ${steps[i - 1]?.by}` }];
  }));
  const untrue = resumes.flatMap(({ id, acquisitionId, node, at, outcome }): Violation[] => {
    if (outcome === 'unknown') return [];
    const steps = rows.get(id) ?? [];
    const isTrue = outcome === 'resumed'
      ? steps.some(({ now, by, at: when }) => by === node && isHeld(now) && now.acquisitionId === acquisitionId && (!when || (when.from <= at.to && when.to >= at.from)))
      : statesWithin(statesOf(steps), at).some(({ row }) => isSo(outcome, acquisitionId, row));
    return isTrue ? [] : [{ invariant: 'I4', id, problem: `${node} resumed the lock from ${at.from} to ${at.to}: ${outcome}, and the row says otherwise` }];
  });
  return [...intruders, ...untrue];
};
