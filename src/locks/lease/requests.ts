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
  /** The number of the acquisition, in an exclusive table, or in a row of one. */
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
  | ({ readonly kind: 'released'; readonly rvn?: string | undefined } & Seen)
  | ({ readonly kind: 'expired'; readonly rvn: string } & Seen);

/** Of the row as it was read. */
export interface Seen {
  readonly data?: Uint8Array | undefined;
  /** It has a fencing token: whoever takes it counts on, or an exclusive client would begin with 1 again. */
  readonly numbered?: boolean;
  /** Attributes of such a row that are not the lock's own. */
  readonly others?: readonly string[];
}

const everyKey = ({ name }: Bindings, schema: LockKeySchema, test: 'attribute_exists' | 'attribute_not_exists'): string =>
  [schema.partitionKeyName, ...(schema.sortKeyName === undefined ? [] : [schema.sortKeyName])].map((key) => `${test}(${name(key)})`).join(' AND ');

const isAbsent = (bound: Bindings, schema: LockKeySchema): string => everyKey(bound, schema, 'attribute_not_exists');

/** Of a row that nobody has read, or that may have changed since: what looks so may be no lock, and one with a token has to be read by who would not count on. */
const isReleased = (bound: Bindings, counts: boolean): string => [
  equals(bound, RELEASED, RELEASED_VALUE),
  `NOT ${equals(bound, LEASE, NO_LEASE)}`,
  ...(counts ? [] : [`NOT attribute_type(${bound.name(FENCING)}, ${bound.value('N')})`]),
].join(' AND ');

const condition = (bound: Bindings, schema: LockKeySchema, expected: Expected, counts: boolean): string => {
  switch (expected.kind) {
    case 'absent': return isAbsent(bound, schema);
    case 'free': return `(${isAbsent(bound, schema)}) OR (${isReleased(bound, counts)})`;
    case 'released': return [
      everyKey(bound, schema, 'attribute_exists'),
      ...(expected.rvn === undefined ? [isReleased(bound, counts)] : [equals(bound, RELEASED, RELEASED_VALUE), equals(bound, RVN, expected.rvn)]),
    ].join(' AND ');
    case 'expired': return `${everyKey(bound, schema, 'attribute_exists')} AND ${equals(bound, RVN, expected.rvn)}`;
  }
};

/** Of the row as it was read. */
export const seenData = (expected: Expected): Uint8Array | undefined => ('data' in expected ? expected.data : undefined);

/** What an update has to remove so that it leaves what a `replace` would. */
const replaced = ({ mode, data, keepData, attributes }: Grant, expected: Expected): readonly string[] => {
  if (mode !== 'replace') return [];
  const others = 'others' in expected ? expected.others ?? [] : [];
  return [...others.filter((name) => !Object.hasOwn(attributes, name)), ...(keepData || data !== undefined ? [] : [DATA])];
};

/**
 * Takes the lock, if its row is as expected. A `replace` with `keepData` needs to have seen the row. One with a fencing token is
 * updated, whatever the mode, because it is to be counted on.
 */
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
  const counts = grant.exclusive || ('numbered' in expected && expected.numbered === true);
  const ConditionExpression = condition(bound, schema, expected, counts);
  const key = keyOf(schema, grant.name);
  if (grant.mode === 'replace' && !counts) {
    const stored = kept ?? data;
    return { op: 'put', key, input: { Item: { ...attributes, ...(stored === undefined ? {} : { [DATA]: stored }), ...key }, ConditionExpression, ...bound.given() } };
  }
  const sets = Object.entries(attributes).map(([name, value]) => equals(bound, name, value));
  if (data !== undefined && kept === undefined) {
    const name = bound.name(DATA);
    sets.push(keepData ? `${name} = if_not_exists(${name}, ${bound.value(data)})` : `${name} = ${bound.value(data)}`);
  }
  if (counts) {
    const name = bound.name(FENCING);
    sets.push(`${name} = if_not_exists(${name}, ${bound.value(grant.tokensFrom ?? 0)}) + ${bound.value(1)}`);
  }
  const removes = new Set([RELEASED, ...(grant.ttlName === undefined ? [] : [grant.ttlName]), ...replaced(grant, expected)]);
  return {
    op: 'update',
    input: {
      Key: key,
      UpdateExpression: `SET ${sets.join(', ')} REMOVE ${[...removes].map(bound.name).join(', ')}`,
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
