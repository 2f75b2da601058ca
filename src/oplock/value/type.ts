import { isNumberText, isPlainObject } from './number';

/** DynamoDB's names of its types. */
export type AttributeType = 'S' | 'N' | 'B' | 'BOOL' | 'NULL' | 'SS' | 'NS' | 'BS' | 'L' | 'M';

/** Buffers too, and arrays of another realm. */
export const isBytes = (value: unknown): value is Uint8Array =>
  ArrayBuffer.isView(value) && (value as { [Symbol.toStringTag]?: string })[Symbol.toStringTag] === 'Uint8Array';

/**
 * The type that a plain value (as the SDK's document client gives and takes it) has in the table. `undefined` for
 * what has none: undefined, NaN, functions, dates and other class instances, an empty set or one of mixed content.
 */
export const typeOf = (value: unknown): AttributeType | undefined => {
  switch (typeof value) {
    case 'string': return 'S';
    case 'number': return Number.isFinite(value) ? 'N' : undefined;
    case 'bigint': return 'N';
    case 'boolean': return 'BOOL';
    case 'object': return value === null ? 'NULL' : typeOfObject(value);
    default: return undefined;
  }
};

const typeOfObject = (value: object): AttributeType | undefined => {
  if (Array.isArray(value)) return 'L';
  if (isBytes(value)) return 'B';
  if (value instanceof Set) return typeOfSet(value);
  if (isNumberText(value)) return 'N';
  return value instanceof Map || isPlainObject(value) ? 'M' : undefined;
};

const typeOfSet = (set: ReadonlySet<unknown>): AttributeType | undefined => {
  let found: 'S' | 'N' | 'B' | undefined;
  for (const member of set) {
    const type = typeOf(member);
    if (type !== 'S' && type !== 'N' && type !== 'B') return undefined;
    if (found !== undefined && found !== type) return undefined;
    found = type;
  }
  return found && `${found}S`;
};

/** The entries of a map value; `Map` is among them because a name like `constructor` needs one (see normalise). */
export const entriesOf = (map: object): readonly (readonly [string, unknown])[] =>
  map instanceof Map ? [...(map as ReadonlyMap<string, unknown>)] : Object.entries(map);

/** The own member of a map value; `undefined` when there is none, or when the value is no map. */
export const memberOf = (value: unknown, name: string): unknown => {
  if (typeof value !== 'object' || value === null || typeOfObject(value) !== 'M') return undefined;
  if (value instanceof Map) return (value as ReadonlyMap<string, unknown>).get(name);
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
};
