import { OUTCOME_KINDS, type OutcomeKind } from '../outcome';
import type { Settled } from '../settled';
import { describeRetry } from './unsettled';

/** Counts each delivered event once, however often it is delivered again. */
export interface Tally {
  /** Before the first delivery of a batch. */
  startBatch(records: readonly unknown[]): void;
  /** Before each invocation. */
  startInvocation(): void;
  settled(settled: Pick<Settled, 'record' | 'origin' | 'outcome' | 'parts'>): void;
  /** After the last delivery of a batch. */
  endBatch(): void;
  readonly outcomes: Readonly<Record<OutcomeKind, number>>;
  readonly redelivered: number;
  /** Why events ended as `retry`, each reason once. */
  readonly unsettled: readonly string[];
}

/** What an event ended in so far. */
interface End {
  readonly kind: OutcomeKind;
  /** Why it is to be retried. */
  readonly why: string | undefined;
}

/**
 * An event is known by its record and its place in that record. Records are told apart by identity, for copies of
 * one record are deliveries of their own. What has no identity that lasts from one invocation to the next is told
 * apart by counting: a null in place of a record, and a record that the source made itself, for a part of an aggregate.
 */
export const createTally = (): Tally => {
  const outcomes = Object.fromEntries(OUTCOME_KINDS.map((kind) => [kind, 0])) as Record<OutcomeKind, number>;
  let redelivered = 0;
  let batch: ReadonlySet<unknown> = new Set();
  let size = 0;
  let ends = new Map<unknown, Map<string, End>>();
  let seen = new Map<unknown, Map<number, number>>();

  const unsettled = new Set<string>();

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
    get unsettled() {
      return [...unsettled];
    },
    startBatch: (records) => {
      batch = new Set(records);
      size = records.length;
      ends = new Map();
    },
    startInvocation: () => {
      seen = new Map();
    },
    settled: (settled) => {
      const { origin, outcome } = settled;
      const record = batch.has(settled.record) ? settled.record : origin.identifier;
      const events = ends.get(record) ?? new Map<string, End>();
      ends.set(record, events);
      const event = place(record, origin.subSequence);
      const known = events.get(event)?.kind;
      if (known === undefined || known === 'retry') events.set(event, { kind: outcome.kind, why: describeRetry(settled) });
      else redelivered += 1;
    },
    endBatch: () => {
      for (const events of ends.values()) {
        for (const { kind, why } of events.values()) {
          outcomes[kind] += 1;
          if (why !== undefined) unsettled.add(why);
        }
      }
      // An invocation that never got as far as settling: the record stands for the events that it may hold.
      outcomes.retry += Math.max(0, size - [...ends].reduce((all, [record, events]) => all + recordsIn(record, events), 0));
    },
  };
};

/** How many records of the batch an entry stands for: the copies of what was told apart by counting. */
const recordsIn = (record: unknown, events: ReadonlyMap<string, End>): number =>
  (typeof record === 'object' && record !== null ? 1 : new Set([...events.keys()].map((place) => place.split('#')[1])).size);
