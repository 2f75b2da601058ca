import { jittered } from '../pacing';
import type { RestContext } from './context';
import { empty, etagOf, json, retryAfter, type RestRequest, type RestResponse } from './http';
import { seenVersion, waitOf } from './input';
import { lockFree, readHeld, stateOf } from './state';

/** `GET /locks/{name}`: at once, or when the version is another one than the client has seen. */
export const look = async (context: RestContext, request: RestRequest, name: string): Promise<RestResponse> => {
  const [seen, ms] = [seenVersion(request), waitOf(request)];
  const wait = context.waits.enter(seen === undefined ? 0 : ms, request);
  try {
    for (;;) {
      const row = await readHeld(context, name);
      if (!row) return lockFree();
      if (row.rvn !== seen) return json(200, stateOf(context, name, row), { etag: etagOf(row.rvn) });
      // Who wanted to wait and was not let is asked not to come again at once.
      if (wait.left() <= 0) return empty(304, { etag: etagOf(row.rvn), ...(ms > 0 ? retryAfter(1_000) : {}) });
      await wait.pause(jittered(context.pollMs, context.random));
    }
  } finally {
    wait.leave();
  }
};
