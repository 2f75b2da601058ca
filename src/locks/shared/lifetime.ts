import { defined } from '../../defined';
import type { ObjectRow } from './row';
import type { Lifetime } from './types';

/** When a value ends, as epoch ms. */
export type Expiry = Pick<ObjectRow, 'hardExpiresAtMs' | 'idleMs' | 'idleExpiresAtMs'>;

export const expiryOf = ({ timeoutMs, idleTimeoutMs }: Lifetime, wall: number): Expiry => ({
  hardExpiresAtMs: timeoutMs === undefined ? undefined : wall + timeoutMs,
  idleMs: idleTimeoutMs,
  idleExpiresAtMs: idleTimeoutMs === undefined ? undefined : wall + idleTimeoutMs,
});

/** A value that goes on living: its fixed end stays, its idle time begins again. */
export const prolonged = ({ hardExpiresAtMs, idleMs }: Expiry, wall: number): Expiry =>
  ({ hardExpiresAtMs, idleMs, idleExpiresAtMs: idleMs === undefined ? undefined : wall + idleMs });

/** Undefined: for ever. */
export const endOf = ({ hardExpiresAtMs, idleExpiresAtMs }: Expiry): number | undefined => {
  const end = Math.min(hardExpiresAtMs ?? Infinity, idleExpiresAtMs ?? Infinity);
  return end === Infinity ? undefined : end;
};

export const isFresh = (expiry: Expiry, wall: number): boolean => wall < (endOf(expiry) ?? Infinity);

/** A touch is a write: it is made only once half of the idle time is gone, and where it moves the end. */
export const needsTouch = ({ hardExpiresAtMs, idleMs, idleExpiresAtMs }: Expiry, wall: number): boolean =>
  idleMs !== undefined && idleExpiresAtMs !== undefined && idleExpiresAtMs - wall < idleMs / 2 && idleExpiresAtMs < (hardExpiresAtMs ?? Infinity);

/** What a call says, or else the defaults. */
export const lifetimeOf = ({ timeoutMs, idleTimeoutMs }: Lifetime, defaults: Lifetime): Lifetime => ({ ...defaults, ...defined({ timeoutMs, idleTimeoutMs }) });
