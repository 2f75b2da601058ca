import { describeFound } from '../../found';
import { checkNumber } from './check-number';
import { invalidWrite, type Trail, type ValuePath } from './invalid';
import { isNumberText, isPlainObject } from './number';
import { countBytes, type Size } from './size';
import { isBytes, typeOf } from './type';

/** DynamoDB's limit of levels below an attribute; its own counting may allow one less, and has the final word. */
const MAX_DEPTH = 32;

/**
 * A copy of a value as the SDK's document client can store it without loss, whatever its marshall options:
 * - a member of a map that is `undefined` is left out
 * - a map with a member named `constructor` becomes a `Map`: the client takes such an object for something else
 * - a set of mixed number types is put in an order that the client can convert
 *
 * Throws `INVALID_WRITE` for everything that DynamoDB has no type for, `ITEM_TOO_LARGE` when `size` runs over.
 */
export const normaliseValue = (value: unknown, path: ValuePath, size: Size): unknown =>
  (typeof value === 'object' ? normalise(value, [...path], size, 1) : normaliseScalar(value, path, size));

const normalise = (value: unknown, path: Trail, size: Size, depth: number): unknown => {
  if (typeof value !== 'object') return normaliseScalar(value, path, size);
  return value === null ? null : normaliseObject(value, path, size, depth);
};

const normaliseScalar = (value: unknown, path: ValuePath, size: Size): unknown => {
  switch (typeof value) {
    case 'string':
      countBytes(size, Buffer.byteLength(value));
      return value;
    case 'boolean':
      countBytes(size, 1);
      return value;
    case 'number': case 'bigint':
      countBytes(size, 1);
      return checkNumber(value, path);
    default: throw invalidWrite(path, `found ${describeFound(value)}, which no DynamoDB type can hold`);
  }
};

const normaliseObject = (value: object, path: Trail, size: Size, depth: number): unknown => {
  if (isBytes(value)) {
    countBytes(size, value.length);
    return value;
  }
  if (value instanceof Set) return normaliseSet(value, path, size);
  if (isNumberText(value)) return checkNumber(value, path);
  if (!Array.isArray(value) && !isPlainObject(value)) throw invalidWrite(path, `found ${describeInstance(value)}`);
  if (depth > MAX_DEPTH) throw invalidWrite(path, `found more than ${MAX_DEPTH} levels of nesting, DynamoDB's limit. Store it as text, or as an item of its own`);
  return Array.isArray(value) ? normaliseList(value, path, size, depth) : normaliseMap(value, path, size, depth);
};

/** Of each member of a list or map; it also bounds the work on an object that contains another many times over. */
const MEMBER_BYTES = 1;

/** Not `map`: it skips holes, and a hole is a missing value. */
const normaliseList = (list: readonly unknown[], path: Trail, size: Size, depth: number): unknown[] => {
  const members: unknown[] = [];
  for (let i = 0; i < list.length; i += 1) {
    countBytes(size, MEMBER_BYTES);
    path.push(i);
    members.push(normalise(list[i], path, size, depth + 1));
    path.pop();
  }
  return members;
};

const normaliseMap = (map: Readonly<Record<string, unknown>>, path: Trail, size: Size, depth: number): unknown => {
  const members: Record<string, unknown> = {};
  for (const name of Object.keys(map)) {
    const value = map[name];
    if (value === undefined) continue;
    path.push(name);
    checkName(name, path);
    checkStorable(name, path);
    countBytes(size, MEMBER_BYTES + Buffer.byteLength(name));
    members[name] = normalise(value, path, size, depth + 1);
    path.pop();
  }
  return Object.hasOwn(map, 'constructor') ? new Map(Object.entries(members)) : members;
};

/** DynamoDB's limit for the name of an attribute, in bytes. */
const MAX_NAME_BYTES = 65_535;

/** Throws `INVALID_WRITE` for a name that DynamoDB does not take. */
export const checkName = (name: string, path: ValuePath): void => {
  if (name === '') throw invalidWrite(path, 'found an empty attribute name');
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) throw invalidWrite(path, `found an attribute name of more than ${MAX_NAME_BYTES} bytes, DynamoDB's limit`);
};

/**
 * Throws `INVALID_WRITE` for `__proto__`: the SDK's document client loses such a member on the way to the table, and
 * makes an attribute of that name, should one get there, the prototype of what it reads: `item.isAdmin` would be true.
 */
export const checkStorable = (name: string, path: ValuePath): void => {
  if (name === '__proto__') throw invalidWrite(path, 'found an attribute of this name, which the SDK\'s document client cannot read back. Leave it out or rename it');
};

const normaliseSet = (set: ReadonlySet<unknown>, path: Trail, size: Size): ReadonlySet<unknown> => {
  const members = [...set].map((one, i) => {
    path.push(i);
    const member = normalise(one, path, size, MAX_DEPTH);
    path.pop();
    return member;
  });
  if (members.length === 0) throw invalidWrite(path, 'found an empty set, which DynamoDB cannot store. Use an empty array, or leave it out');
  if (typeOf(set) === undefined) throw invalidWrite(path, 'found a set of mixed content: its members must be all strings, all numbers or all binary');
  // The client converts all members as it does the first; only as a `number` does that fail for the others.
  return new Set(members.sort((a, b) => Number(typeof a === 'number') - Number(typeof b === 'number')));
};

const describeInstance = (value: object): string => {
  if (value instanceof Date) return 'a Date. Use epoch milliseconds or an ISO string';
  if (value instanceof Map) return 'a Map. Use a plain object';
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return 'binary data that is no Uint8Array. Make it one';
  return 'an instance of a class. Use a plain object';
};
