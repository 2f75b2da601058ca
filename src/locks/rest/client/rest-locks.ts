import { randomUUID } from 'node:crypto';
import { describeError } from '../../../error-text';
import { OplockStreamError } from '../../../errors';
import { describeFound, describeSecret } from '../../../found';
import { consoleLogger, safeLogger } from '../../../logger';
import { instantOf, pause, systemClock, type Timer } from '../../clock';
import { LockAbortedError, LockBackendError, LockLostError, LockTimeoutError, type LockName } from '../../errors';
import { leaseLeft } from '../../lease/lease-time';
import { MAX_WAIT_MS } from '../input';
import type { AcquireBody, LockState, RestGrant } from '../types';
import { call, pauseAfter } from './call';
import { RestLockError } from './errors';
import { createRestLock, marginOf, type LockFacts } from './lock';
import type { RestAcquireOptions, RestLock, RestLocks, RestLockScope, RestLocksOptions } from './types';

/** Renewals in a lease. */
const BEATS = 3;

type Run<T> = (scope: RestLockScope) => Promise<T> | T;

const invalid = (option: string, found: unknown, expected: string, describe = describeFound): OplockStreamError =>
  new OplockStreamError('INVALID_OPTION', `createRestLocks({ ${option} }): found ${describe(found)}, expected ${expected}`, { details: { option } });

/**
 * A client of the lock service, for whoever has no way to its table. It counts each lease from before its own request, on
 * both clocks, and asks again with the same Idempotency-Key when no answer came. Throws `INVALID_OPTION`.
 */
export const createRestLocks = (options: RestLocksOptions): RestLocks => {
  const { baseUrl, key, owner, retryMs = 10_000, requestTimeoutMs = 10_000, clock = systemClock, random = Math.random, newId = randomUUID } = options;
  if (typeof baseUrl !== 'string' || !/^https?:\/\/./.test(baseUrl)) throw invalid('baseUrl', baseUrl, 'the address of the service, https://…');
  if (typeof key !== 'string' || !/^[!-~]+$/.test(key)) throw invalid('key', key, 'a key of the service, without spaces or line ends', describeSecret);
  const logger = safeLogger(options.logger ?? consoleLogger);
  const facts: LockFacts = { baseUrl: baseUrl.replace(/\/+$/, ''), key, fetch: options.fetch ?? ((url, init) => fetch(url, init)), clock, random, retryMs, requestTimeoutMs };
  const pathOf = (name: string): string => `/locks/${encodeURIComponent(name)}`;

  const acquire = async (name: string, { ttlMs, waitMs = 0, data, signal, idempotencyKey = newId() }: RestAcquireOptions = {}): Promise<RestLock> => {
    const lock: LockName = { key: name };
    const start = clock.monotonic();
    const waited = (): number => clock.monotonic() - start;
    let observation: string | undefined;
    for (let tries = 1; ; tries += 1) {
      if (signal?.aborted) throw new LockAbortedError(lock, signal.reason);
      const wait = Math.round(Math.max(0, Math.min(waitMs - waited(), MAX_WAIT_MS)));
      const body: AcquireBody = {
        waitMs: wait, ...(owner === undefined ? {} : { owner }), ...(ttlMs === undefined ? {} : { ttlMs }), ...(data === undefined ? {} : { data }), ...(observation === undefined ? {} : { observation }),
      };
      const from = instantOf(clock);
      const answer = await call(facts, { method: 'PUT', path: pathOf(name), headers: { 'idempotency-key': idempotencyKey }, body, timeoutMs: wait + requestTimeoutMs, signal });
      if (signal?.aborted && answer.kind !== 'answer') continue;
      if (answer.kind !== 'answer') {
        if (waited() >= Math.max(waitMs, retryMs)) throw new LockBackendError(lock, 'acquiring', answer.error);
        await pause(clock, pauseAfter(answer, tries, random), signal);
        continue;
      }
      const { status, problem } = answer;
      if (status === 200 || status === 201) {
        const grant = answer.body as unknown as RestGrant;
        if (leaseLeft(clock, { from, leaseMs: grant.leaseMs }) > marginOf(grant.leaseMs)) return createRestLock(facts, grant, { from, leaseMs: grant.leaseMs });
        // The answer took longer than the lease: the same key again begins it anew, if nobody was quicker.
        if (waited() >= Math.max(waitMs, retryMs)) throw new LockBackendError(lock, 'acquiring', new Error('the answer came after the lease had run out'));
        continue;
      }
      if (status !== 423) throw new RestLockError(name, status, problem);
      observation = problem.observation ?? observation;
      const left = waitMs - waited();
      if (left <= 0) throw new LockTimeoutError(lock, waited(), problem.holder ? { holder: { ownerName: problem.holder.owner, leaseMs: problem.holder.leaseMs } } : {});
      // A node that keeps nobody waiting has answered at once.
      if (clock.monotonic() - from.monotonic < wait / 2) await pause(clock, Math.min(left, problem.retryAfterMs ?? 1_000, 500 + random() * 1_000), signal);
    }
  };

  /** Until it is stopped. What a renewal throws, the lock knows already. */
  const keepRenewing = (lock: RestLock): (() => void) => {
    let timer: Timer | undefined;
    let stopped = false;
    const beat = (): void => {
      timer = clock.after(lock.leaseMs / BEATS, () => {
        lock.renew()
          .catch((error: unknown) => {
            if (!stopped) logger.warn('oplock-stream: a lock was not renewed', { lock: lock.name, error: describeError(error) });
          })
          .finally(() => { if (!stopped && lock.isHeld()) beat(); });
      });
    };
    beat();
    return () => {
      stopped = true;
      timer?.cancel();
    };
  };

  return {
    acquire,
    withLock: async <T>(name: string, ...rest: readonly [Run<T>] | readonly [RestAcquireOptions, Run<T>]): Promise<T> => {
      const [given, run] = rest.length === 1 ? [{}, rest[0]] : rest;
      const lock = await acquire(name, given);
      const stop = keepRenewing(lock);
      // The work is done, or has an error of its own: a lock that could not be given back ends by itself.
      const giveBack = (): Promise<'released' | 'lost' | void> => lock.release()
        .catch((error: unknown) => logger.warn('oplock-stream: a lock was not released, and ends with its lease', { lock: name, error: describeError(error) }));
      let result: T;
      try {
        result = await run({ signal: lock.signal, lease: lock, fence: lock.fencingToken });
      } catch (error) {
        stop();
        await giveBack();
        throw error;
      }
      stop();
      if (lock.isHeld() || !lock.lost) {
        if (await giveBack() !== 'lost') return result;
      }
      throw lock.lost ?? new LockLostError({ key: name }, 'stolen', { hint: 'It was found when the lock was given back: what the work did may have met another holder' });
    },
    get: async (name, { version, waitMs = 0, signal } = {}) => {
      const start = clock.monotonic();
      const query = version === undefined ? '' : `?etag=${encodeURIComponent(version)}&wait=${Math.min(MAX_WAIT_MS, Math.round(waitMs))}ms`;
      for (let tries = 1; ; tries += 1) {
        if (signal?.aborted) throw new LockAbortedError({ key: name }, signal.reason);
        const answer = await call(facts, { method: 'GET', path: `${pathOf(name)}${query}`, timeoutMs: waitMs + requestTimeoutMs, signal });
        if (answer.kind === 'answer') {
          if (answer.status === 200) return answer.body as unknown as LockState;
          if (answer.status === 304) return 'unchanged';
          if (answer.status === 404 && answer.problem.code === 'LOCK_FREE') return undefined;
          throw new RestLockError(name, answer.status, answer.problem);
        }
        if (signal?.aborted) continue;
        if (clock.monotonic() - start >= Math.max(waitMs, retryMs)) throw new LockBackendError({ key: name }, 'reading', answer.error);
        await pause(clock, pauseAfter(answer, tries, random), signal);
      }
    },
  };
};
