import type { LockName } from '../errors';
import type { LockRequest, Row } from '../table/request';
import { ACQUISITION, FENCING, keyOf, LEASE, OWNER, RELEASED, RELEASED_VALUE, RVN, type LockKeySchema } from './row';

/**
 * Requests of somebody who knows an acquisition by its id and not by the version of its row: a server without a memory.
 * The owner is asked for as well, by how it begins: Java in its update mode leaves the id of the one before it in the row.
 */
export interface ById {
  readonly schema: LockKeySchema;
  readonly name: LockName;
  readonly acquisitionId: string;
  readonly ownerPrefix: string;
}

const NAMES = { '#id': ACQUISITION, '#owner': OWNER, '#released': RELEASED };
const IS_MINE = '#id = :id AND begins_with(#owner, :owner) AND attribute_not_exists(#released)';
const valuesOf = ({ acquisitionId, ownerPrefix }: ById): Row => ({ ':id': acquisitionId, ':owner': ownerPrefix });

export interface RenewalById {
  /** The new version. */
  readonly rvn: string;
  /**
   * Only where the row has this version. A renewal that changes the lease needs it: one that comes late could
   * otherwise shorten the lease of a later one, whose holder believes in the longer.
   */
  readonly change?: { readonly leaseMs?: number | undefined; readonly ifVersion: string } | undefined;
}

/** Starts the lease anew. */
export const renewById = (by: ById, { rvn, change }: RenewalById): LockRequest => ({
  op: 'update',
  input: {
    Key: keyOf(by.schema, by.name),
    UpdateExpression: `SET #rvn = :rvn${change?.leaseMs === undefined ? '' : ', #lease = :lease'}`,
    ConditionExpression: `${IS_MINE}${change ? ' AND #rvn = :version' : ''}`,
    ExpressionAttributeNames: { ...NAMES, '#rvn': RVN, ...(change?.leaseMs === undefined ? {} : { '#lease': LEASE }) },
    ExpressionAttributeValues: {
      ...valuesOf(by),
      ':rvn': rvn,
      ...(change ? { ':version': change.ifVersion } : {}),
      ...(change?.leaseMs === undefined ? {} : { ':lease': String(change.leaseMs) }),
    },
    ReturnValues: 'ALL_NEW',
  },
});

/** Gives the lock back, and deletes its row; not one with a fencing token, which the next acquisition has to find. */
export const deleteById = (by: ById): LockRequest => ({
  op: 'delete',
  input: {
    Key: keyOf(by.schema, by.name),
    ConditionExpression: `${IS_MINE} AND attribute_not_exists(#token)`,
    ExpressionAttributeNames: { ...NAMES, '#token': FENCING },
    ExpressionAttributeValues: valuesOf(by),
  },
});

/** Gives the lock back, and keeps its row. `ttl`: by which attribute DynamoDB collects it, and when (epoch seconds). */
export const keepById = (by: ById, { rvn, ttl }: { readonly rvn: string; readonly ttl?: { readonly name: string; readonly at: number } | undefined }): LockRequest => ({
  op: 'update',
  input: {
    Key: keyOf(by.schema, by.name),
    UpdateExpression: `SET #released = :released, #rvn = :rvn${ttl ? ', #ttl = :ttl' : ''}`,
    ConditionExpression: IS_MINE,
    ExpressionAttributeNames: { ...NAMES, '#rvn': RVN, ...(ttl ? { '#ttl': ttl.name } : {}) },
    ExpressionAttributeValues: { ...valuesOf(by), ':released': RELEASED_VALUE, ':rvn': rvn, ...(ttl ? { ':ttl': ttl.at } : {}) },
  },
});
