import { classifyError } from '../../faults/classify';
import { anySignal } from '../any-signal';
import { pause } from '../clock';
import { LockAbortedError, LockBackendError, LockClientClosedError, LockRowError, LockTimeoutError, type LockName } from '../errors';
import { jittered } from '../pacing';
import { createPatience } from './patience';
import { invalidOption, type Settings } from './settings';
import type { PermitOptions, Permits } from './multi-types';
import type { AcquireOptions, Lock, LockScope, TryAcquireResult } from './types';
import type { Telling } from './telling';
import { DEFAULT_REFRESH_MS } from './wanted';

/** What permits need of their client. */
export interface PermitParts {
  readonly settings: Settings;
  readonly telling: Telling;
  /** One look at one lock. Once a pool is known to be full, reading its slots is cheaper than trying to write them. */
  readonly tryOne: (name: LockName, options: AcquireOptions, look: { readonly readFirst: boolean; readonly since: number }) => Promise<TryAcquireResult>;
  readonly closing: AbortSignal;
  readonly runUnder: <T>(lock: Lock, run: (scope: LockScope) => Promise<T> | T) => Promise<T>;
}

type Refused = Extract<TryAcquireResult, { acquired: false }>;

const MAX_SIZE = 1_000;
/** Between the observations of the slots; the tokens of locks do not have it. */
const SEPARATOR = '.';

/**
 * Slots, each an ordinary lock named `name#0` to `name#<size - 1>`. Nothing is counted, so nothing can be miscounted: a holder
 * that dies gives its slot back by its lease, and a pool that is made smaller does not hand the last slots out again.
 */
export const createPermits = ({ settings, telling, tryOne, closing, runUnder }: PermitParts, pool: LockName, size: number): Permits => {
  const { clock, random, logger } = settings;
  if (!Number.isSafeInteger(size) || size < 1 || size > MAX_SIZE) throw invalidOption('permits', size, `a whole number from 1 to ${MAX_SIZE}`, 'permits(name, size)');

  /** Every slot once, from any of them on: those who come together do not all want the same one. */
  const round = async (given: AcquireOptions, look: { readonly readFirst: boolean; readonly since: number }): Promise<TryAcquireResult> => {
    const known = given.observation?.split(SEPARATOR) ?? [];
    const seen = Array.from({ length: size }, () => '');
    const first = Math.floor(random() * size);
    let soonest: Refused | undefined;
    let damaged: unknown;
    for (let n = 0; n < size; n += 1) {
      const i = (first + n) % size;
      try {
        const result = await tryOne({ ...pool, key: `${pool.key}#${i}` }, { ...given, observation: known[i] ?? '', reentrant: false, mustExist: false }, look);
        if (result.acquired) return result;
        seen[i] = result.observation ?? '';
        if (!soonest || result.retryAfterMs < soonest.retryAfterMs) soonest = result;
      } catch (error) {
        if (!(error instanceof LockRowError)) throw error;
        logger.warn('a permit cannot be handed out: its row is damaged', { ...pool, error });
        damaged = error;
      }
    }
    if (!soonest) throw damaged;
    return { ...soonest, observation: seen.join(SEPARATOR) };
  };

  const acquire = (given: PermitOptions = {}): Promise<Lock> => telling.acquiring(pool, () => wait(given));

  const wait = async (given: PermitOptions): Promise<Lock> => {
    const { signal, end } = anySignal(closing, given.signal);
    const { leaseMs = settings.leaseMs, refreshMs = DEFAULT_REFRESH_MS, waitMs } = given;
    const patience = createPatience({ clock, signal, leaseMs, waitMs });
    const start = clock.monotonic();
    try {
      for (let tries = 0; ; tries += 1) {
        let full: Refused | undefined;
        let cause: unknown;
        try {
          // What an earlier round has seen is remembered by the client.
          const { observation, ...rest } = given;
          const result = await round({ ...(tries === 0 ? given : rest), signal }, { readFirst: tries > 0, since: start });
          if (result.acquired) return result.lock;
          full = result;
        } catch (error) {
          if (!signal.aborted && !isTransient(error)) throw error;
          cause = error;
        }
        if (full?.holder) patience.meet(full.holder.leaseMs);
        const left = patience.left();
        if (left > 0) await pause(clock, Math.min(jittered(refreshMs, random), full?.retryAfterMs ?? Infinity, left), signal);
        if (signal.aborted) throw closing.aborted ? new LockClientClosedError() : new LockAbortedError(pool, given.signal?.reason);
        if (left <= 0) throw new LockTimeoutError(pool, clock.monotonic() - start, { holder: full?.holder, cause, permits: size });
      }
    } finally {
      end();
    }
  };

  return {
    ...pool,
    size,
    acquire,
    tryAcquire: (given = {}) => telling.trying(pool, () => round({ ...given, waitMs: 0 }, { readFirst: false, since: clock.monotonic() })),
    withPermit: async <T>(...rest: readonly [Run<T>] | readonly [PermitOptions, Run<T>]): Promise<T> => {
      const [given, run] = rest.length === 1 ? [{}, rest[0]] : rest;
      return runUnder(await acquire(given), run);
    },
  };
};

type Run<T> = (scope: LockScope) => Promise<T> | T;

const isTransient = (error: unknown): boolean => error instanceof LockBackendError && classifyError(error.cause) === 'transient';
