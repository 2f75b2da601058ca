import { describeFound } from '../../found';
import { printableJson } from '../../printable';
import { EXIT, type ExitCode } from '../io';
import type { LocksContext } from './context';
import { entryOf, type LockEntry } from './lock-entry';
import { shown, shownShort } from './printable';
import { renderList } from './render';

/** Keys of bad rows that are named. */
const MAX_NAMED = 20;

/** Who holds what, sorted by key. */
export const listCommand = async ({ args, locks, print, note }: LocksContext<'list'>): Promise<ExitCode> => {
  const { table, all, prefix, json, partitionKey = 'key', sortKeyName } = args;
  const entries: LockEntry[] = [];
  const bad: string[] = [];
  const onBadRow = (_error: Error, { [partitionKey]: key }: Readonly<Record<string, unknown>>): void => {
    if (typeof key !== 'string') bad.push(describeFound(key));
    else if (key.startsWith(prefix)) bad.push(shownShort(key, 80));
  };
  for await (const view of locks.list({ includeReleased: all, onBadRow })) {
    const { key, sortKey } = view;
    if (key.startsWith(prefix)) entries.push(entryOf({ key, ...(sortKey === undefined ? {} : { sortKey }) }, view));
  }
  entries.sort((a, b) => compare(a.key, b.key) || compare(a.sortKey ?? '', b.sortKey ?? ''));
  if (json) print(printableJson(entries));
  else if (entries.length > 0) print(renderList(entries, sortKeyName !== undefined));
  else print(`no locks are ${all ? 'in' : 'held in'} table ${shown(table)}${prefix === '' ? '' : ` under ${printableJson(prefix)}`}`);
  if (bad.length > 0) note(`${bad.length === 1 ? '1 row is no lock' : `${bad.length} rows are no locks`}: ${bad.slice(0, MAX_NAMED).join(', ')}${bad.length > MAX_NAMED ? ` and ${bad.length - MAX_NAMED} more` : ''}`);
  return EXIT.right;
};

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
