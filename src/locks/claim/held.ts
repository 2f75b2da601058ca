import { LockBackendError } from '../errors';
import type { Answer, LockRequest } from '../table/request';
import { encodeResult } from './result';
import { readClaim, type ClaimState } from './row';
import { abandonRequest, doneRequest, extendRequest, type ClaimIdentity } from './requests';
import { checkMs, type ClaimSettings } from './settings';
import type { Claim, ClaimEnd } from './types';
import { endedAs } from './verdict';

/** What was granted. */
export interface Grant {
  /** As the caller says it, without the prefix. */
  readonly key: string;
  readonly identity: ClaimIdentity;
  readonly guarded: boolean;
  readonly attempts: number;
  readonly expiresAtMs: number;
}

/** Each write may be sent again as it is: it is conditioned on the claim, and says the same. */
const TRIES = 2;

/** A claim that was granted, or that nobody could refuse. */
export const heldClaim = ({ table, clock, newId, keepForMs: defaultKeepForMs }: ClaimSettings, { key, identity, guarded, attempts, expiresAtMs }: Grant): Claim => {
  const { claimId } = identity;
  let expires = expiresAtMs;

  const send = async (request: LockRequest): Promise<Answer> => {
    let answer = await table.write(request);
    for (let tries = 1; tries < TRIES && answer.kind === 'failed' && !answer.permanent; tries += 1) answer = await table.write(request);
    return answer;
  };

  /** @param state what the row says when this write, or its lost twin, was executed */
  const change = async <K extends string>(doing: string, request: LockRequest, state: ClaimState, as: K): Promise<ClaimEnd<K>> => {
    const answer = await send(request);
    if (answer.kind === 'done') return as;
    if (answer.kind === 'refused' && endedAs(answer.item, claimId) === state) {
      const read = readClaim(answer.item ?? {});
      if (state === 'CLAIMED' && read.kind === 'claim') expires = Math.max(expires, read.row.expiresAtMs);
      return as;
    }
    if (!guarded) return 'unguarded';
    if (answer.kind === 'refused') return 'superseded';
    throw new LockBackendError({ key }, doing, answer.error);
  };

  const moment = () => ({ nowMs: clock.wall(), rvn: newId() });

  return {
    key,
    claimId,
    guarded,
    attempts,
    expiresAtMs: () => expires,
    done: async (result, { keepForMs = defaultKeepForMs } = {}) => {
      checkMs('keepForMs', keepForMs);
      const text = encodeResult(key, result);
      return change('marking as done the claim', doneRequest(identity, { ...moment(), keepForMs, result: text }), 'DONE', 'done');
    },
    extend: async (ttlMs) => {
      checkMs('ttlMs', ttlMs);
      const now = moment();
      const end = await change('extending the claim', extendRequest(identity, { ...now, ttlMs }), 'CLAIMED', 'extended');
      if (end === 'extended') expires = Math.max(expires, now.nowMs + ttlMs);
      return end;
    },
    abandon: async () => change('abandoning the claim', abandonRequest(identity, moment()), 'ABANDONED', 'abandoned'),
  };
};
