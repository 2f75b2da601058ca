import { numberKey, type NumberLike } from '../../../../oplock/value/number';
import { typeOf } from '../../../../oplock/value/type';
import type { PlainItem } from './decode';

/** DynamoDB's limit for an item, names and values together. */
export const MAX_ITEM_BYTES = 409_600;

/** The bytes of an item as the developer guide counts them; numbers are an estimate there, too. */
export const itemSize = (item: PlainItem): number => {
  let bytes = 0;
  for (const name of Object.keys(item)) bytes += Buffer.byteLength(name) + valueSize(item[name]);
  return bytes;
};

const numberSize = (number: NumberLike): number => {
  const [digits = ''] = numberKey(number).split('e');
  return digits === '' ? 1 : digits.startsWith('-') ? Math.ceil((digits.length - 1) / 2) + 2 : Math.ceil(digits.length / 2) + 1;
};

const sum = <T>(members: Iterable<unknown>, sizeOf: (one: T) => number): number => {
  let bytes = 0;
  for (const one of members) bytes += sizeOf(one as T);
  return bytes;
};

const MEMBER_BYTES = 1;
const CONTAINER_BYTES = 3;

const valueSize = (value: unknown): number => {
  switch (typeOf(value)) {
    case 'S': return Buffer.byteLength(value as string);
    case 'N': return typeof value === 'number' && Math.abs(value) < 100 ? 2 : numberSize(value as NumberLike);
    case 'B': return (value as Uint8Array).length;
    case 'SS': return sum(value as Iterable<string>, Buffer.byteLength);
    case 'NS': return sum(value as Iterable<NumberLike>, numberSize);
    case 'BS': return sum(value as Iterable<Uint8Array>, (bytes: Uint8Array) => bytes.length);
    case 'L': return CONTAINER_BYTES + sum(value as readonly unknown[], (one) => MEMBER_BYTES + valueSize(one));
    case 'M': return CONTAINER_BYTES + itemSize(value as PlainItem) + MEMBER_BYTES * Object.keys(value as PlainItem).length;
    default: return 1;
  }
};
