import type { OplockStreamError } from '../../errors';
import { LockMisuseError, type LockName } from '../errors';
import { bytesOf } from './bytes';
import { checkLease, invalidOption, isReserved, type Settings } from './settings';
import type { Wanted } from './take';
import type { AcquireOptions, TryAcquireOptions } from './types';

export const DEFAULT_REFRESH_MS = 1_000;

/** The name of a lock in this table. Throws `INVALID_OPTION`. */
export const nameOf = ({ schema }: Pick<Settings, 'schema'>, key: string, sortKey: string | undefined): LockName => {
  if (typeof key !== 'string' || key === '') throw invalidOption('key', key, 'a text that is not empty', 'the key of a lock');
  if (schema.sortKeyName === undefined) {
    if (sortKey !== undefined) throw invalidOption('sortKey', sortKey, 'none, because the client has no sortKeyName', 'the sortKey of a lock');
    return { key };
  }
  if (typeof sortKey !== 'string' || sortKey === '') throw invalidOption('sortKey', sortKey, `a text that is not empty, because the table has the sort key ${schema.sortKeyName}`, 'the sortKey of a lock');
  return { key, sortKey };
};

const invalid = (option: string, found: unknown, expected: string): OplockStreamError => invalidOption(option, found, expected, `acquire({ ${option} })`);

/** A local name that no two locks share. */
export const idOf = ({ key, sortKey }: LockName): string => JSON.stringify(sortKey === undefined ? [key] : [key, sortKey]);

/** Throws `INVALID_OPTION`. */
export const checkOnRelease = ({ exclusive }: Pick<Settings, 'exclusive'>, onRelease: TryAcquireOptions['onRelease'], where: string): void => {
  if (exclusive && onRelease === 'delete') throw invalidOption('onRelease', onRelease, "'keep', because the table is exclusive: a new row would start the fencing tokens anew", where);
};

/** The options of an acquisition, checked, with what they leave out. Throws `INVALID_OPTION`. */
export const wantedOf = (settings: Settings, name: LockName, options: AcquireOptions, acquisitionId = settings.newId()): Wanted => {
  const { exclusive, heartbeatMs } = settings;
  const { leaseMs = settings.leaseMs, attributes = {}, existingRow = exclusive ? 'update' : 'replace', replaceData = true, sessionMonitor, refreshMs = DEFAULT_REFRESH_MS } = options;
  checkLease('leaseMs', leaseMs, 'acquire({ leaseMs })');
  const reserved = Object.keys(attributes).find((attribute) => isReserved(settings, attribute));
  if (reserved !== undefined) throw invalid('attributes', reserved, 'names that the lock does not use itself');
  if (exclusive && existingRow === 'replace') throw invalid('existingRow', existingRow, "'update', because the table is exclusive: a new row would start the fencing tokens anew");
  checkOnRelease(settings, options.onRelease, 'acquire({ onRelease })');
  if (sessionMonitor) {
    const { safeTimeMs } = sessionMonitor;
    if (!(safeTimeMs > (heartbeatMs || 0) && safeTimeMs < leaseMs)) throw invalid('sessionMonitor.safeTimeMs', safeTimeMs, `more than a heartbeat (${heartbeatMs || 0} ms) and less than the lease (${leaseMs} ms)`);
  }
  for (const [option, value] of Object.entries({ waitMs: options.waitMs, refreshMs, maxHoldMs: options.maxHoldMs })) {
    if (value !== undefined && !(typeof value === 'number' && value >= 0)) throw invalid(option, value, 'a number of ms');
  }
  return {
    name, acquisitionId, leaseMs, refreshMs, attributes,
    ownerName: settings.ownerName,
    mustExist: options.mustExist ?? false,
    consistentReleased: options.consistentReleased ?? true,
    data: bytesOf(options.data),
    keepData: !replaceData,
    mode: existingRow,
  };
};

/** A lock of this client is given again. Throws LockMisuseError for what the first acquisition has settled. */
export const checkReentry = (name: LockName, { data, attributes }: AcquireOptions): void => {
  if (data !== undefined || attributes !== undefined) throw new LockMisuseError(name, 'it is held already, so that a reentrant acquire can set no data or attributes. Use lock.heartbeat({ data })');
};
