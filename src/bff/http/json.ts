import { isNumberText, isPlainObject } from '../../oplock/value/number';
import { isBytes } from '../../oplock/value/type';

/**
 * JSON of what a table holds: sets become lists, bytes base64, and numbers beyond JavaScript's own text, because JSON
 * has nothing better for them. Objects with a `toJSON`, as dates, are asked.
 */
export const toJson = (value: unknown): string => JSON.stringify(plain(value)) ?? 'null';

const plain = (value: unknown): unknown => {
  if (typeof value === 'bigint') return plainNumber(String(value));
  if (typeof value !== 'object' || value === null) return value;
  if (isBytes(value)) return Buffer.from(value).toString('base64');
  if (value instanceof Set || Array.isArray(value)) return [...(value as Iterable<unknown>)].map(plain);
  if (isNumberText(value)) return plainNumber(value.value);
  if (value instanceof Map) return plainMap([...(value as ReadonlyMap<string, unknown>)]);
  return isPlainObject(value) && typeof value['toJSON'] !== 'function' ? plainMap(Object.entries(value)) : value;
};

const plainMap = (entries: readonly (readonly [string, unknown])[]): object => Object.fromEntries(entries.map(([name, value]) => [name, plain(value)]));

const plainNumber = (text: string): number | string => (Number.isSafeInteger(Number(text)) ? Number(text) : text);
