import { checkCounts, type Count } from './counter';
import { checkEffects, type Effect } from './effects';
import { checkGrants, type Grant } from './grants';
import type { Change, Violation } from './history';
import { checkHolds, type Hold } from './holds';
import { checkOverlaps, type Interval } from './intervals';
import { checkPermits, type PermitAsk } from './permits';
import { checkRefusals, type Refusal } from './refusals';
import { checkSchema } from './schema';
import { checkAttempts, type Attempt } from './several';
import { checkTransitions, type Fleet } from './transitions';
import { checkResumes, cutAtTurns, type Resume } from './turns';

export type { Count } from './counter';
export type { Grant } from './grants';
export { byRow, changesOf, idOf, OPERATOR, type Change, type Image, type KeyNames, type StreamRecord, type Violation, type Window } from './history';
export type { Effect } from './effects';
export type { Hold, Moment } from './holds';
export type { Interval } from './intervals';
export type { PermitAsk } from './permits';
export type { Refusal } from './refusals';
export type { Attempt } from './several';
export type { Fleet } from './transitions';
export type { Resume } from './turns';

/** What is known of a run: all of it, or what an engine and its clients have recorded. */
export interface Run {
  /** Of the lock table, in the order of the commits of each row. */
  readonly changes: readonly Change[];
  readonly intervals?: readonly Interval[];
  readonly grants?: readonly Grant[];
  readonly counts?: readonly Count[];
  /** Conditional writes of the lock table. */
  readonly refusals?: readonly Refusal[];
  readonly effects?: readonly Effect[];
  /** Each time that a lock was given, where locks are counted. */
  readonly holds?: readonly Hold[];
  readonly resumes?: readonly Resume[];
  readonly permits?: readonly PermitAsk[];
  readonly attempts?: readonly Attempt[];
}

/**
 * I1 to I4 and I8 of what was recorded. DynamoDB serializes the writes of a row, and the history keeps that order: no
 * search for an order is needed, only one look at each change and each interval.
 */
export const checkRun = ({ changes, intervals = [], grants = [], counts = [], refusals = [], effects = [], holds = [], resumes = [], permits = [], attempts = [] }: Run, fleet: Fleet = {}): Violation[] => [
  ...checkOverlaps(cutAtTurns(intervals, changes)), ...checkTransitions(changes, fleet), ...checkCounts(counts), ...checkGrants(changes, grants), ...checkSchema(changes),
  ...checkRefusals(changes, refusals), ...checkEffects(changes, effects), ...checkHolds(changes, holds), ...checkResumes(changes, resumes),
  ...checkPermits(changes, intervals, permits), ...checkAttempts(changes, attempts),
];
