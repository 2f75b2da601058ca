import { OUTCOME_KINDS, type OutcomeKind } from '../outcome';
import type { Settled } from '../settled';

/** Counts each delivered event once, however often it is delivered again. */
export interface Tally {
  /** Before the first delivery of a batch. */
  startBatch(records: readonly unknown[]): void;
  /** Before each invocation. */
  startInvocation(): void;
  settled(settled: Pick<Settled, 'record' | 'origin' | 'outcome'>): void;
  /** After the last delivery of a batch. */
  endBatch(): void;
  readonly outcomes: Readonly<Record<OutcomeKind, number>>;
  readonly redelivered: number;
}

/**
 * An event is known by its record and its place in that record. Records are told apart by identity, for copies of
 * one record are deliveries of their own; values without identity (a null in place of a record) by counting.
 */
export const createTally = (): Tally => {
  const outcomes = Object.fromEntries(OUTCOME_KINDS.map((kind) => [kind, 0])) as Record<OutcomeKind, number>;
  let redelivered = 0;
  let batch: readonly unknown[] = [];
  let ends = new Map<unknown, Map<string, OutcomeKind>>();
  let seen = new Map<unknown, Map<number, number>>();

  const place = (record: unknown, subSequence: number): string => {
    if (typeof record === 'object' && record !== null) return String(subSequence);
    const counts = seen.get(record) ?? new Map<number, number>();
    seen.set(record, counts);
    const nth = counts.get(subSequence) ?? 0;
    counts.set(subSequence, nth + 1);
    return `${subSequence}#${nth}`;
  };

  return {
    outcomes,
    get redelivered() {
      return redelivered;
    },
    startBatch: (records) => {
      batch = records;
      ends = new Map();
    },
    startInvocation: () => {
      seen = new Map();
    },
    settled: ({ record, origin, outcome }) => {
      const events = ends.get(record) ?? new Map<string, OutcomeKind>();
      ends.set(record, events);
      const event = place(record, origin.subSequence);
      const known = events.get(event);
      if (known === undefined || known === 'retry') events.set(event, outcome.kind);
      else redelivered += 1;
    },
    endBatch: () => {
      for (const events of ends.values()) for (const kind of events.values()) outcomes[kind] += 1;
      // An invocation that never got as far as settling: the record stands for the events that it may hold.
      outcomes.retry += Math.max(0, batch.length - [...ends].reduce((all, [record, events]) => all + recordsIn(record, events), 0));
    },
  };
};

const recordsIn = (record: unknown, events: ReadonlyMap<string, OutcomeKind>): number =>
  (typeof record === 'object' && record !== null ? 1 : events.size);
