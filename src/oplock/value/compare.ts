import { compareBytes } from '../order';
import { compareNumbers, numberKey, type NumberLike } from './number';
import { entriesOf, memberOf, typeOf } from './type';

/** DynamoDB nests 32 levels; nothing that it returned is deeper. */
const MAX_DEPTH = 100;

/**
 * DynamoDB's order of two values: strings and binary by bytes, numbers as decimals. `undefined` when they are of
 * different types, or of one that has no order: every comparison but `<>` is false then.
 */
export const compareValues = (a: unknown, b: unknown): -1 | 0 | 1 | undefined => {
  const type = typeOf(a);
  if (type === undefined || type !== typeOf(b)) return undefined;
  if (type === 'S') return compareBytes(a as string, b as string);
  if (type === 'N') return compareNumbers(a as NumberLike, b as NumberLike);
  if (type === 'B') return Buffer.compare(a as Uint8Array, b as Uint8Array);
  return undefined;
};

/** DynamoDB's equality: of one type and of the same content; sets without regard to order. */
export const equalValues = (a: unknown, b: unknown): boolean => equal(a, b, 0);

const equal = (a: unknown, b: unknown, depth: number): boolean => {
  const type = typeOf(a);
  if (type === undefined || type !== typeOf(b) || depth > MAX_DEPTH) return false;
  switch (type) {
    case 'S': case 'BOOL': return a === b;
    case 'NULL': return true;
    case 'N': case 'B': return compareValues(a, b) === 0;
    case 'SS': case 'NS': case 'BS': return equalSets(a as ReadonlySet<unknown>, b as ReadonlySet<unknown>);
    case 'L': return equalLists(a as readonly unknown[], b as readonly unknown[], depth);
    case 'M': return equalMaps(a as object, b as object, depth);
  }
};

const equalLists = (a: readonly unknown[], b: readonly unknown[], depth: number): boolean =>
  a.length === b.length && a.every((one, i) => equal(one, b[i], depth + 1));

const equalMaps = (a: object, b: object, depth: number): boolean => {
  const entries = entriesOf(a);
  return entries.length === entriesOf(b).length && entries.every(([name, one]) => equal(one, memberOf(b, name), depth + 1));
};

const equalSets = (a: ReadonlySet<unknown>, b: ReadonlySet<unknown>): boolean => {
  const keys = memberKeys(b);
  return memberKeys(a).size === keys.size && includesAll(keys, a);
};

/** One text per member of a set, so that 1, 1n and `1.0` are one, and bytes are compared by content. */
const memberKeys = (set: ReadonlySet<unknown>): ReadonlySet<string> => new Set([...set].map(memberKey));

const memberKey = (member: unknown): string =>
  typeof member === 'string' ? member
    : typeOf(member) === 'B' ? Buffer.from(member as Uint8Array).toString('latin1')
      : numberKey(member as NumberLike);

const includesAll = (keys: ReadonlySet<string>, members: ReadonlySet<unknown>): boolean =>
  [...members].every((member) => keys.has(memberKey(member)));

/** Whether every (`all`) or any (`some`) member of one set is in the other; false unless both are sets of one type. */
export const setContains = (set: unknown, members: unknown, how: 'all' | 'some'): boolean => {
  const type = typeOf(set);
  if (!(set instanceof Set && members instanceof Set) || type === undefined || type !== typeOf(members)) return false;
  const keys = memberKeys(set);
  return how === 'all' ? includesAll(keys, members) : [...members].some((member) => keys.has(memberKey(member)));
};
