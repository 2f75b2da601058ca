import type { Expression } from '../../oplock/expression';
import { memberOf } from '../../oplock/value/type';
import type { Item } from '../result';
import type { Version } from '../version';

/*
 * An item remembers the last commands that were applied to it: `[id, version, id, version, …]`, newest first. A write
 * whose response was lost is found there even when others have written since, and so is a command that comes again.
 * One flat list, because `contains` looks at its elements, and because an update can shift it without a read.
 */

const listOf = (item: Item | undefined, attribute: string): readonly unknown[] => {
  const list = item && memberOf(item, attribute);
  return Array.isArray(list) ? list : [];
};

/** The list after this command, when the item before it is known. */
export const nextCommands = (item: Item | undefined, attribute: string, id: string, version: Version, remember: number): readonly unknown[] =>
  [id, version, ...listOf(item, attribute)].slice(0, 2 * remember);

/** The same as assignments of an update that does not know the item. They fail on an item without such a list. */
export const shiftCommands = (attribute: string, id: string, version: Version, remember: number, expression: Expression): readonly string[] => {
  const list = expression.name(attribute);
  const shifted = Array.from({ length: 2 * remember - 2 }, (_none, i) =>
    `${list}[${i + 2}]=if_not_exists(${list}[${i}],${expression.value(null)})`);
  return [`${list}[0]=${expression.value(id)}`, `${list}[1]=${expression.value(version)}`, ...shifted];
};

export const includesCommand = (item: Item | undefined, attribute: string, id: string): boolean =>
  listOf(item, attribute).some((one, i) => i % 2 === 0 && one === id);

/** Condition: the command has not been applied, as far as the item remembers. */
export const notAppliedYet = (attribute: string, id: string, expression: Expression): string =>
  `NOT contains(${expression.name(attribute)},${expression.value(id)})`;

/**
 * Whether a command that expected `version` would still be remembered, had it been applied: the list has room left, or
 * reaches back to the write that made this version.
 */
export const remembersSince = (item: Item, attribute: string, version: Version | undefined, remember: number): boolean => {
  const list = listOf(item, attribute);
  const used = list.filter((one, i) => i % 2 === 0 && one !== null).length;
  return used < remember || list.some((one, i) => i % 2 === 1 && one === version);
};
