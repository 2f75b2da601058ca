import type { Expression } from './expression';

/**
 * The equality oplock: exactly the version that was read is stored. `undefined` stands for an item that has none,
 * because something else wrote it. The classic lock: who has read something older must read again.
 */
export const equalityCondition = (attribute: string, version: string | number | undefined, expression: Expression): string =>
  version === undefined
    ? `attribute_not_exists(${expression.name(attribute)})`
    : `${expression.name(attribute)} = ${expression.value(version)}`;
