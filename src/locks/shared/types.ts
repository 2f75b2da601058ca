import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Logger } from '../../logger';
import type { LockClock } from '../clock';

/** How long a value lives. Both may be given: whichever ends first. Times are compared by wall clocks, so nodes differ by as much as these do. */
export interface Lifetime {
  /** So many ms after it was published, used or not. Default: for ever. */
  readonly timeoutMs?: number;
  /** So many ms after it was last asked for (sampled: written once half of it is gone). Default: for ever. */
  readonly idleTimeoutMs?: number;
}

/** What `reserve` and `compute` take, and the defaults of a set of objects. Times are in ms. */
export interface ReserveOptions {
  /** How long an object stays reserved when the node that computes it dies. Default 10,000. */
  readonly leaseMs?: number;
  /** A computation that has not ended after so long is not renewed any more, so that another node, or another caller in this one, may begin. Default: for ever. */
  readonly maxComputeMs?: number;
}

/** Times are in ms. */
export interface WaitOptions {
  /** How long to wait for what others compute. Default 30,000. */
  readonly timeoutMs?: number;
  /** Ends the wait with LockAbortedError. */
  readonly signal?: AbortSignal;
  /** After the time: `throw` SharedTimeoutError, or give the `stale` value where there is one. Default `throw`. */
  readonly onTimeout?: 'throw' | 'stale';
}

/** Times are in ms. */
export interface ComputeOptions extends ReserveOptions, Lifetime {
  /** How long to wait for what others compute; what one computes oneself may take its time. Default 30,000. */
  readonly waitMs?: number;
  /** Ends the wait with LockAbortedError. When nobody in this process waits any more, the function's signal aborts, too. */
  readonly signal?: AbortSignal;
  /** After the time: `throw` SharedTimeoutError, give the `stale` value where there is one, or `compute` alone, without publishing. Default `throw`. */
  readonly onTimeout?: 'throw' | 'stale' | 'compute';
  /** After an error of the function nobody computes for so long, and all others get SharedFailedError. Default 1,000. */
  readonly retryAfterMs?: number;
}

/** What objects and channels need of a table. */
export interface SharedTableOptions {
  readonly client: DynamoDBDocumentClient;
  /** Any table with string keys; it may be that of the locks. */
  readonly tableName: string;
  /** Shown in the rows. Default: the host's name with a random id. */
  readonly ownerName?: string;
  /** Default `key`. */
  readonly partitionKeyName?: string;
  /** None by default. With one, its value is `-` in all rows. */
  readonly sortKeyName?: string;
  readonly logger?: Logger;
  readonly clock?: LockClock;
  /** 0 to 1, for jitter. */
  readonly random?: () => number;
  /** A version 4 UUID. */
  readonly newId?: () => string;
}

/** Epoch seconds for DynamoDB's TTL, so many days after a row has ceased to matter, as garbage collection. */
export interface CollectOptions {
  /** Default `ttl`. */
  readonly attributeName?: string;
  readonly afterDays?: number;
}

/** Options of {@link createSharedObjects}. */
export interface SharedObjectsOptions extends SharedTableOptions {
  /** What the partition key begins with. Default `obj#`. */
  readonly prefix?: string;
  /** For everything that a call does not say. */
  readonly defaults?: ReserveOptions & Lifetime & Pick<ComputeOptions, 'waitMs' | 'retryAfterMs'>;
  /** Larger values are refused. Default and most: 358,400 (350 KB), because an item has 400 KB at most. */
  readonly maxBytes?: number;
  /** Looks at what another node computes: the first after about `minMs`, doubling up to `maxMs`, with jitter. Default 50 and 1,000. */
  readonly poll?: { readonly minMs?: number; readonly maxMs?: number };
  /** One request to the table. Default a third of the lease, at most 5,000 ms. */
  readonly requestTimeoutMs?: number;
  /** Default 7 days. */
  readonly ttl?: CollectOptions;
}

/** There is a value. */
export interface Exists<V> {
  readonly kind: 'exists';
  readonly value: V;
}

/** There is an object, and its value can not be had now. `stale` is an earlier value, which is past its time. */
export type Unavailable<V> =
  | { readonly kind: 'unavailable'; readonly reason: 'reserved'; readonly stale?: V }
  | { readonly kind: 'unavailable'; readonly reason: 'failed'; readonly error: string; readonly retryAfterMs: number; readonly stale?: V };

/** Nothing, or nothing any more: whoever needs it may reserve it. */
export interface Absent<V> {
  readonly kind: 'absent';
  readonly stale?: V;
}

export type SharedView<V> = Exists<V> | Unavailable<V> | Absent<V>;

export type ReserveResult<V> = { readonly kind: 'reserved'; readonly reservation: Reservation<V> } | Exists<V> | Unavailable<V>;

/** The right to publish a value. It is renewed in the background until it ends. */
export interface Reservation<V> {
  readonly id: string;
  readonly reservationId: string;
  /** Goes up by one with each reservation and each removal. */
  readonly gen: number;
  /** Aborts, with a {@link ReservationLostError}, when another node may compute now: stop, nobody needs it any more. */
  readonly signal: AbortSignal;
  /** An earlier value, which is past its time. */
  readonly stale?: V;
  /** Publishes. `superseded`: the object was removed or reserved by another since, and is left as it is. Throws LockBackendError, SharedValueError. */
  update(value: V, lifetime?: Lifetime): Promise<'published' | 'superseded'>;
  /** Nobody computes for so long (default 1,000 ms): what asks gets the error's name and message. Throws LockBackendError. */
  fail(error: unknown, options?: { readonly retryAfterMs?: number }): Promise<'recorded' | 'superseded'>;
  /** Gives it up, so that another may begin at once. Throws LockBackendError. */
  abandon(): Promise<'abandoned' | 'superseded'>;
  /** Renews now, for platforms on which timers do not run. Throws LockBackendError. */
  heartbeat(): Promise<'renewed' | 'superseded'>;
}

/** What the function of `compute` gets. */
export interface ComputeScope<V> {
  /** Aborts when the value is not needed any more: lost to another node, nobody waits, or `close()`. */
  readonly signal: AbortSignal;
  /** An earlier value, which is past its time. */
  readonly stale?: V;
}

/** What a method of an object makes of its value. Without `value` it stays as it is. */
export interface Change<V, R> {
  readonly value?: V;
  readonly result: R;
}

export interface ExecuteOptions extends Lifetime {
  /** How often it is tried when others change the object at the same time. Default 20. */
  readonly maxTries?: number;
  /** How long to wait, in ms, while the object is reserved by another node. Default 30,000. */
  readonly waitMs?: number;
  /** Ends the waits with LockAbortedError; a write under way may have happened. */
  readonly signal?: AbortSignal;
}

/** Objects that all nodes share, in one table. */
export interface SharedObjects<V> {
  /** What there is, by a consistent read. */
  get(id: string): Promise<SharedView<V>>;
  /** Reserves what is absent, past its time, or reserved by a node that has been watched doing nothing for longer than its lease. */
  reserve(id: string, options?: ReserveOptions & Lifetime): Promise<ReserveResult<V>>;
  /** Waits until there is a value. Throws SharedTimeoutError, SharedFailedError, LockAbortedError, SharedClosedError. */
  waitFor(id: string, options?: WaitOptions): Promise<V>;
  /** The value, computed by one node for all. The function's error is thrown as it is, in the node that runs it. */
  compute(id: string, run: (scope: ComputeScope<V>) => Promise<V> | V, options?: ComputeOptions): Promise<V>;
  /** A computation that began before can not publish any more. `absent`: there was no row. Throws LockBackendError. */
  remove(id: string): Promise<'removed' | 'absent'>;
  /**
   * An atomic method of an object: reads, changes, and writes if nobody has written since; else again. `change` may run
   * more than once and must do nothing but compute; what it makes of the value is applied once. Throws SharedConflictError,
   * SharedUnknownError, SharedTimeoutError, LockBackendError.
   */
  execute<R>(id: string, change: (value: V | undefined) => Change<V, R>, options?: ExecuteOptions): Promise<R>;
  /** Ends every wait with SharedClosedError, gives up what is reserved, and stops every timer. */
  close(): Promise<void>;
}
