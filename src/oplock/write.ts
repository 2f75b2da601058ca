import { OplockStreamError } from '../errors';
import { describeFound, isObject } from '../found';
import type { Uow } from '../uow';
import { checkDelete } from './deletes/check';
import { sidecarOf, type Sidecar } from './deletes/sidecar-key';
import { oplockOf } from './oplock-of';
import { expiry } from './expiry';
import { checkGrouped } from './groups/check';
import { DEFAULT_KEEP_FOR_DAYS, MAX_DAYS, type OplockOptions } from './options';
import { checkScoped, placeOfScope } from './guards/source-scope';
import type { Place } from './attempt/requirement';
import type { Oplock } from './order';
import { planAttributes } from './plan-attributes';
import { planKey } from './plan-key';
import { planCounts, type Counts } from './reduce/additions';
import { checkCounted } from './reduce/check';
import type { OplockSettings } from './settings';
import { invalidWrite } from './value/invalid';
import type { NumberLike } from './value/number';
import { countBytes, type Size } from './value/size';

export type { OplockAttributes, OplockOptions } from './options';

export type KeyValue = string | number | bigint | Uint8Array;

/**
 * What an event makes of one item. Tables converge when every event of an item tells the whole of what its mapping
 * is about, an absent part included: name it with `undefined`, do not leave it out.
 */
export interface WriteRequest {
  readonly key: Readonly<Record<string, KeyValue>>;
  /**
   * Attributes and their values; the whole collection where one is set. `undefined` (and an empty Set, which DynamoDB
   * cannot hold) removes the attribute, `null` stores NULL, a name that is not there leaves the attribute as it is.
   * Inside a map, a member that is `undefined` is left out.
   */
  readonly set?: Readonly<Record<string, unknown>> | undefined;
  /** Attributes to remove. */
  readonly remove?: readonly string[] | undefined;
  /**
   * What the event adds to counters, which `reduce` must declare: each event is counted once, also when it is older than
   * what is stored. Without `set` and `remove` the write only counts, and leaves the item's oplock as it is (unless
   * `onUnversioned: 'reject'` asks for one).
   */
  readonly add?: Readonly<Record<string, NumberLike>> | undefined;
  /**
   * The item is deleted; `oplock.onDelete` says how. By default all that stays is a tombstone: its key, its oplock,
   * `deleted: true`, the time to live, and what `set` names (which later updates should name, too, or it survives the item's
   * return). With `sidecar` and `physical` the item is removed, and `set` must be empty. A later update brings the item back.
   */
  readonly tombstone?: boolean | { readonly keepForDays?: number } | undefined;
}

/** The result of a function is not checked for misspelt fields by the compiler, and what they hold would be lost. */
const FIELDS: readonly string[] = ['key', 'set', 'remove', 'add', 'tombstone'] satisfies (keyof WriteRequest)[];

/** What an event makes of one item, checked: apply it if `oplock` is newer than the stored one. */
export interface Write {
  /** `tombstone`: the item is deleted, in whichever way the options say. */
  readonly kind: 'update' | 'tombstone';
  /** Of the event. */
  readonly eventId: string;
  readonly key: Readonly<Record<string, KeyValue>>;
  /** What to store beside key and oplock. */
  readonly set: Readonly<Record<string, unknown>>;
  /** Attributes to remove; none for a tombstone, which replaces the whole item. */
  readonly remove: readonly string[];
  /** Of key, names and values together, at least. */
  readonly bytes: number;
  /** What it adds to counters. */
  readonly counts: Counts | undefined;
  readonly oplock: Oplock;
  /** Where its oplock is kept, when the options tell sources apart. */
  readonly place: Place | undefined;
  /** When DynamoDB may remove the tombstone, or the sidecar; epoch seconds. */
  readonly expiresAt: number | undefined;
  /** With `onDelete: 'sidecar'`. */
  readonly sidecar: Sidecar | undefined;
}

/**
 * Checks the write that an event asks for. Pure.
 *
 * @param now epoch ms
 * @throws OplockStreamError `INVALID_WRITE` (the message names the attribute and what was found), `ITEM_TOO_LARGE`,
 *   `SECOND_PRECISION`, `NO_SEQUENCE`, `INVALID_OPTION`
 */
export const planWrite = (request: WriteRequest, uow: Uow, now: number, settings: OplockSettings): Write => {
  const { options, layout, deleting, counters, onUnversioned, scopeOf } = settings;
  if (!isObject(request)) throw new OplockStreamError('INVALID_WRITE', `the write: found ${describeFound(request)} where \`{ key, set, … }\` belongs`);
  const unknown = Object.keys(request).find((name) => !FIELDS.includes(name));
  if (unknown !== undefined) throw invalidWrite([unknown], `a write has no such field. Correct or remove it; there are: ${FIELDS.join(', ')}`);
  const oplock = oplockOf(uow, options);
  const place = scopeOf && placeOfScope(scopeOf(uow), settings.attributes);
  const attributes = place ? { ...settings.attributes, oplock: place.oplock, tie: place.tie } : settings.attributes;
  const days = keepForDays(request.tombstone, options);
  const size: Size = { bytes: Buffer.byteLength(attributes.oplock + attributes.tie + oplock.tie + (attributes.epoch ?? '') + (attributes.hash ?? '')) };
  if (typeof oplock.at === 'string') countBytes(size, Buffer.byteLength(oplock.at));
  const key = planKey(request.key, attributes, size);
  const counts = planCounts(request, { key, uow, now, counters, ttl: attributes.ttl, stamped: onUnversioned === 'reject' });
  const { set, remove } = planAttributes(request, { key, oplock, attributes, size, tombstone: days !== undefined });
  if (days !== undefined) checkDelete(request.tombstone, set, deleting);
  const write: Write = {
    kind: days === undefined ? 'update' : 'tombstone', eventId: uow.event.id, key, oplock, set, remove: days === undefined ? remove : [], bytes: size.bytes,
    place, counts,
    sidecar: deleting.kind === 'sidecar' ? sidecarOf(key, deleting.options, attributes) : undefined,
    expiresAt: days === undefined ? undefined : expiry(now, uow.event.timestamp, days),
  };
  if (layout) checkGrouped(write, layout);
  if (counters) checkCounted(write, counters);
  if (place) checkScoped(write, settings.attributes);
  return write;
};

/** `undefined` when the write is no tombstone. */
const keepForDays = (tombstone: unknown, options: OplockOptions): number | undefined => {
  if (tombstone === undefined || tombstone === false) return undefined;
  if (tombstone !== true && !isObject(tombstone)) throw invalidWrite(['tombstone'], `found ${describeFound(tombstone)} where true or \`{ keepForDays }\` belongs`);
  const days = (isObject(tombstone) ? tombstone['keepForDays'] : undefined) ?? options.keepForDays ?? DEFAULT_KEEP_FOR_DAYS;
  if (typeof days === 'number' && days > 0 && days <= MAX_DAYS) return days;
  throw invalidWrite(['tombstone', 'keepForDays'], `found ${describeFound(days)} where a number of days, up to ${MAX_DAYS}, belongs`);
};
