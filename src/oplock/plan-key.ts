import { describeFound, isObject } from '../found';
import type { OplockAttributes } from './options';
import { checkNumber } from './value/check-number';
import { invalidWrite, type ValuePath } from './value/invalid';
import { isNumberText } from './value/number';
import { countBytes, type Size } from './value/size';
import { isBytes } from './value/type';
import { isWellFormed } from './value/well-formed';
import type { KeyValue } from './write';

/** Of a partition key; a sort key has 1,024, but which is which the table knows. */
const MAX_KEY_BYTES = 2048;
const MAX_NAME_BYTES = 255;

/** A checked copy of the key. Throws `INVALID_WRITE`. */
export const planKey = (key: unknown, attributes: OplockAttributes, size: Size): Readonly<Record<string, KeyValue>> => {
  const entries = isObject(key) ? Object.entries(key) : [];
  if (entries.length < 1 || entries.length > 2) {
    const found = isObject(key) ? `${entries.length} attributes` : describeFound(key);
    throw invalidWrite(['key'], `found ${found} where the partition key, and the sort key if the table has one, belong`);
  }
  for (const [name, value] of entries) {
    checkKeyName(name, attributes);
    countBytes(size, Buffer.byteLength(name) + checkKeyValue(value, ['key', name]));
  }
  return Object.fromEntries(entries) as Record<string, KeyValue>;
};

const checkKeyName = (name: string, attributes: OplockAttributes): void => {
  const path = ['key', name];
  if (name === '' || name === '__proto__' || Buffer.byteLength(name) > MAX_NAME_BYTES) throw invalidWrite(path, 'no table has a key attribute of this name');
  if (Object.values(attributes).includes(name)) {
    throw invalidWrite(path, 'the oplock options use this attribute, too. Give theirs another name, for example `oplock: { attribute: \'oplock\' }`');
  }
};

/** @returns its bytes, at least */
const checkKeyValue = (value: unknown, path: ValuePath): number => {
  if (typeof value === 'number' || typeof value === 'bigint' || (typeof value === 'object' && value !== null && isNumberText(value))) {
    checkNumber(value, path);
    return 1;
  }
  if (typeof value !== 'string' && !isBytes(value)) throw invalidWrite(path, `found ${describeFound(value)} where a string, number or Uint8Array belongs`);
  if (typeof value === 'string' && !isWellFormed(value)) throw invalidWrite(path, 'found text with half of a surrogate pair, which has no UTF-8');
  const bytes = typeof value === 'string' ? Buffer.byteLength(value) : value.length;
  if (bytes === 0) throw invalidWrite(path, `found ${typeof value === 'string' ? 'an empty string' : 'no bytes'}, which cannot be a key`);
  if (bytes > MAX_KEY_BYTES) throw invalidWrite(path, `found ${bytes} bytes: a key has at most ${MAX_KEY_BYTES}`);
  return bytes;
};
