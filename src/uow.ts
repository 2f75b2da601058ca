import type { Event } from './event';

/**
 * Which clock gave the event its `timestamp`. Times of a `stream-second` clock are truncated to the second and
 * are never compared with a millisecond oplock (they would lose against an update of the same second).
 */
export type Clock = 'producer' | 'row' | 'stream-ms' | 'stream-second';

/** What a source knows about a record, whatever kind of stream it came from. */
export interface Origin {
  /** `kinesis`, `dynamodb`, … : the kind of source. */
  readonly source: string;
  /** Event source ARN: times and sequences of different scopes come from different clocks. */
  readonly sourceScope: string;
  /** Shard, when the record tells; records of one shard are checkpointed together. Empty when unknown. */
  readonly shard: string;
  /** `itemIdentifier` for `batchItemFailures`. */
  readonly identifier: string;
  /** Position of a user record inside an aggregated (KPL) record; 0 otherwise. */
  readonly subSequence: number;
  /** Events with the same key keep their order: canonical text of the partition key. */
  readonly key: string;
  readonly clock: Clock;
  /**
   * The broker's sequence number as a string that sorts (by UTF-8 bytes) as the number does; absent where the
   * broker's order says nothing about the order of changes (DynamoDB over Kinesis).
   */
  readonly sequence?: string;
  /**
   * What decides between events of the same time, where the source knows better than the event's id: the sequence
   * number of a DynamoDB stream, whose one shard orders all changes of a row.
   */
  readonly tie?: string;
}

/** Unit of work: the immutable scope that flows through a pipeline. A step returns a new one with more fields. */
export interface Uow<E extends Event = Event, R = unknown> {
  readonly record: R;
  readonly event: E;
  readonly origin: Origin;
}

/**
 * Where a uow keeps its entry in the books. Symbol keys survive `{ ...uow }` and are left out of JSON, so a user's
 * mapping carries the entry along without knowing it. Global, because an application may have loaded the ESM and the
 * CommonJS build.
 */
export const ENTRY = Symbol.for('oplock-stream.entry');
