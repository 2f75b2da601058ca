import { OplockStreamError } from '../../errors';
import { describeFound } from '../../found';
import type { Attempt } from '../attempt/attempt';
import type { Place } from '../attempt/requirement';
import type { OplockOptions } from '../options';
import { memberOf } from '../value/type';
import type { KeyValue } from '../write';
import { guarded, refuseAll } from './guarded';

/** Throws `INVALID_OPTION`. */
export const onUnversionedOf = ({ onUnversioned = 'apply' }: OplockOptions): 'apply' | 'reject' => {
  if (onUnversioned === 'apply' || onUnversioned === 'reject') return onUnversioned;
  throw new OplockStreamError('INVALID_OPTION', `oplock.onUnversioned: found ${describeFound(onUnversioned)} where 'apply' or 'reject' belongs`);
};

/**
 * The attempt, for items that have an oplock, or are not there: an item in none of whose places there is one was written
 * by something else, and no event is known to be newer.
 *
 * @param places all in which an item may have an oplock
 */
export const keepingUnversioned = (attempt: Attempt, key: Readonly<Record<string, KeyValue>>, places: readonly Place[]): Attempt =>
  guarded(attempt, {
    requirement: { is: 'versioned', places, keyAttribute: Object.keys(key)[0] as string },
    judge: (item, refused) => (places.some(({ oplock }) => memberOf(item, oplock) !== undefined) ? undefined : refuseAll(refused, { kind: 'conflict', reason: REASON })),
  });

const REASON = 'the item has no oplock, so something else wrote it, and oplock.onUnversioned is \'reject\'';
