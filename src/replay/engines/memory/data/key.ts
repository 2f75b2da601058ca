import { numberKey, type NumberLike } from '../../../../oplock/value/number';
import { typeOf } from '../../../../oplock/value/type';
import { hashText } from '../../../../hash';
import type { KeyAttribute, TableKey } from '../../table-key';
import { invalid } from '../fault';
import type { PlainItem } from '../value/decode';

/** Where an item is: texts that are equal for equal keys (1.0 and 1 are one key). */
export interface Place {
  readonly partition: string;
  readonly sort: string;
}

const MAX_PARTITION_BYTES = 2_048;
const MAX_SORT_BYTES = 1_024;

/** The place of an item that is to be stored. */
export const placeOfItem = (key: TableKey, item: PlainItem): Place => ({
  partition: idOf(key.partitionKey, item, MAX_PARTITION_BYTES),
  sort: key.sortKey ? idOf(key.sortKey, item, MAX_SORT_BYTES) : '',
});

/** The place that a request's `Key` names: all of the key, and nothing else. */
export const placeOfKey = (key: TableKey, given: PlainItem): Place => {
  if (Object.keys(given).length !== (key.sortKey ? 2 : 1)) throw invalid('The provided key element does not match the schema');
  return placeOfItem(key, given);
};

/** One key attribute's value as a text. */
export const keyText = ({ name, type }: KeyAttribute, value: unknown, maxBytes: number): string => {
  if (typeOf(value) !== type) throw invalid(`One or more parameter values were invalid: Type mismatch for key ${name}, expected: ${type}`);
  if (type === 'N') return numberKey(value as NumberLike);
  const bytes = typeof value === 'string' ? Buffer.byteLength(value) : (value as Uint8Array).length;
  if (bytes === 0) throw invalid(`One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty value. Key: ${name}`);
  if (bytes > maxBytes) throw invalid(`One or more parameter values were invalid: Size of key ${name} has exceeded the maximum size limit of ${maxBytes} bytes`);
  return typeof value === 'string' ? value : Buffer.from(value as Uint8Array).toString('latin1');
};

export const partitionId = (key: TableKey, value: unknown): string => keyText(key.partitionKey, value, MAX_PARTITION_BYTES);

const idOf = (attribute: KeyAttribute, item: PlainItem, maxBytes: number): string => {
  const value = Object.hasOwn(item, attribute.name) ? item[attribute.name] : undefined;
  if (value === undefined) throw invalid(`One or more parameter values were invalid: Missing the key ${attribute.name} in the item`);
  return keyText(attribute, value, maxBytes);
};

/** Spreads partitions over the table, so that nobody relies on the order of a scan. */
export const keyHash = hashText;
