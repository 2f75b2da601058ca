import { printableJson } from './printable';

const MAX_SHOWN = 40;

/** A string shortened for a message, quoted and with control characters, and those that are not seen, escaped. */
export const quote = (text: string): string =>
  text.length <= MAX_SHOWN ? printableJson(text) : `${printableJson(text.slice(0, MAX_SHOWN))}… (${text.length} characters)`;

/**
 * What was found, for an error message: its type, and a scalar's value in at most 40 characters. The content of
 * objects and arrays is never shown, because messages reach logs and payloads must not.
 */
export const describeFound = (value: unknown): string => {
  switch (typeof value) {
    case 'undefined': return 'nothing (it is missing)';
    case 'string': return value === '' ? 'an empty string' : `the string ${quote(value)}`;
    case 'number': return Number.isNaN(value) ? 'NaN' : `the number ${value}`;
    case 'bigint': return value.toString().length > MAX_SHOWN ? 'a huge integer' : `the integer ${value}`;
    case 'boolean': return `the boolean ${value}`;
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return 'an array';
      return ArrayBuffer.isView(value) ? 'binary data' : 'an object';
    default: return `a ${typeof value}`;
  }
};

/** As {@link describeFound}, for what must never be shown: only how long it is. */
export const describeSecret = (value: unknown): string => {
  if (value === undefined || value === '') return describeFound(value);
  return typeof value === 'string' ? `a text of ${value.length} characters` : `a ${typeof value}`;
};

/** Narrowing test for a JSON object: not null, not an array. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A property only if it is the object's own, so that a payload's `constructor` is never Object's. */
export const own = (value: unknown, name: string): unknown =>
  isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
