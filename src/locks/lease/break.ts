import type { LockName } from '../errors';
import type { LockRequest } from '../table/request';
import { ACQUISITION, keyOf, LEASE, OWNER, RELEASED, RVN, type LockKeySchema } from './row';

/** The owner of a broken lock is nobody who could renew it; its name says what has happened, to Java as well. */
const BROKEN = /^broken-by:([^:]*):([\s\S]*)$/;

const brokenOwner = (by: string, owner: string): string => `broken-by:${by}:${owner}`;

/** Who has broken the lock, and whose it was; undefined for a lock that was not broken. */
export const brokenOf = (ownerName: string): { readonly by: string; readonly owner: string } | undefined => {
  const [, by, owner] = BROKEN.exec(ownerName) ?? [];
  return by === undefined || owner === undefined ? undefined : { by, owner };
};

export interface Break {
  readonly schema: LockKeySchema;
  readonly name: LockName;
  /** Of the row as it was read, with its owner. */
  readonly seen: { readonly rvn: string; readonly ownerName: string };
  /** The new version. */
  readonly rvn: string;
  /** What can be left of the lease, at most. */
  readonly leaseMs: number;
  /** Who breaks it; without colons. */
  readonly by: string;
}

/**
 * Breaks a lock: from now on no renewal and no guard of its holder succeeds, Java's included, since all of them ask for
 * the version, the owner or the id. The holder may believe in its lease until that is over, so the row stays taken, and
 * whoever waits for it watches the new version for as long as is left.
 */
export const breakRequest = ({ schema, name, seen, rvn, leaseMs, by }: Break): LockRequest => ({
  op: 'update',
  input: {
    Key: keyOf(schema, name),
    UpdateExpression: 'SET #rvn = :rvn, #owner = :owner, #lease = :lease REMOVE #id',
    ConditionExpression: '#rvn = :seen AND attribute_not_exists(#released)',
    ExpressionAttributeNames: { '#rvn': RVN, '#owner': OWNER, '#lease': LEASE, '#id': ACQUISITION, '#released': RELEASED },
    ExpressionAttributeValues: { ':rvn': rvn, ':owner': brokenOwner(by, seen.ownerName), ':lease': String(leaseMs), ':seen': seen.rvn },
    ReturnValues: 'ALL_NEW',
  },
});
