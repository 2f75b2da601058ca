import { isPlainObject } from '../oplock/value/number';

/** A copy of an item for a function of the caller's: what it does to it must not change what its result is compared with. */
export const copyOf = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf);
  if (value instanceof Set) return new Set([...value as Set<unknown>].map(copyOf));
  if (ArrayBuffer.isView(value)) return Uint8Array.from(value as Uint8Array);
  return isPlainObject(value) ? Object.fromEntries(Object.entries(value).map(([name, member]) => [name, copyOf(member)])) : value;
};
