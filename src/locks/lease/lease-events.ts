import { elapsedSince, instantOf } from '../clock';
import type { LockLostError } from '../errors';
import type { Identity } from './requests';
import type { Settings } from './settings';

/** Tells of one lease, and of its end once. */
export interface LeaseEvents {
  renewed(tookMs: number, leftMs: number): void;
  renewalFailed(error: unknown, leftMs: number): void;
  lost(error: LockLostError): void;
  released(): void;
  releaseFailed(error: unknown): void;
}

/** From now on. Undefined where nobody listens. */
export const createLeaseEvents = ({ clock, tell }: Settings, { name, acquisitionId }: Identity): LeaseEvents | undefined => {
  if (!tell) return undefined;
  const lease = { ...name, acquisitionId };
  const since = instantOf(clock);
  let hasEnded = false;

  const heldMs = (): number => elapsedSince(clock, since);
  const end = (task: () => void): void => {
    if (hasEnded) return;
    hasEnded = true;
    task();
  };

  return {
    renewed: (tookMs, leftMs) => tell({ ...lease, kind: 'renewed', tookMs, leftMs: Math.max(0, leftMs) }),
    renewalFailed: (error, leftMs) => tell({ ...lease, kind: 'renewal-failed', error, leftMs: Math.max(0, leftMs) }),
    lost: (error) => end(() => tell({ ...lease, kind: 'lost', reason: error.reason, error, heldMs: heldMs() })),
    released: () => end(() => tell({ ...lease, kind: 'released', heldMs: heldMs() })),
    releaseFailed: (error) => end(() => tell({ ...lease, kind: 'release-failed', error, heldMs: heldMs() })),
  };
};
