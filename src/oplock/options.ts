import { OplockStreamError } from '../errors';
import { describeFound, quote } from '../found';
import type { Uow } from '../uow';
import type { OnDelete } from './deletes/options';
import type { OplockGroups } from './groups/options';
import type { Reductions } from './reduce/options';

/** How structured writes carry their oplock. One table, one setting: writers with different ones do not see each other's. */
export interface OplockOptions {
  /**
   * `timestamp` (default): the event's time in epoch ms, stored as a number. `sequence`: the broker's sequence number,
   * stored as a string that sorts as the number does; right only where one shard orders all events of an item.
   */
  readonly by?: 'timestamp' | 'sequence';
  /**
   * What decides between two events of one oplock; the greater wins. Default: `sequence` for changes from a DynamoDB
   * stream, which orders the changes of a row, else `eventId`: convergent, but arbitrary.
   */
  readonly tie?: 'eventId' | 'sequence' | ((uow: Uow) => string);
  /** Attribute that holds the oplock. Default `timestamp`. */
  readonly attribute?: string;
  /** Attribute that holds the tie. Default `oplockTie`. */
  readonly tieAttribute?: string;
  /** Attribute that is `true` on a tombstone (or a sidecar). Default `deleted`. */
  readonly deletedAttribute?: string;
  /** Attribute that DynamoDB's TTL looks at, epoch seconds. Default `ttl`. */
  readonly ttlAttribute?: string;
  /**
   * What a delete leaves behind: `tombstone` (default), `sidecar`, or `physical`: nothing, so that **an older update that comes
   * late brings the item back**. With groups `tombstone` only.
   */
  readonly onDelete?: OnDelete;
  /** How long a tombstone (or a sidecar) stays, in days. Default 400: longer than the longest Kinesis retention of 365 days. */
  readonly keepForDays?: number;
  /**
   * How far ahead of this function's clock an event's time may be, in ms; an event beyond is set aside as `future`, for it
   * would win against all others until then. Default 300,000 (5 minutes). `Infinity` switches it off. Without meaning
   * for `by: 'sequence'`.
   */
  readonly maxFutureSkew?: number;
  /**
   * Attributes that change together, each group under an oplock of its own: for events that each carry a part of an
   * item. Attributes in no group share the item's oplock. Default: no groups.
   */
  readonly groups?: OplockGroups;
  /** With groups: attribute that holds the oplock of the newest delete. Default `timestamp_deleted`. */
  readonly deletionAttribute?: string;
  /** With groups: attribute that holds the tie of the newest delete. Default `oplockTie_deleted`. */
  readonly deletionTieAttribute?: string;
  /**
   * Which clock an event's time is of; times of different ones are never compared. `source`: each event source ARN is one;
   * or a function that names it, in 1 to 200 bytes. Each scope has an oplock and a tie of its own on the item
   * (`timestamp_<scope>`, `oplockTie_<scope>`), and must have attributes of its own, which no other one writes. Deletes are
   * refused: let each source `remove` what is its own. Not with `groups`. Default: all times are of one clock.
   */
  readonly sourceScope?: 'source' | ((uow: Uow) => string);
  /**
   * Which edition of the mapping writes: a whole number of 0 or more, greater with each change after which the table is
   * rewritten by replay. An item of an older epoch counts as absent: the first event of the new one replaces it whole. An
   * item of a newer epoch takes no event: `stale`. A row without an epoch is of epoch 0. Default: none, and epochs on the
   * rows are neither looked at nor kept. All structured writers of the table need one before it can be raised.
   */
  readonly epoch?: number;
  /**
   * What an event does with an item that has no oplock: one that was imported, say, or that a command wrote. `apply`
   * (default): writes, as if it were newer. `reject`: writes nothing, and ends as `conflict`. With an epoch, too: such a row
   * is kept.
   */
  readonly onUnversioned?: 'apply' | 'reject';
  /** With an epoch: attribute that holds it. Default `oplockEpoch`. */
  readonly epochAttribute?: string;
  /**
   * An update that says just what the newest one before it said is not written: `unchanged`. A hash of the content is kept
   * on the row. Only with `by: 'sequence'`, and not with `groups`, `sourceScope` or `reduce`. The row keeps the older oplock, so
   * a fault that is resubmitted by itself can win over what came after it. Default false.
   */
  readonly skipUnchanged?: boolean;
  /** With `skipUnchanged`: attribute that holds the hash. Default `oplockHash`. */
  readonly hashAttribute?: string;
  /**
   * By attribute, how events come together in it. What is not named is `lww`: the newest has the last word. Counters, which
   * events `add` to, are `sequence`, `dedupeSet` or `dedupeItem`. Items with counters cannot be deleted.
   */
  readonly reduce?: Reductions;
  /**
   * Let raw requests through that count (`ADD`, `n + :v`, `list_append`) under an inverse oplock, which loses what every late
   * event would have added. Default false: they are faults, `COUNTER_UNDER_OPLOCK`.
   */
  readonly allowCounters?: boolean;
}

/** The names of the attributes that a write keeps for itself. */
export interface OplockAttributes {
  readonly oplock: string;
  readonly tie: string;
  readonly deleted: string;
  readonly ttl: string;
  /** Where the options have an epoch. */
  readonly epoch?: string;
  /** With `skipUnchanged`. */
  readonly hash?: string;
}

export const DEFAULT_KEEP_FOR_DAYS = 400;

export const MAX_DAYS = 100_000;

const DEFAULT_EPOCH_ATTRIBUTE = 'oplockEpoch';
const DEFAULT_HASH_ATTRIBUTE = 'oplockHash';
const DEFAULT_ATTRIBUTES: OplockAttributes = { oplock: 'timestamp', tie: 'oplockTie', deleted: 'deleted', ttl: 'ttl' };

/** Throws `INVALID_OPTION` for a name that is no name, or two that are the same. */
export const attributesOf = (options: OplockOptions): OplockAttributes => {
  const attributes = {
    oplock: options.attribute ?? DEFAULT_ATTRIBUTES.oplock,
    tie: options.tieAttribute ?? DEFAULT_ATTRIBUTES.tie,
    deleted: options.deletedAttribute ?? DEFAULT_ATTRIBUTES.deleted,
    ttl: options.ttlAttribute ?? DEFAULT_ATTRIBUTES.ttl,
    ...(options.epoch !== undefined && { epoch: options.epochAttribute ?? DEFAULT_EPOCH_ATTRIBUTE }),
    ...(options.skipUnchanged === true && { hash: options.hashAttribute ?? DEFAULT_HASH_ATTRIBUTE }),
  };
  const names = Object.values(attributes);
  for (const name of names) {
    // The document client cannot carry an attribute named __proto__.
    if (typeof name === 'string' && name !== '' && name !== '__proto__') continue;
    throw new OplockStreamError('INVALID_OPTION', `an attribute name in the oplock options is ${describeFound(name)}: give another name, or leave the option out`);
  }
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new OplockStreamError('INVALID_OPTION', `the oplock options use the attribute ${quote(twice)} twice: oplock, tie, deleted, ttl, epoch and hash need a name each`);
  }
  return attributes;
};
