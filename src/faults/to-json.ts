import { types } from 'node:util';
import { isError } from './is-error';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Deeper than any item (32 levels) or sensible event; keeps hostile nesting from exhausting the stack. */
const MAX_DEPTH = 200;

/**
 * The nearest plain JSON value, for logs and fault events: what is JSON already comes back equal. Never throws and
 * never runs into a circle.
 * - bigint, DynamoDB `NumberValue`: the digits as a string; NaN and infinities: their names
 * - bytes: base64; Date: ISO text; Set: array; Map: array of `[key, value]`
 * - Error: `{ name, message, code?, stack?, cause?, errors?, …its own fields }`, without the whole HTTP response
 *   that SDK errors carry and without an attached uow
 * - functions, symbols and undefined: left out of objects, null in arrays, as `JSON.stringify` has it
 * - what cannot be read: a note in square brackets, `[circular]`, `[too deep]`, `[unreadable: …]`
 * - a key `__proto__` stays a key and changes no prototype
 */
export const toJson = (value: unknown): Json => convert(value, []) ?? null;

const convert = (value: unknown, ancestors: readonly object[]): Json | undefined => {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value + 0 : String(value); // + 0: JSON has no -0
    case 'bigint':
      return String(value);
    case 'object':
      return value === null ? null : convertObject(value, ancestors);
    default:
      return undefined;
  }
};

const convertObject = (value: object, ancestors: readonly object[]): Json | undefined => {
  if (ancestors.includes(value)) return '[circular]';
  if (ancestors.length >= MAX_DEPTH) return '[too deep]';
  const inside = [...ancestors, value];
  const each = (items: Iterable<unknown>): Json => Array.from(items, (item) => convert(item, inside) ?? null);
  try {
    if (Array.isArray(value) || types.isSet(value)) return each(value);
    if (types.isMap(value)) return each(Array.from(value, ([key, item]) => [key, item]));
    if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
    if (types.isAnyArrayBuffer(value)) return Buffer.from(value).toString('base64');
    if (types.isDate(value)) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
    if (types.isRegExp(value)) return value.toString();
    if (isNumberValue(value)) return String(value.value);
    if (hasToJson(value)) return convert(value.toJSON(), inside);
    return convertFields(value, inside);
  } catch (error) {
    return unreadable(error);
  }
};

const keysOf = (value: object): readonly string[] => {
  if (!isError(value)) return Object.keys(value);
  const own = Object.keys(value).filter((key) => key !== '$response' && key !== 'uow');
  // Errors keep these outside their enumerable keys.
  return [...new Set(['name', 'message', 'code', 'stack', 'cause', 'errors', ...own])];
};

const convertFields = (value: object, inside: readonly object[]): Json => {
  const fields: [string, Json][] = [];
  for (const key of keysOf(value)) {
    const field = convertField(value, key, inside);
    if (field !== undefined) fields.push([key, field]);
  }
  return Object.fromEntries(fields); // defines own properties, `__proto__` included
};

const convertField = (value: object, key: string, inside: readonly object[]): Json | undefined => {
  let field: unknown;
  try {
    field = (value as Record<string, unknown>)[key];
  } catch (error) {
    return unreadable(error);
  }
  return convert(field, inside);
};

/** lib-dynamodb's exact number. Known by its methods: the package may be loaded twice, or not at all. */
const isNumberValue = (value: object): value is { readonly value: unknown } =>
  'toAttributeValue' in value && typeof value.toAttributeValue === 'function' && 'value' in value;

const hasToJson = (value: object): value is { toJSON(): unknown } => 'toJSON' in value && typeof value.toJSON === 'function';

const unreadable = (error: unknown): string => `[unreadable: ${describe(error)}]`;

const describe = (error: unknown): string => {
  try {
    return isError(error) ? error.message : String(error);
  } catch {
    return 'unknown error';
  }
};
