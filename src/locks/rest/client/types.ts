import type { LockLostError } from '../../errors';
import type { LockClock } from '../../clock';
import type { Logger } from '../../../logger';
import type { LockState } from '../types';

/** What is used of `fetch`. */
export type FetchLike = (url: string, init: {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  readonly signal: AbortSignal;
}) => Promise<{ readonly status: number; readonly headers: { get(name: string): string | null }; text(): Promise<string> }>;

/** Options of {@link createRestLocks}. Times are in ms. */
export interface RestLocksOptions {
  /** Of the service: `https://locks.example.com`. */
  readonly baseUrl: string;
  readonly key: string;
  /** Which of your processes this is: for people. Default: none. */
  readonly owner?: string;
  readonly fetch?: FetchLike;
  /** How long an answer that did not come is asked for again. Default 10,000; an acquisition goes on for at least its `waitMs`. */
  readonly retryMs?: number;
  /** One request, besides the time that it is meant to wait. Default 10,000. */
  readonly requestTimeoutMs?: number;
  readonly logger?: Logger;
  readonly clock?: LockClock;
  /** 0 to 1, for jitter. */
  readonly random?: () => number;
  /** A version 4 UUID. */
  readonly newId?: () => string;
}

export interface RestAcquireOptions {
  /** The lease. Default: the service's. */
  readonly ttlMs?: number;
  /** How long to wait for a lock that somebody holds; as long as you like. Default 0. */
  readonly waitMs?: number;
  readonly data?: string;
  /** Ends the wait. */
  readonly signal?: AbortSignal;
  /** Default: a new one. The same one again, from another process for instance, is given the same lock. */
  readonly idempotencyKey?: string;
}

/** A lock that the service has granted. */
export interface RestLock {
  readonly name: string;
  /** A secret: whoever has it, and the key, can renew and release the lock. */
  readonly lockId: string;
  /** Grows with each acquisition, where the service has the table for itself. */
  readonly fencingToken: number | undefined;
  readonly leaseMs: number;
  /** Aborts when the lock is lost, with the {@link LockLostError} as its reason; never by a release. */
  readonly signal: AbortSignal;
  readonly lost: LockLostError | undefined;
  isHeld(): boolean;
  /** Throws LockLostError, or LockMisuseError after a release: for the step before something that must not happen twice. Asks nobody: the lease is counted here. */
  assertHeld(): void;
  /** Until the lock counts as lost when it is not renewed; counted from before the request, less a margin. */
  remainingMs(): number;
  /** Begins the lease anew. Throws LockLostError, RestLockError. */
  renew(): Promise<void>;
  /** Gives the lock back; calling it again does nothing. Throws LockBackendError when no answer came. */
  release(): Promise<'released' | 'lost'>;
}

export interface RestLockScope {
  readonly signal: AbortSignal;
  readonly lease: RestLock;
  readonly fence: number | undefined;
}

/** Locks of a lock service. */
export interface RestLocks {
  /** Throws LockTimeoutError, LockAbortedError, LockBackendError, RestLockError. Renewals are up to the caller. */
  acquire(name: string, options?: RestAcquireOptions): Promise<RestLock>;
  /** Runs the function while the lock is held and renewed. Its error wins; a lost lock is thrown as LockLostError. */
  withLock<T>(name: string, run: (scope: RestLockScope) => Promise<T> | T): Promise<T>;
  withLock<T>(name: string, options: RestAcquireOptions, run: (scope: RestLockScope) => Promise<T> | T): Promise<T>;
  /**
   * Who holds the lock; undefined: nobody. With a `version` that was seen, waits for another one for `waitMs` (25,000 at most),
   * and is `unchanged` if there is none.
   */
  get(name: string, options?: { readonly version?: string; readonly waitMs?: number; readonly signal?: AbortSignal }): Promise<LockState | 'unchanged' | undefined>;
}
