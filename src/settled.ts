import type { Event } from './event';
import type { Outcome } from './outcome';
import type { Origin } from './uow';

/** How one pipeline (or one part of an event that it split) ended. */
export interface SettledPart {
  /** Id of the pipeline; empty for what happened before any pipeline: decoding, dispatch. */
  readonly pipeline: string;
  readonly outcome: Outcome;
}

/** The end of one event: what metrics, logs, the replay report and tests read. */
export interface Settled {
  readonly record: unknown;
  readonly origin: Origin;
  /** Absent when the record could not be decoded. */
  readonly event?: Event;
  /** The event's one outcome. */
  readonly outcome: Outcome;
  readonly parts: readonly SettledPart[];
}
