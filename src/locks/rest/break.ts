import { breakRequest, brokenOf } from '../lease/break';
import type { LockRow } from '../lease/row';
import type { Principal } from './authorizer';
import { lockNameOf, type RestContext } from './context';
import { json, retryAfter, type RestResponse } from './http';
import { RestRefusal } from './problem';
import { holderOf, lockFree, readHeld, remainingMs, rowOf, unavailable } from './state';
import type { Breaking } from './types';

/** Renewals that come in between, one after the other. */
const TRIES = 5;

/** `POST /locks/{name}/break`: 202, because the lock is not free before the lease that its holder believes in is over. */
export const breakLock = async (context: RestContext, principal: Principal, name: string): Promise<RestResponse> => {
  if (principal.role !== 'admin') throw new RestRefusal('ADMIN_ONLY', 'a lock is broken by an admin');
  let row = await readHeld(context, name);
  for (let tried = 0; tried < TRIES; tried += 1) {
    if (!row || row.released) return lockFree();
    if (brokenOf(row.ownerName)) return accepted(name, row, remainingMs(context, name, row));
    const leaseMs = Math.max(1, remainingMs(context, name, row));
    const answer = await context.table.write(breakRequest({
      schema: context.schema, name: lockNameOf(context, name), seen: row, rvn: context.newId(), leaseMs, by: principal.id,
    }));
    if (answer.kind === 'failed') throw unavailable(context, name, answer.error, answer.permanent);
    row = answer.item && rowOf(context, name, answer.item);
  }
  throw new RestRefusal('UNAVAILABLE', 'the lock changes all the time. Send the request again', { retryAfterMs: 1_000 });
};

const accepted = (name: string, row: LockRow, ms: number): RestResponse => {
  // Strictly longer than the lease.
  const body: Breaking = { name, owner: holderOf(row).owner, retryAfterMs: ms + 1 };
  return json(202, body, retryAfter(body.retryAfterMs));
};
