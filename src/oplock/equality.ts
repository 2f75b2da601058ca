import type { Expression } from './expression';

/**
 * The equality oplock: exactly what was read is stored. The classic lock: who has read something older must read again.
 * `undefined` stands for an item that has none, because something else wrote it, or one that holds NULL in its place.
 */
export const equalityCondition = (attribute: string, stored: unknown, { name, value }: Expression): string =>
  stored === undefined || stored === null
    ? `(attribute_not_exists(${name(attribute)}) OR attribute_type(${name(attribute)},${value('NULL')}))`
    : `${name(attribute)} = ${value(stored)}`;
