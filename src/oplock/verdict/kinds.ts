import type { NumberText } from '../value/number';
import { typeOf } from '../value/type';

/** What a failed condition means. */
export type Verdict =
  /** This very event is stored: it came twice, or it is our own write after a lost response. */
  | { readonly kind: 'duplicate' }
  /** A newer event is stored, by how many ms, where both oplocks are times; or the item is of a newer epoch, this one. */
  | { readonly kind: 'stale'; readonly behindMs?: number; readonly epoch?: number }
  /** A newer delete is stored. */
  | { readonly kind: 'tombstoned'; readonly behindMs?: number }
  /** It was not the oplock that refused the write. `reason` never shows a value. */
  | { readonly kind: 'conflict'; readonly reason: string }
  /** Against the condition, what is stored would let the event pass: it has changed since the refusal. */
  | { readonly kind: 'passes'; readonly reason: string }
  /** The stored oplock and ours are of different types: no event could ever be applied to this item. */
  | { readonly kind: 'mismatch'; readonly reason: string };

const TYPE_NAMES = {
  S: 'a string', N: 'a number', B: 'binary data', BOOL: 'a boolean', NULL: 'NULL', SS: 'a set', NS: 'a set', BS: 'a set', L: 'a list', M: 'a map',
} as const;

export const typeName = (value: unknown): string => {
  const type = typeOf(value);
  return type === undefined ? 'nothing' : TYPE_NAMES[type];
};

/** The stored event is the newer one: a delete, or an update. */
export const olderThan = (
  item: Readonly<Record<string, unknown>>, deletedAttribute: string, behindMs: number | undefined,
): Extract<Verdict, { kind: 'tombstoned' | 'stale' }> => ({
  kind: Object.hasOwn(item, deletedAttribute) && item[deletedAttribute] === true ? 'tombstoned' : 'stale',
  ...(behindMs !== undefined && { behindMs }),
});

/** Numbers outside are no epoch milliseconds: 1973 is the earliest, and microseconds are beyond. */
const EARLIEST_MS = 1e11;
const LATEST_MS = 1e14;

/** Whether a number that nobody has declared to be a time can be taken for one. */
export const looksLikeMs = (value: unknown): boolean => {
  const number = toNumber(value);
  return number !== undefined && number >= EARLIEST_MS && number < LATEST_MS;
};

/** `newer` − `older` when both are numbers, else `undefined`. */
export const difference = (newer: unknown, older: unknown): number | undefined => {
  const [to, from] = [toNumber(newer), toNumber(older)];
  return to === undefined || from === undefined ? undefined : to - from;
};

const toNumber = (value: unknown): number | undefined => {
  if (typeOf(value) !== 'N') return undefined;
  return Number(typeof value === 'object' ? (value as NumberText).value : value);
};
