import type { LockName } from '../errors';
import { bindings, equals, type Bindings } from '../table/bindings';
import type { LockRequest, Row } from '../table/request';
import type { TransactItem } from './types';
import { ACQUISITION, DATA, FENCING, keyOf, LEASE, NO_LEASE, OWNER, RELEASED, RELEASED_VALUE, RVN, TOUCHED, TOUCHED_VERSION, type LockKeySchema } from './row';

/** Who holds a lock, and the names in its table. */
export interface Identity {
  readonly schema: LockKeySchema;
  readonly name: LockName;
  readonly ownerName: string;
  readonly acquisitionId: string;
  /** The number of the acquisition, in an exclusive table. */
  readonly fencingToken?: number | undefined;
  /** The attribute by which DynamoDB collects released rows, if it does. */
  readonly ttlName?: string | undefined;
}

/** What a row becomes. */
export interface Grant extends Identity {
  readonly rvn: string;
  readonly leaseMs: number;
  readonly mode: 'replace' | 'update';
  readonly exclusive: boolean;
  /** The fencing token of a row that has none is one more. Default 0. */
  readonly tokensFrom?: number | undefined;
  readonly data: Uint8Array | undefined;
  /** Data that the row has stays. */
  readonly keepData: boolean;
  readonly attributes: Row;
  /** Epoch ms, where renewals are dated. */
  readonly touchedAt?: number | undefined;
}

/**
 * What the row must be for the write to succeed:
 * - `free`: not there or released, whichever; nobody has looked
 * - `absent`, `released` (with an `rvn`: as it was read)
 * - `expired`: not renewed since it was read
 */
export type Expected =
  | { readonly kind: 'free' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'released'; readonly rvn?: string | undefined; readonly data?: Uint8Array | undefined }
  | { readonly kind: 'expired'; readonly rvn: string; readonly data?: Uint8Array | undefined };

const everyKey = ({ name }: Bindings, schema: LockKeySchema, test: 'attribute_exists' | 'attribute_not_exists'): string =>
  [schema.partitionKeyName, ...(schema.sortKeyName === undefined ? [] : [schema.sortKeyName])].map((key) => `${test}(${name(key)})`).join(' AND ');

const isAbsent = (bound: Bindings, schema: LockKeySchema): string => everyKey(bound, schema, 'attribute_not_exists');

/** Of a row that nobody has read, or that may have changed since: what looks so may be no lock, and one with a token is for clients that go on counting. */
const isReleased = (bound: Bindings, exclusive: boolean): string => [
  equals(bound, RELEASED, RELEASED_VALUE),
  `NOT ${equals(bound, LEASE, NO_LEASE)}`,
  ...(exclusive ? [] : [`NOT attribute_type(${bound.name(FENCING)}, ${bound.value('N')})`]),
].join(' AND ');

const condition = (bound: Bindings, { schema, exclusive }: Pick<Grant, 'schema' | 'exclusive'>, expected: Expected): string => {
  switch (expected.kind) {
    case 'absent': return isAbsent(bound, schema);
    case 'free': return `(${isAbsent(bound, schema)}) OR (${isReleased(bound, exclusive)})`;
    case 'released': return [
      everyKey(bound, schema, 'attribute_exists'),
      ...(expected.rvn === undefined ? [isReleased(bound, exclusive)] : [equals(bound, RELEASED, RELEASED_VALUE), equals(bound, RVN, expected.rvn)]),
    ].join(' AND ');
    case 'expired': return `${everyKey(bound, schema, 'attribute_exists')} AND ${equals(bound, RVN, expected.rvn)}`;
  }
};

/** Of the row as it was read. */
export const seenData = (expected: Expected): Uint8Array | undefined => ('data' in expected ? expected.data : undefined);

/** Takes the lock, if its row is as expected. A `replace` with `keepData` needs to have seen the row. */
export const acquireRequest = (grant: Grant, expected: Expected): LockRequest => {
  const { schema, data, keepData } = grant;
  const bound = bindings();
  const kept = keepData ? seenData(expected) : undefined;
  const attributes: Row = {
    ...grant.attributes,
    [OWNER]: grant.ownerName,
    [LEASE]: String(grant.leaseMs),
    [RVN]: grant.rvn,
    [ACQUISITION]: grant.acquisitionId,
    ...(grant.touchedAt === undefined ? {} : { [TOUCHED]: grant.touchedAt, [TOUCHED_VERSION]: grant.rvn }),
  };
  const ConditionExpression = condition(bound, grant, expected);
  const key = keyOf(schema, grant.name);
  if (grant.mode === 'replace') {
    const stored = kept ?? data;
    return { op: 'put', key, input: { Item: { ...attributes, ...(stored === undefined ? {} : { [DATA]: stored }), ...key }, ConditionExpression, ...bound.given() } };
  }
  const sets = Object.entries(attributes).map(([name, value]) => equals(bound, name, value));
  if (data !== undefined && kept === undefined) {
    const name = bound.name(DATA);
    sets.push(keepData ? `${name} = if_not_exists(${name}, ${bound.value(data)})` : `${name} = ${bound.value(data)}`);
  }
  if (grant.exclusive) {
    const name = bound.name(FENCING);
    sets.push(`${name} = if_not_exists(${name}, ${bound.value(grant.tokensFrom ?? 0)}) + ${bound.value(1)}`);
  }
  const removes = [RELEASED, ...(grant.ttlName === undefined ? [] : [grant.ttlName])];
  return {
    op: 'update',
    input: {
      Key: key,
      UpdateExpression: `SET ${sets.join(', ')} REMOVE ${removes.map(bound.name).join(', ')}`,
      ConditionExpression,
      ...bound.given(),
      ReturnValues: 'ALL_NEW',
    },
  };
};

/** That the row is as this holder has left it, and not released: Java does not ask for the latter, and renews what it has given back. */
const isMine = (bound: Bindings, { schema, ownerName }: Identity, rvn: string): string =>
  [everyKey(bound, schema, 'attribute_exists'), equals(bound, RVN, rvn), equals(bound, OWNER, ownerName), `attribute_not_exists(${bound.name(RELEASED)})`].join(' AND ');

export interface Renewal {
  readonly rvn: string;
  readonly leaseMs: number;
  /** `null` removes it. */
  readonly data?: Uint8Array | null | undefined;
  readonly touchedAt?: number | undefined;
}

/** Renews the lease of a row whose version is `rvn`. */
export const heartbeatRequest = (identity: Identity, rvn: string, { rvn: next, leaseMs, data, touchedAt }: Renewal): LockRequest => {
  const bound = bindings();
  const sets = [equals(bound, LEASE, String(leaseMs)), equals(bound, RVN, next)];
  if (data) sets.push(equals(bound, DATA, data));
  if (touchedAt !== undefined) sets.push(equals(bound, TOUCHED, touchedAt), equals(bound, TOUCHED_VERSION, next));
  const UpdateExpression = `SET ${sets.join(', ')}${data === null ? ` REMOVE ${bound.name(DATA)}` : ''}`;
  return { op: 'update', input: { Key: keyOf(identity.schema, identity.name), UpdateExpression, ConditionExpression: isMine(bound, identity, rvn), ...bound.given() } };
};

/** Gives a lock back whose version is `rvn`, and deletes its row. */
export const deleteRequest = (identity: Identity, rvn: string): LockRequest => {
  const bound = bindings();
  return { op: 'delete', input: { Key: keyOf(identity.schema, identity.name), ConditionExpression: isMine(bound, identity, rvn), ...bound.given() } };
};

export interface Keeping {
  /** A new one: who watches the row for its lease to run out must see that it has changed. Java leaves the old one. */
  readonly rvn: string;
  readonly data?: Uint8Array | undefined;
  /** Epoch seconds, where released rows are collected. */
  readonly ttl?: number | undefined;
}

/** Gives a lock back whose version is `rvn`, and keeps its row, marked. */
export const keepRequest = (identity: Identity, rvn: string, { rvn: next, data, ttl }: Keeping): LockRequest => {
  const bound = bindings();
  const sets = [equals(bound, RELEASED, RELEASED_VALUE), equals(bound, RVN, next)];
  if (data !== undefined) sets.push(equals(bound, DATA, data));
  if (ttl !== undefined && identity.ttlName !== undefined) sets.push(equals(bound, identity.ttlName, ttl));
  return { op: 'update', input: { Key: keyOf(identity.schema, identity.name), UpdateExpression: `SET ${sets.join(', ')}`, ConditionExpression: isMine(bound, identity, rvn), ...bound.given() } };
};

/** That the lock is still of this acquisition, whatever its version: as part of a transaction it fences what else is in it. */
export const checkItem = (identity: Identity, tableName: string): TransactItem => {
  const bound = bindings();
  return {
    ConditionCheck: {
      TableName: tableName,
      Key: keyOf(identity.schema, identity.name),
      ConditionExpression: [
        equals(bound, OWNER, identity.ownerName),
        equals(bound, ACQUISITION, identity.acquisitionId),
        `attribute_not_exists(${bound.name(RELEASED)})`,
        // A late copy of the acquisition may bring its id back, to nobody; it gets another number.
        ...(identity.fencingToken === undefined ? [] : [equals(bound, FENCING, identity.fencingToken)]),
      ].join(' AND '),
      ...bound.given(),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  };
};
