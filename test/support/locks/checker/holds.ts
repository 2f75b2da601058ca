import type { ReleaseOutcome } from '../../../../src/locks';
import { byRow, type Change, type Violation } from './history';
import { isHeld } from './transitions';

/** `order` tells moments of one time apart. */
export interface Moment {
  readonly at: number;
  readonly order: number;
}

/** One of the times that a lock was given by a client, which may be several for one acquisition of a reentrant lock. */
export interface Hold {
  readonly id: string;
  readonly node: string;
  readonly acquisitionId: string;
  readonly granted: Moment;
  /** As the lock said when it was given. */
  readonly remainingMs: number;
  readonly releaseCalled?: Moment | undefined;
  /** Absent where the release was not answered. */
  readonly outcome?: ReleaseOutcome | undefined;
  /** The acquisition was lost, or its client closed: nothing is counted any more. */
  readonly over?: Moment | undefined;
}

/** Given, and neither given back nor over at that moment: for certain, or for all that is known of things that happen at one time. */
const isOpen = ({ granted, releaseCalled, over }: Hold, { at, order }: Moment, known: 'certainly' | 'perhaps'): boolean => (known === 'certainly'
  ? granted.order < order && (releaseCalled === undefined || releaseCalled.order > order) && (over === undefined || over.order > order)
  : granted.at <= at && (releaseCalled === undefined || releaseCalled.at >= at));

/** Given before, and given back or over after that time. */
const spans = ({ granted, releaseCalled, over }: Hold, at: number): boolean => granted.at < at && Math.min(releaseCalled?.at ?? Infinity, over?.at ?? Infinity) > at;

/** I4 of locks that are counted: given again only while they are held, said to be held still only while they are, and given back by the last one only. */
export const checkHolds = (changes: readonly Change[], holds: readonly Hold[]): Violation[] => {
  const groups = new Map<string, Hold[]>();
  for (const hold of holds) {
    const key = JSON.stringify([hold.id, hold.node, hold.acquisitionId]);
    groups.set(key, [...(groups.get(key) ?? []), hold]);
  }
  const rows = byRow(changes);
  return [...groups.values()].flatMap((group): Violation[] => {
    const { id, node, acquisitionId } = group[0] as Hold;
    const others = (hold: Hold, moment: Moment, known: 'certainly' | 'perhaps'): boolean => group.some((other) => other !== hold && isOpen(other, moment, known));
    const problems = group.flatMap((hold, n): (string | undefined)[] => {
      const { granted, remainingMs, releaseCalled, outcome, over } = hold;
      return [
        n > 0 && !others(hold, granted, 'perhaps') ? 'was given again after it was given back' : undefined,
        n > 0 && (remainingMs <= 0 || group.some((other) => other.over && other.over.at < granted.at)) ? 'was given again after it was over' : undefined,
        releaseCalled && outcome === 'still-held' && !others(hold, releaseCalled, 'perhaps') ? 'is said to be held still, and nobody has it' : undefined,
        releaseCalled && outcome === 'released' && !(over && over.order < releaseCalled.order) && others(hold, releaseCalled, 'certainly') ? 'was released, and others have it still' : undefined,
      ];
    });
    const early = (rows.get(id) ?? []).filter(({ old, now, by, at }) => by === node && isHeld(old) && old.acquisitionId === acquisitionId && !isHeld(now) && group.some((hold) => at && spans(hold, at.from)));
    return [...problems, ...early.map(() => 'was given back, and somebody has it still')]
      .flatMap((problem) => (problem === undefined ? [] : [{ invariant: 'I4' as const, id, problem: `the lock of ${node} ${problem}` }]));
  });
};
