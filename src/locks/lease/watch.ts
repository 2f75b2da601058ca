import { classifyError } from '../../faults/classify';
import { anySignal } from '../any-signal';
import { pause } from '../clock';
import { LockBackendError, type LockName } from '../errors';
import { jittered } from '../pacing';
import type { WatchedLock, WatchOptions } from './client-types';
import { readLock, viewOf } from './inspect';
import type { LockRow } from './row';
import type { Settings } from './settings';
import { DEFAULT_REFRESH_MS } from './wanted';

/** Pure: what a row says to who has seen it in this version for so long. */
export const stateOf = (name: LockName, row: LockRow | undefined, unchangedMs: number): WatchedLock => {
  if (!row) return { state: 'free' };
  const view = viewOf(name, row);
  if (row.released) return { state: 'free', view };
  // As whoever wants it counts: longer than the lease, strictly.
  return { state: unchangedMs > row.leaseMs ? 'expired' : 'held', view };
};

/** Differs when something has happened; a renewal is nothing. */
const gistOf = ({ state }: WatchedLock, row: LockRow | undefined): string =>
  JSON.stringify(state === 'free' ? [state] : [state, row?.ownerName, row?.acquisitionId, row?.fencingToken]);

/** Looks again and again, and tells what is new. Ends with the signals. */
export const watchLock = async function* watchLock(settings: Settings, closing: AbortSignal, name: LockName, { refreshMs = DEFAULT_REFRESH_MS, signal: given }: WatchOptions): AsyncGenerator<WatchedLock> {
  const { clock, random, logger } = settings;
  const { signal, end } = anySignal(closing, given);
  let seen: { readonly rvn: string; readonly since: number } | undefined;
  let last: string | undefined;
  try {
    while (!signal.aborted) {
      try {
        const row = await readLock(settings, name);
        if (signal.aborted) return;
        const now = clock.monotonic();
        seen = row && (seen?.rvn === row.rvn ? seen : { rvn: row.rvn, since: now });
        const state = stateOf(name, row, seen ? now - seen.since : 0);
        const gist = gistOf(state, row);
        if (gist !== last) yield state;
        last = gist;
      } catch (error) {
        if (!(error instanceof LockBackendError) || classifyError(error.cause) !== 'transient') throw error;
        logger.debug('a lock could not be looked at; it is tried again', { ...name, error });
      }
      await pause(clock, jittered(refreshMs, random), signal);
    }
  } finally {
    end();
  }
};
