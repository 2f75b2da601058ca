import type { LockRequest, Row } from '../../../src/locks/table/request';

/*
 * What the Java lock client puts on the wire and what it can read, as it was recorded and read in its source (LOCKS 1.1 to
 * 1.7). test/unit/locks/golden/java-model.test.ts holds it against the recorded requests.
 */

export interface JavaSchema {
  readonly partitionKeyName: string;
  readonly sortKeyName?: string | undefined;
}

/** A lock as Java has read it. */
export interface JavaItem {
  readonly ownerName: string;
  readonly leaseMs: number;
  readonly rvn: string;
  readonly data: Uint8Array | undefined;
  readonly isReleased: boolean;
  /** The sort key is among them. */
  readonly additional: Row;
}

const javaError = (name: string, message: string): Error => Object.assign(new Error(message), { name });

/** As Java reads an attribute that it wants as a string: null where it has another type, an error where there is none. */
const textOf = (row: Row, attribute: string): string | null => {
  const value = row[attribute];
  if (value === undefined) throw javaError('NullPointerException', `${attribute} is missing`);
  return typeof value === 'string' ? value : null;
};

const MAX_LONG = 2n ** 63n - 1n;

const parseLong = (text: string | null): number => {
  if (text === null || !/^[+-]?\d+$/.test(text) || BigInt(text) > MAX_LONG) throw javaError('NumberFormatException', `For input string: ${text}`);
  return Number(text);
};

/** Strict as Java is: throws NullPointerException and NumberFormatException. */
export const readJava = ({ partitionKeyName }: JavaSchema, row: Row): JavaItem => {
  const { data } = row;
  if (data !== undefined && !(data instanceof Uint8Array)) throw javaError('NullPointerException', 'data is not binary');
  const [ownerName, rvn] = [textOf(row, 'ownerName'), textOf(row, 'recordVersionNumber')];
  if (ownerName === null || rvn === null) throw javaError('NullPointerException', 'ownerName or recordVersionNumber is no string');
  const known = ['ownerName', 'leaseDuration', 'recordVersionNumber', 'data', 'isReleased', partitionKeyName];
  return {
    ownerName, rvn, data,
    leaseMs: parseLong(textOf(row, 'leaseDuration')),
    isReleased: 'isReleased' in row,
    additional: Object.fromEntries(Object.entries(row).filter(([name]) => !known.includes(name))),
  };
};

export interface JavaLock {
  readonly schema: JavaSchema;
  readonly key: Row;
  readonly ownerName: string;
}

const NAMES = { rvn: 'recordVersionNumber', on: 'ownerName', ir: 'isReleased', ld: 'leaseDuration', d: 'data' } as const;

/** The maps of an expression, of the placeholders that it uses. */
const mapsFor = ({ partitionKeyName, sortKeyName }: JavaSchema, expressions: string, values: Row, more: Readonly<Record<string, string>> = {}) => {
  const names: Record<string, string | undefined> = { '#pk': partitionKeyName, '#sk': sortKeyName, ...Object.fromEntries(Object.entries(NAMES).map(([name, value]) => [`#${name}`, value])), ...more };
  const used = (marks: object, pattern: RegExp) => {
    const found: readonly string[] = expressions.match(pattern) ?? [];
    return Object.fromEntries(Object.entries(marks).filter(([name]) => found.includes(name)));
  };
  const given = used(values, /:\w+/g);
  return {
    ExpressionAttributeNames: used(names, /#\w+/g) as Record<string, string>,
    ...(Object.keys(given).length > 0 ? { ExpressionAttributeValues: given } : {}),
  };
};

const keys = ({ sortKeyName }: JavaSchema, test: string): string => `${test}(#pk)${sortKeyName === undefined ? '' : ` AND ${test}(#sk)`}`;

export interface JavaAcquire extends JavaLock {
  readonly rvn: string;
  readonly leaseMs: number;
  readonly data?: Uint8Array | undefined;
  readonly additional?: Row | undefined;
  readonly updateExisting?: boolean | undefined;
  readonly consistent?: boolean | undefined;
  /** Up to 1.4.0: an update of an expired row leaves the mark of a release in it. */
  readonly old?: boolean | undefined;
}

/** `found`: the row that was read; none, a released one, or one that is taken as expired. */
export const javaAcquire = (lock: JavaAcquire, found: JavaItem | undefined): LockRequest => {
  const { schema, key, updateExisting = false, consistent = false, old = false } = lock;
  const ConditionExpression = !found ? keys(schema, 'attribute_not_exists')
    : !found.isReleased ? `${keys(schema, 'attribute_exists')} AND #rvn = :rvn`
      : consistent ? `(${keys(schema, 'attribute_exists')} AND #rvn = :rvn AND #ir = :ir)` : `${keys(schema, 'attribute_exists')} AND #ir = :ir`;
  const item: Row = {
    ...lock.additional, ownerName: lock.ownerName, leaseDuration: String(lock.leaseMs), recordVersionNumber: lock.rvn, ...(lock.data ? { data: lock.data } : {}),
  };
  const values = { ':rvn': found?.rvn, ':ir': '1' };
  if (!updateExisting) return { op: 'put', key, input: { Item: { ...item, ...key }, ConditionExpression, ...mapsFor(schema, ConditionExpression, values) } };
  const set = Object.keys(item).map((_, i) => `#k${i}=:v${i}`).join(',');
  const UpdateExpression = `SET ${set}${found && (found.isReleased || !old) ? ' REMOVE #ir ' : ''}`;
  return {
    op: 'update',
    input: {
      Key: key, UpdateExpression, ConditionExpression,
      ...mapsFor(schema, `${ConditionExpression} ${UpdateExpression}`, { ...values, ...Object.fromEntries(Object.values(item).map((value, i) => [`:v${i}`, value])) },
        Object.fromEntries(Object.keys(item).map((name, i) => [`#k${i}`, name]))),
    },
  };
};

const isMine = (schema: JavaSchema): string => `${keys(schema, 'attribute_exists')} AND #rvn = :rvn AND #on = :on`;

const update = ({ schema, key, ownerName }: JavaLock, rvn: string, UpdateExpression: string, values: Row): LockRequest => {
  const ConditionExpression = isMine(schema);
  return { op: 'update', input: { Key: key, UpdateExpression, ConditionExpression, ...mapsFor(schema, `${ConditionExpression} ${UpdateExpression}`, { ':rvn': rvn, ':on': ownerName, ...values }) } };
};

/** `data`: null removes it. */
export const javaHeartbeat = (lock: JavaLock, rvn: string, { next, leaseMs, data }: { readonly next: string; readonly leaseMs: number; readonly data?: Uint8Array | null | undefined }): LockRequest =>
  update(lock, rvn, `SET #ld = :ld, #rvn = :newRvn${data ? ', #d = :d' : ''}${data === null ? ' REMOVE #d' : ''}`, { ':ld': String(leaseMs), ':newRvn': next, ':d': data });

/** The version stays. */
export const javaKeep = (lock: JavaLock, rvn: string, data?: Uint8Array): LockRequest =>
  update(lock, rvn, `SET #ir = :ir${data ? ', #d = :d' : ''}`, { ':ir': '1', ':d': data });

export const javaDelete = ({ schema, key, ownerName }: JavaLock, rvn: string): LockRequest => {
  const ConditionExpression = isMine(schema);
  return { op: 'delete', input: { Key: key, ConditionExpression, ...mapsFor(schema, ConditionExpression, { ':rvn': rvn, ':on': ownerName }) } };
};
