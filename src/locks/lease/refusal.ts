import { LockAbortedError, LockTimeoutError, type Holder, type LockName } from '../errors';
import type { Observation } from './observations';
import type { LockRow } from './row';
import type { Settings } from './settings';
import type { TakeEnd } from './take';

export const holderOf = ({ ownerName, leaseMs }: LockRow): Holder => ({ ownerName, leaseMs });

/** The error of an acquisition that ends so. */
export const refusalOf = ({ ownerName }: Pick<Settings, 'ownerName'>, name: LockName, end: TakeEnd | undefined, waitedMs: number, signal: AbortSignal | undefined): Error => {
  if (end?.kind === 'failed') return end.error;
  if (end?.kind === 'aborted') return new LockAbortedError(name, signal?.reason);
  const row = end?.kind === 'unavailable' ? end.row : undefined;
  return new LockTimeoutError(name, waitedMs, { holder: row && holderOf(row), own: row?.ownerName === ownerName, cause: end?.kind === 'unavailable' ? end.cause : undefined });
};

/** By when a dead holder's lock can be taken, in ms: it has been watched for a lease, or its own date says so. */
export const retryAfter = ({ clock, trustClocks }: Pick<Settings, 'clock' | 'trustClocks'>, { lastTouchedAt, leaseMs }: LockRow, { since, leaseMs: watched }: Observation): number => {
  const untouched = trustClocks && lastTouchedAt !== undefined ? lastTouchedAt + leaseMs + trustClocks.maxSkewMs - clock.wall() : Infinity;
  return Math.max(0, Math.ceil(Math.min(since + watched - clock.monotonic(), untouched))) + 1;
};
