import type { LockLostError, LockName } from '../errors';
import type {
  AcquireOptions, HeartbeatOptions, Lock, LockScope, ReleaseOptions, ReleaseOutcome, TransactItem, TryAcquireOptions, TryAcquireResult,
} from './types';

/** Options of `acquireAll`. `waitMs` is for all of the locks together. */
export interface AcquireAllOptions extends Omit<AcquireOptions, 'observation'> {
  /** Of the names that are given as text. */
  readonly sortKey?: string;
}

/** Several locks as one: it is held as long as all of them are. */
export interface MultiLock {
  /** Each name once, in the order in which they were acquired. */
  readonly locks: readonly Lock[];
  /** Aborts when one of them is lost, with its {@link LockLostError} as the reason. */
  readonly signal: AbortSignal;
  /** Of the first that is lost. */
  readonly lost: LockLostError | undefined;
  isHeld(): boolean;
  /** Throws as {@link Lock.assertHeld} does. */
  assertHeld(): void;
  /** The least of all. */
  remainingMs(): number;
  /** Renews all, at once. Throws LockLostError. */
  heartbeat(options?: Pick<HeartbeatOptions, 'leaseMs'>): Promise<void>;
  /**
   * Gives all back, whatever becomes of one; the outcome is the worst of theirs (`lost`, `unknown`, `still-held`, `released`).
   * Throws an AggregateError of those that the table did not answer; calling it again tries those once more.
   */
  release(options?: ReleaseOptions): Promise<ReleaseOutcome>;
  /** One condition for each lock, as elements of the caller's own transaction. */
  check(): TransactItem[];
  /** As {@link Lock.guard}, with the conditions of all locks: writes and locks are at most 100 together. */
  guard(items: readonly TransactItem[], options?: { readonly clientRequestToken?: string }): Promise<void>;
}

/** What the function of `withLocks` gets. */
export interface MultiLockScope {
  /** Aborts when one of the locks is lost. */
  readonly signal: AbortSignal;
  readonly lease: MultiLock;
}

export type TryPermitOptions = Omit<TryAcquireOptions, 'sortKey' | 'mustExist' | 'reentrant'>;
export type PermitOptions = Omit<AcquireOptions, 'sortKey' | 'mustExist' | 'reentrant'>;

/**
 * A resource that `size` may use at once: as many locks, named `name#0`, `name#1`, …. A permit is such a lock. When nodes
 * differ in the size, as many as the greatest says may hold one; a smaller one counts as soon as the last of the others is gone.
 */
export interface Permits extends LockName {
  readonly size: number;
  /** At once, one look at each slot: granted or not. `holder` and `retryAfterMs` are of the slot that is free the soonest if its holder is dead. */
  tryAcquire(options?: TryPermitOptions): Promise<TryAcquireResult>;
  /** Waits for any slot. Throws what `acquire` of the client throws. */
  acquire(options?: PermitOptions): Promise<Lock>;
  /** As `withLock` of the client. */
  withPermit<T>(run: (scope: LockScope) => Promise<T> | T): Promise<T>;
  withPermit<T>(options: PermitOptions, run: (scope: LockScope) => Promise<T> | T): Promise<T>;
}
