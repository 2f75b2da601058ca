import { ttl } from '../../time';
import { LEASE, NO_LEASE, OWNER, RELEASED, RELEASED_VALUE, RVN } from '../lease/row';
import type { LockRequest, Row } from '../table/request';
import { ATTEMPTS, CLAIM_ID, EXPIRES_AT, RESULT, STATE } from './row';

/** Which row, whose claim. */
export interface ClaimIdentity {
  readonly rowKey: Row;
  readonly partitionKeyName: string;
  readonly claimId: string;
  readonly ownerName: string;
  readonly ttl: { readonly attributeName: string; readonly afterDays: number } | undefined;
}

/** Of one write. Times are epoch ms. */
interface Moment {
  readonly nowMs: number;
  /** Fresh: a row of a lock table has a new version with every write. */
  readonly rvn: string;
}

/**
 * Takes the claim where there is none, or its time is over. The same request once more, delivered late or by the SDK's own retry,
 * is refused: it cannot bring a claim back that has ended in the meantime.
 *
 * The row looks like a released lock, so that other clients of the table can read it, and leave it alone.
 */
export const claimRequest = (identity: ClaimIdentity, { nowMs, rvn, ttlMs, clockSkewMs }: Moment & { readonly ttlMs: number; readonly clockSkewMs: number }): LockRequest => {
  const { rowKey, partitionKeyName, claimId, ownerName } = identity;
  const collected = collect(identity, nowMs + ttlMs);
  return {
    op: 'update',
    input: {
      Key: rowKey,
      UpdateExpression: `SET #owner = :owner, #lease = :lease, #rvn = :rvn, #released = :released, #claimId = :claimId, #state = :claimed, #expires = :expires${collected.set} `
        + 'REMOVE #result ADD #attempts :one',
      ConditionExpression: 'attribute_not_exists(#pk) OR (#expires < :limit AND #claimId <> :claimId)',
      ExpressionAttributeNames: {
        '#pk': partitionKeyName, '#owner': OWNER, '#lease': LEASE, '#rvn': RVN, '#released': RELEASED,
        '#claimId': CLAIM_ID, '#state': STATE, '#expires': EXPIRES_AT, '#result': RESULT, '#attempts': ATTEMPTS, ...collected.names,
      },
      ExpressionAttributeValues: {
        ':owner': ownerName, ':lease': NO_LEASE, ':rvn': rvn, ':released': RELEASED_VALUE, ':claimId': claimId, ':claimed': 'CLAIMED', ':expires': nowMs + ttlMs,
        ':limit': nowMs - clockSkewMs, ':one': 1, ...collected.values,
      },
      ReturnValues: 'ALL_NEW',
    },
  };
};

/** Done, with a result as text, or without one. */
export const doneRequest = (identity: ClaimIdentity, { nowMs, rvn, keepForMs, result }: Moment & { readonly keepForMs: number; readonly result: string | undefined }): LockRequest => {
  const expires = nowMs + keepForMs;
  return change(identity, rvn, { state: 'DONE', expires, collectAfter: expires, result });
};

/** Never shortens the claim: an earlier extension that arrives after a later one is refused. */
export const extendRequest = (identity: ClaimIdentity, { nowMs, rvn, ttlMs }: Moment & { readonly ttlMs: number }): LockRequest => {
  const expires = nowMs + ttlMs;
  return change(identity, rvn, { state: 'CLAIMED', expires, collectAfter: expires, and: ' AND #expires <= :expires' });
};

/** Free at once. The row stays: it counts the attempts, and refuses what comes late. */
export const abandonRequest = (identity: ClaimIdentity, { nowMs, rvn }: Moment): LockRequest =>
  change(identity, rvn, { state: 'ABANDONED', expires: 0, collectAfter: nowMs });

interface Change {
  readonly state: 'DONE' | 'CLAIMED' | 'ABANDONED';
  readonly expires: number;
  readonly collectAfter: number;
  readonly result?: string | undefined;
  readonly and?: string;
}

/** Whoever has lost the claim, or has ended it, changes nothing. */
const change = (identity: ClaimIdentity, rvn: string, { state, expires, collectAfter, result, and = '' }: Change): LockRequest => {
  const collected = collect(identity, collectAfter);
  const kept = result === undefined ? undefined : { set: ', #result = :result', names: { '#result': RESULT }, values: { ':result': result } };
  return {
    op: 'update',
    input: {
      Key: identity.rowKey,
      UpdateExpression: `SET #state = :state, #expires = :expires, #rvn = :rvn${kept?.set ?? ''}${collected.set}`,
      ConditionExpression: `#claimId = :claimId AND #state = :claimed${and}`,
      ExpressionAttributeNames: { '#claimId': CLAIM_ID, '#state': STATE, '#expires': EXPIRES_AT, '#rvn': RVN, ...kept?.names, ...collected.names },
      ExpressionAttributeValues: { ':claimId': identity.claimId, ':claimed': 'CLAIMED', ':state': state, ':expires': expires, ':rvn': rvn, ...kept?.values, ...collected.values },
    },
  };
};

/** When DynamoDB may delete the row: in epoch seconds, days after nobody needs it any more. */
const collect = ({ ttl: option }: ClaimIdentity, afterMs: number) =>
  (option
    ? { set: ', #ttl = :ttl', names: { '#ttl': option.attributeName }, values: { ':ttl': ttl(afterMs, option.afterDays) } }
    : { set: '', names: {}, values: {} });
