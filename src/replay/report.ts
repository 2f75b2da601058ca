import type { OutcomeKind } from '../outcome';
import type { PlainItem } from './table/plain';

/** What a replay did; plain JSON. */
export interface ReplayReport {
  /** Events delivered: every user record of an aggregated record counts, and every copy. */
  readonly events: number;
  /**
   * How many events ended in what; the sum is `events`. An event that came again after a retry counts once, by the
   * first outcome that is not `retry`.
   */
  readonly outcomes: Readonly<Record<OutcomeKind, number>>;
  /** Writes that the table took. */
  readonly writes: number;
  /** Requests that the SDK's client sent, retries included. */
  readonly requests: number;
  /** Wall time of the delivery, without reading fixtures and tables. */
  readonly seconds: number;
  /** Deliveries of events that had their outcome already, because a record of the batch was retried. */
  readonly redelivered: number;
  /** Invocations that were interrupted, as `crash` had it. */
  readonly crashed: number;
  /** Requests that the table answered, and whose answer an interrupted invocation did not get. */
  readonly lostResponses: number;
  /** Events that never got beyond `retry`: the attempts ran out. 0 when all is well. */
  readonly undelivered: number;
  /** Why they did not: each reason once, the first 10. */
  readonly unsettled: readonly string[];
  /** Each fault once. */
  readonly faults: readonly ReplayFault[];
  /** What invocations threw: each message once, the first 10. */
  readonly errors: readonly string[];
  readonly table: {
    /** How many. */
    readonly items: number;
    /** Of the whole table; see `digest`. */
    readonly digest: string;
  };
}

export interface ReplayFault {
  readonly id: string;
  readonly message: string;
  /** Where it happened; empty before any pipeline. */
  readonly pipeline: string;
  /** Id of the event; absent when the record could not be decoded. */
  readonly event?: string;
}

/** The report and the table itself. */
export interface ReplayResult extends ReplayReport {
  /** The items, plain and sorted by key. */
  readonly rows: readonly PlainItem[];
}

/** The report without the table. */
export const reportOf = (result: ReplayResult): ReplayReport => {
  const { rows: _rows, ...report } = result;
  return report;
};
