import { OplockStreamError } from '../errors';
import type { Event } from '../event';
import { isObject, own } from '../found';
import type { OplockOptions } from '../oplock/options';
import { stampTest } from '../oplock/stamp-attributes';
import { equalValues } from '../oplock/value/compare';
import { leaveOut } from './leave-out';

export interface OutUnchangedOptions {
  /** How writes of the table carry their oplock: its attributes do not count as a change. Default: as `update`'s. */
  readonly oplock?: OplockOptions;
  /** More attributes that do not count, for example `['ttl', 'lastModifiedBy']`. Default: none. */
  readonly ignore?: readonly string[];
}

/**
 * Leaves out the changes of a table that changed nothing but the oplock: `fromDynamodb(event).through(outUnchanged())`.
 * They end as `filtered`. Both images are compared as DynamoDB compares values: numbers by value, sets without order.
 *
 * Inserts, removals, other events, and changes without both images go on; so does what marks a row as deleted.
 * Throws `INVALID_OPTION` at once for options that cannot be right.
 */
export const outUnchanged = (options: OutUnchangedOptions = {}) => {
  const [isStamp, ignored] = [stampTest(options.oplock), new Set(namesOf(options.ignore))];
  const uncounted = (name: string): boolean => isStamp(name) || ignored.has(name);
  const reason = options.ignore?.length ? 'nothing changed that counts' : 'nothing changed but the oplock';
  return <U extends { readonly event: Event }>(source: Highland.Stream<U>): Highland.Stream<U> =>
    leaveOut<U>(({ event: { raw } }) => (isUnchanged(raw?.old, raw?.new, uncounted) ? reason : undefined))(source);
};

const isUnchanged = (before: unknown, after: unknown, uncounted: (name: string) => boolean): boolean => {
  if (!isObject(before) || !isObject(after)) return false;
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].every((name) => uncounted(name) || equalValues(own(before, name), own(after, name)));
};

const namesOf = (ignore: unknown): readonly string[] => {
  if (ignore === undefined) return [];
  if (Array.isArray(ignore) && ignore.every((name) => typeof name === 'string' && name !== '')) return ignore as readonly string[];
  throw new OplockStreamError('INVALID_OPTION', 'outUnchanged({ ignore }) takes a list of names of attributes, for example `[\'ttl\', \'lastModifiedBy\']`');
};
