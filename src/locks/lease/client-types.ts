import type { LockName } from '../errors';
import type { AcquireAllOptions, MultiLock, MultiLockScope, Permits } from './multi-types';
import type { AcquireOptions, Lock, LockScope, LockView, TryAcquireOptions, TryAcquireResult } from './types';

export interface ListOptions {
  /** Only locks of this partition key (tables with a sort key). */
  readonly key?: string;
  /** Default false. */
  readonly includeReleased?: boolean;
  /** Rows that are no locks are skipped and told here. Default: a warning of the logger. */
  readonly onBadRow?: (error: Error, row: Readonly<Record<string, unknown>>) => void;
}

export interface WatchOptions {
  readonly sortKey?: string;
  /** Time between looks, with jitter. Default 1,000. */
  readonly refreshMs?: number;
  /** Ends the watch. */
  readonly signal?: AbortSignal | undefined;
}

/** `free`: no row, or a released one. `expired`: not renewed for a lease while it was watched; whoever wants it can take it. */
export type WatchedLock =
  | { readonly state: 'free'; readonly view?: LockView }
  | { readonly state: 'held' | 'expired'; readonly view: LockView };

/** Who held a lock that was broken, and when it is free at the latest. */
export interface Broken {
  readonly ownerName: string;
  readonly retryAfterMs: number;
}

/** Lease locks on one table. */
export interface LockClient {
  readonly ownerName: string;
  readonly tableName: string;
  /** At once: granted or not. */
  tryAcquire(key: string, options?: TryAcquireOptions): Promise<TryAcquireResult>;
  /** Waits. Throws LockTimeoutError, LockAbortedError, LockClientClosedError, LockBackendError, LockRowError. */
  acquire(key: string, options?: AcquireOptions): Promise<Lock>;
  /** Runs the function while the lock is held and renewed. Its error wins over those of the lock; a lost lock is thrown as LockLostError. */
  withLock<T>(key: string, run: (scope: LockScope) => Promise<T> | T): Promise<T>;
  withLock<T>(key: string, options: AcquireOptions, run: (scope: LockScope) => Promise<T> | T): Promise<T>;
  /**
   * Several locks, all or none. They are acquired one after the other in an order that all nodes share, so that two that want
   * the same can't each wait for the other, as long as neither holds one already. A name that is given twice is one lock. When
   * one can't be had, or one is lost meanwhile, the others are given back, and its error is thrown.
   */
  acquireAll(keys: readonly (string | LockName)[], options?: AcquireAllOptions): Promise<MultiLock>;
  /** As {@link LockClient.withLock}, under several locks. */
  withLocks<T>(keys: readonly (string | LockName)[], run: (scope: MultiLockScope) => Promise<T> | T): Promise<T>;
  withLocks<T>(keys: readonly (string | LockName)[], options: AcquireAllOptions, run: (scope: MultiLockScope) => Promise<T> | T): Promise<T>;
  /** Permits of a resource that `size` may use at once, 1 to 1,000. The names `name#0` … must not be used for other locks. */
  permits(name: string, size: number, options?: { readonly sortKey?: string }): Permits;
  /**
   * Goes on with a lock that another process has given over with `lock.handle()`, and renews it at once. One whose lease has run
   * out is held again if nobody has taken it. The other process learns of it by its next renewal, no sooner, and its guarded writes
   * pass as those of this one do: it should leave alone what it has given over. Throws LockLostError.
   */
  resume(handle: string, options?: Pick<TryAcquireOptions, 'onRelease' | 'sessionMonitor' | 'maxHoldMs' | 'keepRenewing'>): Promise<Lock>;
  /** What the row says, released or not; undefined where there is none, or one of something else that looks released. A consistent read. */
  inspect(key: string, options?: { readonly sortKey?: string }): Promise<LockView | undefined>;
  /**
   * How the lock is, and again whenever another has it or it has become free or expired; a renewal is no news. Looks at the row every
   * `refreshMs` and writes nothing. Ends with `signal`, or with the client. Throws LockRowError, and LockBackendError where trying again
   * will not help.
   */
  watch(key: string, options?: WatchOptions): AsyncIterable<WatchedLock>;
  /**
   * For operators: takes the lock away from whoever has it. Its renewals and guarded writes are refused from now on (`stolen`, by
   * `broken-by:…`), Java's included; because it may believe in its lease until that is over, nobody else is granted the lock before.
   * Undefined where nobody has it. Throws LockBackendError, LockRowError.
   */
  break(key: string, options?: { readonly sortKey?: string }): Promise<Broken | undefined>;
  /** All locks, eventually consistent. */
  list(options?: ListOptions): AsyncIterable<LockView>;
  /** The table is there and can be used. */
  tableExists(): Promise<boolean>;
  /** Releases what is held, ends every wait with LockClientClosedError and every timer. Throws an AggregateError of what could not be released. */
  close(): Promise<void>;
}
