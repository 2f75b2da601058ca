import { OplockStreamError } from '../../errors';
import { quote } from '../../found';
import { furthestBehind, type DroppedGroup } from '../../outcome';
import { epochIn } from '../guards/epoch';
import { compareValues } from '../value/compare';
import type { Verdict } from '../verdict/kinds';
import { difference, looksLikeMs, olderThan } from '../verdict/kinds';
import { mergeRows, type Merge } from './merge';
import { compareStamps, stampOf, type Row, type Rows } from './rows';

/** A stored oplock that went backwards, and what it takes to bring the newer state of the row back. */
export interface Regression {
  readonly key: Row;
  /** The table of the stream, where the record names it. */
  readonly tableName?: string;
  /** By how many ms it went back, at most; absent when the oplock is not a time. */
  readonly byMs?: number;
  /** The newest of the oplocks that went back, epoch ms; absent when they are no times. */
  readonly newestAt?: number;
  /** What went back: names of groups, `rest`, `the newest delete`. */
  readonly lost: readonly string[];
  /** The first attempt to bring it back. */
  readonly attempt: Reassertion;
}

/** One conditional write: the row must not have changed since `current`. */
export interface Reassertion {
  readonly key: Row;
  readonly rows: Rows;
  readonly current: Row;
  readonly set: Row;
  readonly remove: readonly string[];
  /** What somebody else was faster with, by name. */
  readonly dropped: Readonly<Record<string, DroppedGroup>>;
  /** What to do when the table refuses, given the row that is there: another attempt, or nothing more. */
  readonly afterRefusal: (row: Row | undefined) => Reassertion | Verdict;
}

/**
 * The regression in a change of a row, by its images; `undefined` when there is none.
 *
 * @param keyNames the attributes of the table's key
 * @throws OplockStreamError `NO_KEY` when the row has not all of these
 */
export const findRegression = (was: Row, is: Row, keyNames: readonly string[], rows: Rows): Regression | undefined => {
  const key = keyOf(is, keyNames);
  // A row of another epoch starts anew: what was there before is not to come back.
  if (!isOneEpoch(was, is, rows)) return undefined;
  const first = mergeRows(was, is, key, rows);
  if (first.lost.length === 0) return undefined;
  const back = first.lost.flatMap(({ was: { at }, is: now }) => (now && looksLikeMs(at) && looksLikeMs(now.at) ? [difference(at, now.at) ?? 0] : []));
  const times = first.lost.flatMap(({ was: { at } }) => (typeof at === 'number' ? [at] : []));
  return {
    key,
    ...(times.length > 0 && { newestAt: Math.max(...times) }),
    lost: first.lost.map(({ place: { name } }) => name),
    ...(back.length > 0 && { byMs: Math.max(...back) }),
    attempt: attemptOf({ was, key, rows, first }, is, first, {}),
  };
};

const isOneEpoch = (was: Row, is: Row, { attributes: { epoch } }: Rows): boolean =>
  epoch === undefined || compareValues(epochIn(was, epoch), epochIn(is, epoch)) === 0;

const keyOf = (row: Row, names: readonly string[]): Row => {
  const missing = names.find((name) => !Object.hasOwn(row, name));
  if (missing === undefined && names.length > 0) return Object.fromEntries(names.map((name) => [name, row[name]]));
  throw new OplockStreamError('NO_KEY', `the row has no attribute ${quote(missing ?? '')} for its key: name the key's attributes with \`regressions({ key: ['pk', 'sk'] })\``);
};

interface Found {
  readonly was: Row;
  readonly key: Row;
  readonly rows: Rows;
  readonly first: Merge;
}

const attemptOf = (found: Found, current: Row, { set, remove }: Merge, dropped: Reassertion['dropped']): Reassertion => ({
  key: found.key, rows: found.rows, current, set, remove, dropped,
  afterRefusal: (row) => afterRefusal(found, row),
});

/** It has changed since. Merged with what is there now, it may still lack something. */
const afterRefusal = (found: Found, row: Row | undefined): Reassertion | Verdict => {
  const { was, key, rows, first } = found;
  if (row === undefined) return { kind: 'tombstoned' }; // deleted for good, or expired: that was later than all we know
  if (!isOneEpoch(was, row, rows)) return { kind: 'conflict', reason: 'the item is of another epoch by now' };
  const merge = mergeRows(was, row, key, rows);
  const left = new Set(merge.lost.map(({ place }) => place.name));
  const dropped = Object.fromEntries(first.lost.filter(({ place }) => !left.has(place.name)).map(({ place, was: stamp }): [string, DroppedGroup] => {
    const stored = stampOf(row, place);
    const behindMs = stored && looksLikeMs(stored.at) && looksLikeMs(stamp.at) ? difference(stored.at, stamp.at) : undefined;
    return [place.name, compareStamps(stored, stamp) === 0 ? { kind: 'duplicate' } : { kind: 'stale', ...(behindMs !== undefined && behindMs >= 0 && { behindMs }) }];
  }));
  return left.size > 0 ? attemptOf(found, row, merge, dropped) : verdictOf(rows, row, Object.values(dropped));
};

const verdictOf = (rows: Rows, row: Row, dropped: readonly DroppedGroup[]): Verdict => {
  if (!rows.layout && stampOf(row, rows.rest) === undefined) return { kind: 'conflict', reason: `the item has no oplock in ${quote(rows.rest.oplock)} any more` };
  if (dropped.some(({ kind }) => kind === 'duplicate')) return { kind: 'duplicate' };
  return olderThan(row, rows.attributes.deleted, furthestBehind(dropped));
};
