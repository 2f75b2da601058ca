import type { Event } from '../event';
import type { Outcome } from '../outcome';
import { ENTRY, type Origin } from '../uow';
import type { Gate } from './gate';
import type { Invocation } from './invocation';

/** One event of the invocation, from admission to its one outcome. There is one for each event: all have the same fields, which is fast. */
export interface Ticket {
  /** Position among the events of the invocation. */
  readonly index: number;
  readonly record: unknown;
  readonly origin: Origin;
  readonly event: Event | undefined;
  readonly invocation: Invocation;
  /** The events that share this one's key; absent when the record has no key. */
  readonly gate: Gate | undefined;
  /** Place among the events that share its gate. */
  readonly place: number;
  entries: Entry[];
  /** Entries that may still produce a write: while there are any, later events of the key wait. */
  undecided: number;
  /** Items that this event writes already, to notice when two of its parts write the same one; absent before the first. */
  items: string[] | undefined;
}

/** What one pipeline makes of an event; one for each part when it splits the event. */
export interface Entry {
  readonly ticket: Ticket;
  /** Empty before any pipeline. */
  pipeline: string;
  outcomes: readonly Outcome[];
  undecided: boolean;
}

export const entryOf = (uow: unknown): Entry | undefined =>
  typeof uow === 'object' && uow !== null ? (uow as { [ENTRY]?: Entry })[ENTRY] : undefined;

export const withEntry = <U extends object>(uow: U, entry: Entry): U => ({ ...uow, [ENTRY]: entry });

/** One more outcome. A new list: most entries have exactly one, and a list that grows takes room for seventeen. */
export const addOutcome = (entry: Entry, outcome: Outcome): void => {
  entry.outcomes = entry.outcomes.length === 0 ? [outcome] : [...entry.outcomes, outcome];
};

/** What an entry starts with. */
export const NO_OUTCOMES: readonly Outcome[] = [];
