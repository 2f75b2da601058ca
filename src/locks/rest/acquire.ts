import { LockBackendError } from '../errors';
import { brokenOf } from '../lease/break';
import { renewById } from '../lease/by-id';
import { readToken, writeToken, type Observation } from '../lease/observations';
import { createPatience } from '../lease/patience';
import type { LockRow } from '../lease/row';
import { takeLock, type TakeEnd, type Wanted } from '../lease/take';
import type { Principal } from './authorizer';
import { lockNameOf, ownerPrefix, type RestContext } from './context';
import { etagOf, json, type RestRequest, type RestResponse } from './http';
import { isSameRequest, type AcquisitionIds } from './ids';
import { acquireBody, idempotencyKey } from './input';
import { problem, RestRefusal } from './problem';
import { damaged, holderOf, readRowOf, rowOf, unavailable } from './state';
import type { AcquireBody, RestGrant } from './types';
import type { Wait } from './waits';

/** `PUT /locks/{name}` */
export const acquire = async (context: RestContext, request: RestRequest, principal: Principal, name: string): Promise<RestResponse> => {
  const body = acquireBody(request, context.limits);
  const key = idempotencyKey(request);
  const ids = context.signer.acquisition({ principal: principal.id, name, key, body });
  learn(context, name, body.observation);
  const wait = context.waits.enter(body.waitMs ?? 0, request);
  try {
    const of: Acquisition = { context, name, ids, prefix: ownerPrefix(principal), body, wait, signal: request.signal, location: `${request.basePath ?? ''}/locks/${name}` };
    for (let tried = 0; tried < TRIES; tried += 1) {
      const answer = await attempt(of);
      if (answer) return answer;
    }
  } finally {
    wait.leave();
  }
  throw new RestRefusal('UNAVAILABLE', 'the lock changes all the time. Send the same request again, with the same Idempotency-Key', { retryAfterMs: 1_000 });
};

/** A row that was ours a moment ago, and is not when it is to be renewed: from the start. */
const TRIES = 3;

interface Acquisition {
  readonly context: RestContext;
  readonly name: string;
  readonly ids: AcquisitionIds;
  /** Of the owner. */
  readonly prefix: string;
  readonly body: AcquireBody;
  readonly wait: Wait;
  readonly signal: AbortSignal | undefined;
  readonly location: string;
}

/** Undefined: from the start. */
const attempt = async (of: Acquisition): Promise<RestResponse | undefined> => {
  const { context, name, wait, signal } = of;
  // Rows that are kept know which key has had them: a replay after the release would hold the lock for nobody.
  if (context.exclusive) refuseUsed(of, await readRowOf(context, name));
  const wanted = wantedOf(of);
  const patience = createPatience({ clock: context.clock, signal: signal ?? new AbortController().signal, leaseMs: wanted.leaseMs, waitMs: wait.left() });
  const end = await takeLock({ settings: context, observations: context.observations, id: name, isOrphan: () => false }, wanted, patience);
  return answerTo(of, end);
};

const wantedOf = ({ context, name, ids, prefix, body: { owner = '', ttlMs = context.leaseMs, data } }: Acquisition): Wanted => ({
  name: lockNameOf(context, name),
  ownerName: `${prefix}${owner}`,
  acquisitionId: ids.lockId,
  mustExist: false,
  consistentReleased: true,
  leaseMs: ttlMs,
  data: data === undefined ? undefined : Buffer.from(data),
  keepData: false,
  attributes: {},
  mode: context.exclusive ? 'update' : 'replace',
  refreshMs: context.pollMs,
});

const answerTo = async (of: Acquisition, end: TakeEnd): Promise<RestResponse | undefined> => {
  const { context, name } = of;
  switch (end.kind) {
    case 'granted': return granted(of, 201, { ...end.granted, leaseMs: end.granted.time.leaseMs });
    case 'same': return again(of);
    case 'rejoined': // nothing here is reentrant
    case 'aborted': throw new RestRefusal('UNAVAILABLE', 'nobody waits for the answer any more', { retryAfterMs: 1_000 });
    case 'failed': throw end.error instanceof LockBackendError ? unavailable(context, name, end.error, true) : damaged(context, name, end.error.message);
    case 'unavailable':
      if (end.cause !== undefined) throw unavailable(context, name, end.cause, false);
      refuseUsed(of, end.row);
      return refuse(of, end.row, end.observation);
  }
};

const granted = ({ name, ids, location }: Acquisition, statusCode: 200 | 201, { rvn, leaseMs, fencingToken }: Pick<LockRow, 'rvn' | 'leaseMs' | 'fencingToken'>): RestResponse => {
  const grant: RestGrant = { name, lockId: ids.lockId, ...(fencingToken === undefined ? {} : { fencingToken }), leaseMs };
  return json(statusCode, grant, { etag: etagOf(rvn), location });
};

/** Throws 409 where this key was used for something else, or is used up. */
const refuseUsed = ({ ids, prefix }: Acquisition, row: LockRow | undefined): void => {
  if (!row || !isSameRequest(row.acquisitionId, ids) || !row.ownerName.startsWith(prefix)) return;
  if (row.acquisitionId !== ids.lockId) throw new RestRefusal('KEY_CONFLICT', 'this Idempotency-Key was sent before, with another owner, ttlMs or data. A new acquisition takes a new key');
  if (row.released) throw new RestRefusal('KEY_USED', 'the lock that was granted to this Idempotency-Key has been released. A new acquisition takes a new key');
};

/**
 * The same request once more: the same grant, with a lease that begins anew. Otherwise somebody who counts from the
 * later of two requests would believe in the lock for too long. Undefined where the row is not ours any more.
 */
const again = async (of: Acquisition): Promise<RestResponse | undefined> => {
  const { context, name, ids, prefix } = of;
  const by = { schema: context.schema, name: lockNameOf(context, name), acquisitionId: ids.lockId, ownerPrefix: prefix };
  const answer = await context.table.write(renewById(by, { rvn: context.newId() }));
  if (answer.kind === 'failed') throw unavailable(context, name, answer.error, answer.permanent);
  if (answer.kind === 'refused' || !answer.item) return undefined;
  return granted(of, 200, rowOf(context, name, answer.item));
};

const refuse = ({ context: { signer, clock, instanceId, pollMs }, name }: Acquisition, row: LockRow | undefined, observation: Observation | undefined): RestResponse => {
  // Strictly longer than the lease.
  const left = observation ? Math.ceil(Math.max(0, observation.leaseMs - (clock.monotonic() - observation.since))) + 1 : pollMs;
  return problem('LOCK_HELD', row && brokenOf(row.ownerName) ? 'the lock was broken, and is free when the lease of its last holder is over' : 'somebody else holds the lock', {
    retryAfterMs: left,
    ...(row ? { holder: holderOf(row) } : {}),
    ...(observation ? { observation: signer.sign(writeToken(observation, { id: name, clock, instanceId })) } : {}),
  });
};

/** What another node has seen, or this one: believed, since nobody else can have signed it. */
const learn = ({ signer, observations, clock, instanceId, maxClockSkewMs }: RestContext, name: string, token: string | undefined): void => {
  const text = token === undefined ? undefined : signer.verify(token);
  const observation = text === undefined ? undefined : readToken(text, { id: name, clock, instanceId, maxSkewMs: maxClockSkewMs });
  if (observation) observations.learn(name, observation);
};
