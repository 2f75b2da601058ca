import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { compareBytes } from '../../oplock/order';
import type { Item } from '../engines/engine';
import { keyAttributes, type TableKey } from '../engines/table-key';
import { canonicalNumber, plainNumber } from './number';

/** A value that JSON can hold. */
export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [name: string]: Plain };

export type PlainItem = Readonly<Record<string, Plain>>;

const compareNumbers = (a: string, b: string): number => Number(a) - Number(b) || compareBytes(canonicalNumber(a), canonicalNumber(b));

/** The SDK loses the value of an attribute that is named `__proto__`, but not always its name. */
export const namesOf = (map: Readonly<Record<string, AttributeValue>>): string[] => Object.keys(map).filter((name) => map[name] !== undefined);

const plainMap = (map: Readonly<Record<string, AttributeValue>>): PlainItem =>
  // fromEntries defines properties: a name `__proto__` stays a name.
  Object.fromEntries(namesOf(map).sort(compareBytes).map((name) => [name, plain(map[name] as AttributeValue)]));

const plain = (value: AttributeValue): Plain => {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return plainNumber(value.N);
  if (value.B !== undefined) return Buffer.from(value.B).toString('base64');
  if (value.BOOL !== undefined) return value.BOOL;
  if (value.NULL !== undefined) return null;
  if (value.SS !== undefined) return [...value.SS].sort(compareBytes);
  if (value.NS !== undefined) return [...value.NS].sort(compareNumbers).map(plainNumber);
  if (value.BS !== undefined) return value.BS.map((bytes) => Buffer.from(bytes).toString('base64')).sort(compareBytes);
  if (value.L !== undefined) return value.L.map(plain);
  return plainMap(value.M ?? {});
};

const compareKeys = (key: TableKey) => (a: Item, b: Item): number => {
  for (const { name, type } of keyAttributes(key)) {
    const order = type === 'N'
      ? compareNumbers(a[name]?.N ?? '', b[name]?.N ?? '')
      : type === 'B'
        ? Buffer.compare(a[name]?.B ?? new Uint8Array(), b[name]?.B ?? new Uint8Array())
        : compareBytes(a[name]?.S ?? '', b[name]?.S ?? '');
    if (order !== 0) return order;
  }
  return 0;
};

/**
 * The items as JSON has them, sorted by key as DynamoDB sorts keys, attributes by name. Sets become sorted arrays,
 * binary base64, numbers that a double cannot hold exactly their digits as a string.
 */
export const toPlainItems = (items: readonly Item[], key: TableKey): PlainItem[] => [...items].sort(compareKeys(key)).map(plainMap);
