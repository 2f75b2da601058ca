import type { Uow } from '../../uow';
import type { ItemKey } from '../attempt/attempt';

/**
 * How the events of an item come together in an attribute. `lww` (default): the newest has the last word; all others are
 * for counters, which events `add` to.
 *
 * | | counts exactly | costs |
 * |---|---|---|
 * | `sequence` | where one shard brings all events of an item, in order; a late one is lost | an attribute |
 * | `dedupeSet` | always; the item holds at most 400 KB of event ids (some 11,000 of 36 characters, of all its counters together) | the ids, read and written with the item |
 * | `dedupeItem` | while its rows live: `keepForDays` | a row for each event, in one transaction with the item: 4 times the capacity |
 */
export type Reduction = 'lww' | 'sequence' | 'dedupeSet' | 'dedupeItem' | SequenceReduction | DedupeSetReduction | DedupeItemReduction;

export interface SequenceReduction {
  readonly by: 'sequence';
  /**
   * The place of the event among those of its item: a number, or text that sorts by its bytes; always of one kind.
   * Default: the broker's sequence number.
   */
  readonly sequence?: (uow: Uow) => string | number;
  /** Attribute that holds the highest sequence counted. Default `<counter>_sequence`. */
  readonly attribute?: string;
}

export interface DedupeSetReduction {
  readonly by: 'dedupeSet';
  /** Attribute that holds the ids of the events counted, a string set. Default `<counter>_seen`. */
  readonly attribute?: string;
}

export interface DedupeItemReduction {
  readonly by: 'dedupeItem';
  /** How long an event is known as counted, in days. Default 400: longer than the longest Kinesis retention of 365 days. */
  readonly keepForDays?: number;
  /**
   * The key of the row that says that the event has been counted in the item of this key; another one for each event and
   * item. Default: the item's key, with `#counted#<event id>#` in front of its last attribute by name, which must be a string.
   * `%` and `#` in the id are written `%25` and `%23`.
   */
  readonly key?: (key: ItemKey, eventId: string) => ItemKey;
  /** Table of these rows. Default: that of the item. */
  readonly tableName?: string;
}

/** Reductions by attribute: `{ sold: 'dedupeSet' }`. */
export type Reductions = Readonly<Record<string, Reduction>>;
