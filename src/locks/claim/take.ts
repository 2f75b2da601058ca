import { LockAbortedError, LockBackendError, LockRowError } from '../errors';
import { keyOf } from '../lease/row';
import type { Row } from '../table/request';
import { heldClaim } from './held';
import { ATTEMPTS } from './row';
import { abandonRequest, claimRequest, type ClaimIdentity } from './requests';
import { checkKey, checkMs, checkOnError, type ClaimSettings } from './settings';
import type { Claim, ClaimOptions, ClaimResult } from './types';
import { verdictOf } from './verdict';

/** An answer that is lost is asked for once; what turns out to be free then is claimed again, by the same id. */
const TRIES = 2;

type Taken = ClaimResult | { readonly kind: 'unknown'; readonly error: unknown; readonly permanent: boolean };

/** Asks for the claim. Throws LockBackendError, LockRowError, LockAbortedError, and `INVALID_OPTION`. */
export const takeClaim = async (settings: ClaimSettings, key: string, options: ClaimOptions): Promise<ClaimResult> => {
  const { prefix, partitionKeyName, sortKeyName, ownerName, ttl, clock, logger, newId } = settings;
  const { ttlMs, onError = settings.onError } = options;
  checkKey(prefix, key);
  checkMs('ttlMs', ttlMs);
  checkOnError(onError);
  const rowKey = keyOf({ partitionKeyName, sortKeyName }, { key: `${prefix}${key}`, sortKey: '-' });
  const identity: ClaimIdentity = { rowKey, partitionKeyName, claimId: newId(), ownerName, ttl };

  const taken = await ask(settings, key, identity, options);
  if (taken.kind !== 'unknown') return taken;
  const { error, permanent } = taken;
  const unanswered = new LockBackendError({ key }, 'claiming', error);
  if (onError === 'throw') throw unanswered;
  const about = { claim: key, onError, error: error instanceof Error ? error.name : typeof error };
  if (permanent) logger.error('oplock-stream: claims are off, because the table cannot be used: mend the permissions, the name or the client', about);
  else logger.warn('oplock-stream: the table of claims did not answer', about);
  if (onError === 'skip') return { kind: 'skipped', error: unanswered };
  return granted(heldClaim(settings, { key, identity, guarded: false, attempts: 0, expiresAtMs: clock.wall() + ttlMs }));
};

const granted = (claim: Claim): ClaimResult => ({ kind: 'claimed', ...claim });

const ask = async (settings: ClaimSettings, key: string, identity: ClaimIdentity, { ttlMs, signal }: ClaimOptions): Promise<Taken> => {
  const { table, clock, newId, clockSkewMs } = settings;
  // An answer that comes when the claim is as good as over is none.
  const call = { signal, timeoutMs: Math.max(1, Math.floor(ttlMs / 2)) };
  const claimed = (row: { readonly attempts: number; readonly expiresAtMs: number }) => granted(heldClaim(settings, { key, identity, guarded: true, ...row }));
  const refuseAborted = (cause?: unknown): void => {
    if (!signal?.aborted) return;
    // The claim may have been granted, to nobody: others would wait until it runs out. Nobody waits for this, and it never rejects.
    void table.write(abandonRequest(identity, { nowMs: clock.wall(), rvn: newId() }));
    throw new LockAbortedError({ key }, signal.reason ?? cause);
  };

  let error: unknown = new Error('the row changed under every try');
  for (let tries = 1; ; tries += 1) {
    const nowMs = clock.wall();
    const answer = await table.write(claimRequest(identity, { nowMs, rvn: newId(), ttlMs, clockSkewMs }), call);
    if (answer.kind === 'done') return claimed({ attempts: attemptsOf(answer.item), expiresAtMs: nowMs + ttlMs });
    let item: Row | undefined;
    if (answer.kind === 'refused') {
      ({ item } = answer);
    } else {
      refuseAborted(answer.error);
      ({ error } = answer);
      if (answer.permanent) return { kind: 'unknown', error, permanent: true };
      const now = await table.read(identity.rowKey, call);
      if (now.kind === 'failed') {
        refuseAborted(now.error);
        return { kind: 'unknown', error, permanent: false };
      }
      ({ item } = now);
    }
    const verdict = verdictOf(item, identity.claimId, clock.wall() - clockSkewMs);
    switch (verdict.kind) {
      case 'mine': return claimed(verdict.row);
      case 'done': return { kind: 'done', result: verdict.row.result, ownerName: verdict.row.ownerName };
      case 'held': return { kind: 'held', ownerName: verdict.row.ownerName, retryAfterMs: verdict.retryAfterMs };
      case 'invalid': throw new LockRowError({ key }, verdict.problem);
      case 'free': if (tries >= TRIES) return { kind: 'unknown', error, permanent: false };
    }
  }
};

const attemptsOf = (item: Row | undefined): number => {
  const attempts = item?.[ATTEMPTS];
  return typeof attempts === 'number' ? attempts : 1;
};
