import type { OutcomeKind } from '../../outcome';
import type { TableDiff } from '../table/diff';
import type { PlainItem } from '../table/plain';
import type { History } from './history';

/** Why tables differ. `unknown`: none of the causes that are looked for; the history and the difference tell what is known. */
export type ConvergeCause =
  | 'clock' | 'chance' | 'physical-delete' | 'counter' | 'no-condition' | 'own-condition' | 'second-precision' | 'tie-lost' | 'partial-updates' | 'unknown';

export interface Explanation {
  readonly cause: ConvergeCause;
  /** One paragraph: who, which item, which attributes, why, and what cures it. */
  readonly text: string;
  /** Ids of the events concerned. */
  readonly events: readonly string[];
  /** Keys of the items concerned, as in the difference. */
  readonly items: readonly string[];
  readonly attributes: readonly string[];
}

/** The smallest history that was found to give another table. */
export interface ConvergeFailure {
  readonly explanation: Explanation;
  /** What was delivered, a line for each invocation. */
  readonly story: readonly string[];
  /** By places among the events, in the order in which they happened. */
  readonly history: History;
  /** `expected`: the table when the same events come in order, once each. */
  readonly diff: TableDiff;
  /** Give it to `converge`, with the same seed, to go straight to this history; absent when it was found before chance was asked. */
  readonly path?: string;
}

/** What `converge` found; plain JSON. */
export interface ConvergeReport {
  readonly converges: boolean;
  /** Histories tried, those on the way to the smallest not counted. */
  readonly runs: number;
  readonly seed: number;
  /** Records. */
  readonly records: number;
  /** The table when all events came in order, plain and sorted by key; without what is to be ignored. */
  readonly rows: readonly PlainItem[];
  /** What the events ended in when they came in order. */
  readonly outcomes: Readonly<Partial<Record<OutcomeKind, number>>>;
  /** Messages of the faults when the events came in order, each once. A faulty event writes nothing, in any order. */
  readonly faults: readonly string[];
  /** Absent when all is well. */
  readonly failure?: ConvergeFailure;
}
