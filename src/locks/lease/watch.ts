import { classifyError } from '../../faults/classify';
import { anySignal } from '../any-signal';
import { pause } from '../clock';
import { LockBackendError, type LockName } from '../errors';
import { jittered } from '../pacing';
import type { WatchedLock, WatchOptions } from './client-types';
import { readLock, viewOf } from './inspect';
import type { LockRow } from './row';
import { invalidOption, type Settings } from './settings';
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
const looks = async function* looks(settings: Settings, signals: readonly (AbortSignal | undefined)[], name: LockName, refreshMs: number): AsyncGenerator<WatchedLock, void> {
  const { clock, random, logger } = settings;
  const { signal, end } = anySignal(...signals);
  let seen: { readonly rvn: string; readonly since: number } | undefined;
  let last: string | undefined;
  try {
    while (!signal.aborted) {
      try {
        const row = await readLock(settings, name, { signal });
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

/** @throws OplockStreamError `INVALID_OPTION` */
export const watchLock = (settings: Settings, closing: AbortSignal, name: LockName, { refreshMs = DEFAULT_REFRESH_MS, signal }: WatchOptions): AsyncGenerator<WatchedLock, void> => {
  if (!(typeof refreshMs === 'number' && refreshMs >= 0)) throw invalidOption('refreshMs', refreshMs, 'a number of ms', 'watch({ refreshMs })');
  const leaving = new AbortController();
  const watching = looks(settings, [closing, signal, leaving.signal], name, refreshMs);
  const leave = watching.return.bind(watching);
  return Object.assign(watching, {
    // A generator answers one call after the other, and next() waits for news.
    return: (value: undefined) => {
      leaving.abort();
      return leave(value);
    },
  });
};
