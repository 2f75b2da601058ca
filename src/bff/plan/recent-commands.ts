import type { Expression } from '../../oplock/expression';
import { memberOf } from '../../oplock/value/type';
import type { Item } from '../result';
import { MAX_REMEMBERED, type Settings } from '../settings';
import type { Version } from '../version';

/*
 * An item remembers the last commands that were applied to it: `[id, version, id, version, …]`, newest first. A write
 * whose response was lost is found there even when others have written since, and so is a command that comes again.
 * One flat list, because `contains` looks at its elements, and because an update can shift it without a read. It has
 * no gaps: every command that was applied after an entry of the list is in the list.
 */

/** A version that is a text stands in a list of its own, so that nobody's command id equals it. */
const entryOf = (version: Version): unknown => (typeof version === 'string' ? [version] : version);

const listOf = (item: Item | undefined, attribute: string): readonly unknown[] => {
  const list = item && memberOf(item, attribute);
  return Array.isArray(list) ? list : [];
};

/** The list after this command, when the item before it is known. */
export const nextCommands = (item: Item | undefined, id: string, version: Version, { names, remember }: Settings): readonly unknown[] =>
  [id, entryOf(version), ...listOf(item, names.recentCommands)].slice(0, 2 * remember);

/** The same as assignments of an update that does not know the item. They fail on an item without such a list. */
export const shiftCommands = (id: string, version: Version, { names, remember }: Settings, { name, value }: Expression): readonly string[] => {
  const list = name(names.recentCommands);
  const shifted = Array.from({ length: 2 * remember - 2 }, (_none, i) => `${list}[${i + 2}]=if_not_exists(${list}[${i}],${value(null)})`);
  return [`${list}[0]=${value(id)}`, `${list}[1]=${value(entryOf(version))}`, ...shifted];
};

/**
 * What a deployment that remembers more has left behind the shifted part: it would make a gap. From the end, because
 * dynalite moves the rest up at each removal.
 */
export const removeForgotten = ({ names, remember }: Settings, { name }: Expression): readonly string[] => {
  const list = name(names.recentCommands);
  return Array.from({ length: 2 * (MAX_REMEMBERED - remember) }, (_none, i) => `${list}[${2 * MAX_REMEMBERED - 1 - i}]`);
};

export const remembersCommands = (item: Item, { names }: Settings): boolean => Array.isArray(memberOf(item, names.recentCommands));

export const includesCommand = (item: Item | undefined, { names }: Settings, id: string): boolean =>
  listOf(item, names.recentCommands).some((one, i) => i % 2 === 0 && one === id);

/** The version that this command made; `undefined` when the item does not remember it. */
export const versionMadeBy = (item: Item, { names }: Settings, id: string): Version | undefined => {
  const list = listOf(item, names.recentCommands);
  const at = list.findIndex((one, i) => i % 2 === 0 && one === id);
  return at < 0 ? undefined : versionAt(list, at + 1);
};

const versionAt = (list: readonly unknown[], at: number): Version | undefined => {
  const entry = list[at];
  const version: unknown = Array.isArray(entry) ? entry[0] : entry;
  return typeof version === 'string' || typeof version === 'number' ? version : undefined;
};

/** Condition: the command has not been applied, as far as the item remembers. */
export const notAppliedYet = (id: string, { names }: Settings, { name, value }: Expression): string =>
  `NOT contains(${name(names.recentCommands)},${value(id)})`;

/**
 * Whether the item would remember the command, had it been applied: something stands in its list that was there
 * before. That is the version that the command expected, or one that is not newer than the one it would have made.
 */
export const wouldRemember = (item: Item, { names, strategy }: Settings, expected: Version | undefined, made: Version | undefined): boolean => {
  const list = listOf(item, names.recentCommands);
  return list.some((_one, i) => {
    const version = i % 2 === 1 ? versionAt(list, i) : undefined;
    if (version === undefined) return false;
    return version === expected || (typeof strategy !== 'function' && typeof made === 'number' && typeof version === 'number' && version <= made);
  });
};
