import { checkCounts, type Count } from './counter';
import { checkGrants, type Grant } from './grants';
import type { Change, Violation } from './history';
import { checkOverlaps, type Interval } from './intervals';
import { checkRefusals, type Refusal } from './refusals';
import { checkSchema } from './schema';
import { checkTransitions, type Fleet } from './transitions';

export type { Count } from './counter';
export type { Grant } from './grants';
export { byRow, changesOf, idOf, OPERATOR, type Change, type Image, type KeyNames, type StreamRecord, type Violation, type Window } from './history';
export type { Interval } from './intervals';
export type { Refusal } from './refusals';
export type { Fleet } from './transitions';

/** What is known of a run: all of it, or what an engine and its clients have recorded. */
export interface Run {
  /** Of the lock table, in the order of the commits of each row. */
  readonly changes: readonly Change[];
  readonly intervals?: readonly Interval[];
  readonly grants?: readonly Grant[];
  readonly counts?: readonly Count[];
  /** Conditional writes of the lock table. */
  readonly refusals?: readonly Refusal[];
}

/**
 * I1 to I4 and I8 of what was recorded. DynamoDB serializes the writes of a row, and the history keeps that order: no
 * search for an order is needed, only one look at each change and each interval.
 */
export const checkRun = ({ changes, intervals = [], grants = [], counts = [], refusals = [] }: Run, fleet: Fleet = {}): Violation[] => [
  ...checkOverlaps(intervals), ...checkTransitions(changes, fleet), ...checkCounts(counts), ...checkGrants(changes, grants), ...checkSchema(changes),
  ...checkRefusals(changes, refusals),
];
