import { instantOf } from '../clock';
import { LockBackendError, LockLostError, type LockName } from '../errors';
import type { Answer } from '../table/request';
import type { Handle } from './handle';
import { judgeRenewal } from './judge';
import type { LeaseTime } from './lease-time';
import { heartbeatRequest, type Identity } from './requests';
import { keyOf, readRow } from './row';
import type { Settings } from './settings';
import type { Granted } from './take';

/** Each refusal means that the process that has it was quicker to renew it. */
const MAX_TRIES = 5;

/**
 * Goes on with a lock that another process has: looks, and renews it at once, so that the lease counts from here and the process
 * that had it finds it gone. That one may renew it in between: then it is this acquisition's still, with another version.
 */
export const resumeLock = async (settings: Settings, name: LockName, { ownerName, acquisitionId }: Handle): Promise<{ readonly identity: Identity; readonly granted: Granted }> => {
  const { table, schema, clock, trustClocks, ttl, newId } = settings;
  let answer: Answer = await table.read(keyOf(schema, name));
  for (let tries = 1; ; tries += 1) {
    if (answer.kind === 'failed') throw new LockBackendError(name, 'resuming', answer.error);
    const read = answer.item && readRow(answer.item, schema);
    if (!read) throw new LockLostError(name, 'deleted');
    if (read.kind === 'invalid' || read.row.acquisitionId !== acquisitionId || read.row.ownerName !== ownerName) {
      throw new LockLostError(name, 'stolen', { by: read.kind === 'lock' ? read.row.ownerName : undefined });
    }
    const { row } = read;
    if (row.released) throw new LockLostError(name, 'releasedElsewhere');
    if (tries > MAX_TRIES) throw new LockBackendError(name, 'resuming', new Error(`another process has renewed it ${MAX_TRIES} times meanwhile`));
    const { fencingToken } = row;
    const identity: Identity = { schema, name, ownerName, acquisitionId, fencingToken, ttlName: ttl?.attributeName };
    const rvn = newId();
    const time: LeaseTime = { from: instantOf(clock), leaseMs: row.leaseMs };
    // A refusal tells the row, which the next round looks at.
    answer = await table.write(heartbeatRequest(identity, row.rvn, { rvn, leaseMs: row.leaseMs, touchedAt: trustClocks && time.from.wall }));
    const verdict = judgeRenewal(answer, { identity, confirmed: row.rvn, pending: new Map([[rvn, time]]), rvn, holdOnServiceUnavailable: false });
    if (verdict.kind === 'renewed') return { identity, granted: { rvn, time, fencingToken, data: row.data, attributes: row.attributes, tookOver: false } };
  }
};
