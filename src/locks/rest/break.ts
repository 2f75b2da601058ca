import { breakRow } from '../lease/break';
import type { Principal } from './authorizer';
import { lockNameOf, type RestContext } from './context';
import { json, retryAfter, type RestResponse } from './http';
import { RestRefusal } from './problem';
import { damaged, lockFree, unavailable } from './state';
import type { Breaking } from './types';

/** `POST /locks/{name}/break`: 202, because the lock is not free before the lease that its holder believes in is over. */
export const breakLock = async (context: RestContext, principal: Principal, name: string): Promise<RestResponse> => {
  if (principal.role !== 'admin') throw new RestRefusal('ADMIN_ONLY', 'a lock is broken by an admin');
  const end = await breakRow(context, context.observations, { id: name, name: lockNameOf(context, name), by: principal.id });
  switch (end.kind) {
    case 'free': return lockFree();
    case 'invalid': throw damaged(context, name, end.problem);
    case 'failed': throw unavailable(context, name, end.error, end.permanent);
    case 'busy': throw new RestRefusal('UNAVAILABLE', 'the lock changes all the time. Send the request again', { retryAfterMs: 1_000 });
    case 'breaking': {
      const body: Breaking = { name, owner: end.ownerName, retryAfterMs: end.retryAfterMs };
      return json(202, body, retryAfter(end.retryAfterMs));
    }
  }
};
