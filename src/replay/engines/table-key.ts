import { OplockStreamError } from '../../errors';

/** One attribute of a table's key. */
export interface KeyAttribute {
  readonly name: string;
  readonly type: 'S' | 'N' | 'B';
}

/** What a table's stream tells of a change. */
export type StreamViewType = 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES';

/** A table to make: a key attribute given by its name alone is a string; no sort key: leave it out, `null` or `false`. */
export interface TableSpec {
  readonly name: string;
  readonly partitionKey: string | KeyAttribute;
  readonly sortKey?: string | KeyAttribute | null | false;
  /** Default: no stream is asked for. The embedded engine has none: then it is an error. */
  readonly stream?: StreamViewType;
}

/** The key of a table, spelled out. */
export interface TableKey {
  readonly partitionKey: KeyAttribute;
  readonly sortKey?: KeyAttribute;
}

const attribute = (which: string, given: unknown): KeyAttribute => {
  if (typeof given === 'string' && given !== '') return { name: given, type: 'S' };
  const { name, type } = (given ?? {}) as Partial<KeyAttribute>;
  if (typeof name === 'string' && name !== '' && (type === 'S' || type === 'N' || type === 'B')) return { name, type };
  throw new OplockStreamError(
    'TABLE_KEY_INVALID',
    `${which} is ${JSON.stringify(given)}. Give the attribute's name, or { name, type: 'S' | 'N' | 'B' }.`,
  );
};

/** The key with its defaults filled in. Throws `TABLE_KEY_INVALID`. */
export const tableKey = (spec: Pick<TableSpec, 'partitionKey' | 'sortKey'>): TableKey => ({
  partitionKey: attribute('partitionKey', spec.partitionKey),
  ...(spec.sortKey === undefined || spec.sortKey === null || spec.sortKey === false
    ? {}
    : { sortKey: attribute('sortKey', spec.sortKey) }),
});

/** The attributes of the key, partition key first. */
export const keyAttributes = (key: TableKey): readonly KeyAttribute[] =>
  key.sortKey ? [key.partitionKey, key.sortKey] : [key.partitionKey];
