import { LockAbortedError } from '../errors';
import type { Timer } from '../clock';
import { ClaimResultError, ClaimSupersededError } from './errors';
import { checkMs, type ClaimSettings } from './settings';
import { takeClaim } from './take';
import type { Claim, OnceOptions, OnceResult, ClaimScope } from './types';

/** A claim is extended after a third of its time, so that one extension may fail. */
const EXTENSIONS = 3;
const DEFAULT_MAX_HOLD = 10;

/** See `Claims.once`. */
export const runOnce = async <T>(settings: ClaimSettings, key: string, options: OnceOptions, run: (scope: ClaimScope) => T | PromiseLike<T>): Promise<OnceResult<T>> => {
  const { ttlMs, signal, keepForMs = settings.keepForMs, keepResult = true, extend = true, maxHoldMs = DEFAULT_MAX_HOLD * ttlMs } = options;
  checkMs('ttlMs', ttlMs);
  checkMs('keepForMs', keepForMs);
  checkMs('maxHoldMs', maxHoldMs);
  const { logger } = settings;
  const found = await takeClaim(settings, key, options);
  if (found.kind !== 'claimed') return found;
  const claim: Claim = found;
  const failed = (doing: string, error: unknown): void =>
    logger.warn(`oplock-stream: a claim could not be ${doing}`, { claim: key, error: error instanceof Error ? error.name : typeof error });
  const abandon = () => claim.abandon().catch((error: unknown) => failed('abandoned: its work waits until it runs out', error));

  if (signal?.aborted) {
    await abandon();
    throw new LockAbortedError({ key }, signal.reason);
  }
  const controller = new AbortController();
  const onAbort = () => controller.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  const superseded = () => controller.abort(new ClaimSupersededError(key));
  const extension = extend && claim.guarded ? keepExtending(settings, claim, { ttlMs, maxHoldMs, superseded, failed }) : undefined;

  let result: T;
  try {
    result = await run({ signal: controller.signal, claim });
  } catch (error) {
    extension?.stop();
    await abandon();
    throw error;
  } finally {
    extension?.stop();
    signal?.removeEventListener('abort', onAbort);
  }
  try {
    const end = await claim.done(keepResult ? result : undefined, { keepForMs });
    if (end === 'superseded') logger.warn('oplock-stream: work took longer than its claim, and somebody else may have done it, too', { claim: key });
    return { kind: 'ran', result, claim: end };
  } catch (error) {
    if (!(error instanceof ClaimResultError)) {
      failed('marked as done: its work may be done again', error);
      return { kind: 'ran', result, claim: 'unknown' };
    }
    // The work must not be repeated because its result cannot be kept.
    await claim.done(undefined, { keepForMs }).catch((cause: unknown) => failed('marked as done: its work may be done again', cause));
    throw error;
  }
};

interface Extending {
  readonly ttlMs: number;
  readonly maxHoldMs: number;
  readonly superseded: () => void;
  readonly failed: (doing: string, error: unknown) => void;
}

const keepExtending = ({ clock }: ClaimSettings, claim: Claim, { ttlMs, maxHoldMs, superseded, failed }: Extending): { readonly stop: () => void } => {
  const end = clock.monotonic() + maxHoldMs;
  let stopped = false;
  let timer: Timer;
  const later = () => { timer = clock.after(ttlMs / EXTENSIONS, () => void beat()); };
  const beat = async (): Promise<void> => {
    if (clock.monotonic() >= end) return;
    try {
      if (await claim.extend(ttlMs) === 'superseded' && !stopped) return superseded();
    } catch (error) {
      if (!stopped) failed('extended', error);
    }
    if (!stopped) later();
  };
  later();
  return { stop: () => { stopped = true; timer.cancel(); } };
};
