import { instantOf, pause, type Timer } from '../../clock';
import { LockBackendError, LockLostError, LockMisuseError, type LockName, type LostReason } from '../../errors';
import { leaseLeft, stoodStill, type LeaseTime } from '../../lease/lease-time';
import type { RestGrant } from '../types';
import { call, pauseAfter, type Answer, type Caller } from './call';
import { RestLockError } from './errors';
import type { RestLock } from './types';

export interface LockFacts extends Caller {
  readonly random: () => number;
  readonly retryMs: number;
  readonly requestTimeoutMs: number;
}

const MARGIN_SHARE = 0.1;
const MAX_MARGIN_MS = 1_000;

/** So long before its end a lease counts as over, for what is under way. */
export const marginOf = (leaseMs: number): number => Math.min(MAX_MARGIN_MS, leaseMs * MARGIN_SHARE);

/** `time` is the lease, from before the request that was granted. */
export const createRestLock = (facts: LockFacts, grant: RestGrant, granted: LeaseTime): RestLock => {
  const { clock, random, retryMs, requestTimeoutMs } = facts;
  const lock: LockName = { key: grant.name };
  const path = `/locks/${encodeURIComponent(grant.name)}`;
  const token = { 'lock-token': grant.lockId };
  const controller = new AbortController();
  let time = granted;
  let lost: LockLostError | undefined;
  let timer: Timer | undefined;
  let lastError: unknown;
  let releasing: ReturnType<RestLock['release']> | undefined;

  const left = (): number => leaseLeft(clock, time) - marginOf(time.leaseMs);
  const lose = (reason: LostReason, by?: string): LockLostError => {
    timer?.cancel();
    lost ??= new LockLostError(lock, reason, { by, cause: lastError });
    if (!releasing) controller.abort(lost);
    return lost;
  };
  /** By the clock that says more: a timer comes late after a freeze, and the lease does not wait for it. What was released cannot be lost any more. */
  const check = (): void => {
    if (!lost && !releasing && left() <= 0) lose(stoodStill(clock, time, -left()) ? 'suspended' : 'deadline');
  };
  const arm = (): void => {
    timer?.cancel();
    timer = clock.after(left(), () => {
      check();
      if (!lost && !releasing) arm();
    });
  };
  const assertHeld = (): void => {
    if (releasing) throw new LockMisuseError(lock, 'it was released: acquire it again');
    check();
    if (lost) throw lost;
  };

  const onRefusal = (answer: Extract<Answer, { kind: 'answer' }>): Error => {
    const { status, problem: { code, reason, holder } } = answer;
    if (status === 404) return lose('deleted');
    if (code !== 'LOCK_LOST') return new RestLockError(grant.name, status, answer.problem);
    return reason === 'released' ? lose('releasedElsewhere') : lose('stolen', reason === 'broken' ? 'an admin, who has broken it' : holder?.owner);
  };

  const renew = async (): Promise<void> => {
    for (let tries = 1; ; tries += 1) {
      assertHeld();
      const from = instantOf(clock);
      const answer = await call(facts, { method: 'POST', path: `${path}/renew`, headers: token, timeoutMs: Math.min(requestTimeoutMs, Math.max(1, left())) });
      if (releasing) return; // a renewal that the release has overtaken means nothing
      if (answer.kind === 'answer' && answer.status === 200) {
        const { leaseMs } = answer.body as unknown as RestGrant;
        // Of two renewals under way at once, the one that was asked for later counts; its lease may be the shorter one.
        if (from.monotonic >= time.from.monotonic) time = { from, leaseMs };
        if (!lost) arm();
        return assertHeld();
      }
      if (answer.kind === 'answer') throw onRefusal(answer);
      lastError = answer.error;
      await pause(clock, Math.min(pauseAfter(answer, tries, random), Math.max(1, left())), controller.signal);
    }
  };

  const release: RestLock['release'] = () => releasing ??= (async () => {
    timer?.cancel();
    if (lost) return 'lost';
    const start = clock.monotonic();
    let unanswered = false;
    for (let tries = 1; ; tries += 1) {
      const answer = await call(facts, { method: 'DELETE', path, headers: token, timeoutMs: requestTimeoutMs });
      if (answer.kind === 'answer') {
        if (answer.status === 204) return 'released';
        // It was held when the first of these was sent, so that one has given it back, if somebody else has it now.
        if (answer.status === 412) return unanswered ? 'released' : 'lost';
        throw new RestLockError(grant.name, answer.status, answer.problem);
      }
      unanswered = true;
      if (clock.monotonic() - start >= retryMs) throw new LockBackendError(lock, 'releasing', answer.error);
      await pause(clock, pauseAfter(answer, tries, random));
    }
  })();

  arm();
  return {
    name: grant.name,
    lockId: grant.lockId,
    fencingToken: grant.fencingToken,
    get leaseMs() { return time.leaseMs; },
    signal: controller.signal,
    get lost() {
      check();
      return lost;
    },
    isHeld: () => {
      check();
      return !lost && !releasing;
    },
    assertHeld,
    remainingMs: () => {
      check();
      return lost || releasing ? 0 : Math.max(0, left());
    },
    renew,
    release,
  };
};
