import { ttl as secondsAfter } from '../../time';
import { brokenOf } from '../lease/break';
import { deleteById, keepById, renewById, type ById } from '../lease/by-id';
import { FENCING, type LockRow } from '../lease/row';
import type { Principal } from './authorizer';
import { lockNameOf, ownerPrefix, type RestContext } from './context';
import { empty, etagOf, json, type RestRequest, type RestResponse } from './http';
import { ifMatch, lockToken, renewBody } from './input';
import { problem, RestRefusal } from './problem';
import { holderOf, lockFree, rowOf, unavailable } from './state';
import type { RestGrant, RestLostReason } from './types';

const byToken = (context: RestContext, request: RestRequest, principal: Principal, name: string): ById =>
  ({ schema: context.schema, name: lockNameOf(context, name), acquisitionId: lockToken(request), ownerPrefix: ownerPrefix(principal) });

const isOf = ({ acquisitionId, ownerPrefix: prefix }: ById, row: LockRow): boolean => row.acquisitionId === acquisitionId && row.ownerName.startsWith(prefix);

/** `POST /locks/{name}/renew`: by the id and not by the version, so that it can be sent again when no answer came. */
export const renew = async (context: RestContext, request: RestRequest, principal: Principal, name: string): Promise<RestResponse> => {
  const by = byToken(context, request, principal, name);
  const { ttlMs } = renewBody(request, context.limits);
  const version = ifMatch(request);
  if (ttlMs !== undefined && version === undefined) throw new RestRefusal('IF_MATCH_REQUIRED', 'another ttlMs takes If-Match with the ETag of the last answer, so that an old renewal that comes late cannot shorten a newer one');
  const change = version === undefined ? undefined : { ifVersion: version, leaseMs: ttlMs };
  const answer = await context.table.write(renewById(by, { rvn: context.newId(), change }));
  if (answer.kind === 'failed') throw unavailable(context, name, answer.error, answer.permanent);
  if (!answer.item) return lockFree();
  const row = rowOf(context, name, answer.item);
  if (answer.kind === 'done') {
    const grant: RestGrant = { name, lockId: by.acquisitionId, ...(row.fencingToken === undefined ? {} : { fencingToken: row.fencingToken }), leaseMs: row.leaseMs };
    return json(200, grant, { etag: etagOf(row.rvn) });
  }
  if (isOf(by, row) && !row.released) return problem('VERSION_CHANGED', 'the lock is still held, and has another version than If-Match says: an answer to an earlier renewal was lost. Send the ETag of this answer', { version: row.rvn });
  return lost(isOf(by, row), row);
};

const lost = (mine: boolean, row: LockRow): RestResponse => {
  const reason: RestLostReason = row.released ? 'released' : brokenOf(row.ownerName) ? 'broken' : 'stolen';
  return problem('LOCK_LOST', mine ? 'this lock was released' : 'the lock is not held by this Lock-Token any more: stop what it protects', { reason, ...(row.released ? {} : { holder: holderOf(row) }) });
};

/** `DELETE /locks/{name}`: what is not there any more is released. */
export const release = async (context: RestContext, request: RestRequest, principal: Principal, name: string): Promise<RestResponse> => {
  const by = byToken(context, request, principal, name);
  const { ttl, exclusive, clock } = context;
  const collected = ttl && { name: ttl.attributeName, at: secondsAfter(clock.wall(), ttl.afterDays) };
  const keep = () => context.table.write(keepById(by, { rvn: context.newId(), ttl: collected }));
  let answer = await (exclusive ? keep() : context.table.write(deleteById(by)));
  // A row of an exclusive client keeps its fencing token.
  if (answer.kind === 'refused' && answer.item?.[FENCING] !== undefined) answer = await keep();
  if (answer.kind === 'failed') throw unavailable(context, name, answer.error, answer.permanent);
  if (answer.kind === 'done' || !answer.item) return empty(204);
  const row = rowOf(context, name, answer.item);
  return row.released && isOf(by, row) ? empty(204) : lost(false, row);
};
