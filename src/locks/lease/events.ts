import type { Logger } from '../../logger';
import type { Holder, LockLostError, LockName, LostReason } from '../errors';

interface OfLease extends LockName {
  readonly acquisitionId: string;
}

/**
 * What happens to locks, told to `onEvent` as it happens. Times in ms.
 *
 * Every acquisition is told once: as `acquired`, `refused` or `failed`. Every lock that was acquired is told to have ended once:
 * as `lost`, `released` or `release-failed`. An acquisition of a reentrant lock that is held is none of its own.
 */
export type LockEvent =
  /** `resumed`: by the handle of another process. `tookOver`: its last holder had not released it. */
  | OfLease & { readonly kind: 'acquired'; readonly fencingToken: number | undefined; readonly waitedMs: number; readonly tookOver: boolean; readonly resumed: boolean }
  /** Not granted: somebody had it for as long as the caller waited, or there is no row and `mustExist`. Of permits, once for all of them. */
  | LockName & { readonly kind: 'refused'; readonly waitedMs: number; readonly holder: Holder | undefined }
  /** Not granted, with the error that the caller gets: a table that does not answer, a row that is no lock, an aborted signal, … */
  | LockName & { readonly kind: 'failed'; readonly waitedMs: number; readonly error: unknown }
  /** `tookMs`: from the request to its answer. `leftMs`: so long later the lock would have been lost. */
  | OfLease & { readonly kind: 'renewed'; readonly tookMs: number; readonly leftMs: number }
  /** One try. It is tried again while the lease lasts. */
  | OfLease & { readonly kind: 'renewal-failed'; readonly error: unknown; readonly leftMs: number }
  | OfLease & { readonly kind: 'lost'; readonly reason: LostReason; readonly error: LockLostError; readonly heldMs: number }
  | OfLease & { readonly kind: 'released'; readonly heldMs: number }
  /** The table did not answer, and the row runs out by itself. What comes of another `release()` is not told. */
  | OfLease & { readonly kind: 'release-failed'; readonly error: unknown; readonly heldMs: number };

export type OnLockEvent = (event: LockEvent) => void;

/** A listener that cannot harm a lock. It may be an async function, which nobody waits for. */
export const safeListener = (onEvent: OnLockEvent, logger: Logger): OnLockEvent => (event) => {
  (async () => onEvent(event))().catch((error: unknown) => logger.error('onEvent of a lock client has thrown', { kind: event.kind, error }));
};
