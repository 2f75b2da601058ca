import type { DynamoDBDocumentClient, TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Logger } from '../../logger';
import type { LockClock } from '../clock';
import type { Holder, LockLostError, LockName } from '../errors';
import type { OnLockEvent } from './events';

/** One element of a transaction, as `TransactWriteCommand` takes it. */
export type TransactItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

/** Options of {@link createLockClient}. Times are in ms. */
export interface LockClientOptions {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  /** Unique among all nodes. Default: the host's name with a random id. */
  readonly ownerName?: string;
  /** Default `key`, as the Java client has it. Its values are strings. */
  readonly partitionKeyName?: string;
  /** None by default. With one, every lock has a `sortKey`. */
  readonly sortKeyName?: string;
  /** How long a lock stays taken when its holder dies. Default 20,000. */
  readonly leaseMs?: number;
  /** How often locks are renewed in the background; at most half a lease. Default 5,000, or a quarter of a shorter lease. `false`: by hand, with `lock.heartbeat()`. */
  readonly heartbeatMs?: number | false;
  /** So long before its end a lease counts as lost, for what is under way. Default a tenth of the lease, at most 1,000. */
  readonly safetyMarginMs?: number;
  /** One request to the table. Default a third of the lease, at most 5,000. */
  readonly requestTimeoutMs?: number;
  /** The table is used by this client only, not by Java's: rows are kept and have a fencing token. Default false. */
  readonly exclusive?: boolean;
  /** Ask for the row first, as Java does, instead of trying to write at once. Default false. */
  readonly readFirst?: boolean;
  /** Count an answer 503 to a renewal as a renewal: two holders are possible then. Default false. */
  readonly holdOnServiceUnavailable?: boolean;
  /** Keeps the time of each renewal in the row (`lastTouchedAt`, of the version `lastTouchedVersion`), and takes dead locks of others that do so without watching them, where clocks differ by so much at most. Off by default. */
  readonly trustClocks?: { readonly maxSkewMs: number };
  /** Lets DynamoDB collect *released* rows, so many days later, by this attribute. Off by default; leave it off in a table shared with Java. */
  readonly ttl?: { readonly attributeName?: string; readonly afterDays: number };
  /** Rows that are remembered while they are watched. Default 10,000. */
  readonly maxObservations?: number;
  /** Renewals under way at once. Default 32. */
  readonly maxConcurrentHeartbeats?: number;
  /** Told what happens to the locks, see {@link LockEvent}; `lockMetrics` makes one. What it throws is logged. */
  readonly onEvent?: OnLockEvent;
  readonly logger?: Logger;
  readonly clock?: LockClock;
  /** 0 to 1, for jitter. */
  readonly random?: () => number;
  /** A version 4 UUID. */
  readonly newId?: () => string;
}

/** What may be said of a lock that is to be acquired. */
export interface TryAcquireOptions {
  readonly sortKey?: string;
  /** Default: the client's. */
  readonly leaseMs?: number;
  /** Put into the row. A string is stored as UTF-8. */
  readonly data?: Uint8Array | string;
  /** Default true. With false, data that the row has stays. */
  readonly replaceData?: boolean;
  /** More attributes of the row. */
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** Acquire only a lock whose row is there. Default false. */
  readonly mustExist?: boolean;
  /** What becomes of a row that is taken over: `replace` writes it anew, `update` keeps its other attributes. Default `replace`, as Java; `update` where the table is exclusive. */
  readonly existingRow?: 'replace' | 'update';
  /** What a release does with the row. Default `delete`, as Java; `keep` where the table is exclusive. */
  readonly onRelease?: 'delete' | 'keep';
  /** A released row is taken only as it was read. Default true; false is what Java does by default. */
  readonly consistentReleased?: boolean;
  /** A lock that this client holds already is given again and counted. Default false. */
  readonly reentrant?: boolean;
  /** Tells when a lease has not been renewed for `safeTimeMs`, which is more than a heartbeat and less than a lease. */
  readonly sessionMonitor?: { readonly safeTimeMs: number; readonly onDanger?: (lock: Lock) => void };
  /** Renewals in the background end after so long. */
  readonly maxHoldMs?: number;
  /** Asked before each renewal in the background; with `false` the lock is left to run out. */
  readonly keepRenewing?: (lock: Lock) => boolean;
  /**
   * From an earlier `tryAcquire`: what it has seen need not be watched again. One of another process compares two wall clocks,
   * which are believed 2,000 ms less, or `trustClocks.maxSkewMs`: clocks that differ by more may take a live lock over.
   */
  readonly observation?: string | undefined;
}

export interface AcquireOptions extends TryAcquireOptions {
  /** Default: until a dead holder's lease has run out, and a second. */
  readonly waitMs?: number;
  /** Time between looks at a lock that somebody holds, with jitter. Default 1,000. */
  readonly refreshMs?: number;
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
}

export type TryAcquireResult =
  | { readonly acquired: true; readonly lock: Lock }
  | {
    readonly acquired: false;
    /** Absent where the row must exist and does not. */
    readonly holder?: Holder;
    /** Give it to the next try, in this process or another: `tryAcquire(key, { observation })`. */
    readonly observation?: string;
    /** When the lock is free at the latest if its holder is dead. */
    readonly retryAfterMs: number;
  };

/** What the row of a lock says. */
export interface LockView extends LockName {
  readonly ownerName: string;
  readonly leaseMs: number;
  /** Changes with every renewal. */
  readonly recordVersionNumber: string;
  readonly released: boolean;
  readonly data?: Uint8Array;
  readonly fencingToken?: number;
  /** All other attributes of the row. */
  readonly attributes: Readonly<Record<string, unknown>>;
}

/**
 * `still-held`: another `acquire` of a reentrant lock has not been released. `lost`: it was not ours any more. `unknown`:
 * the table did not answer, and `bestEffort` was said.
 */
export type ReleaseOutcome = 'released' | 'still-held' | 'lost' | 'unknown';

export interface ReleaseOptions {
  /** Default: `onRelease` of the acquisition. */
  readonly onRelease?: 'delete' | 'keep';
  /** Put into a row that is kept. */
  readonly data?: Uint8Array | string;
  /** Errors of the table are logged, not thrown. Default false. */
  readonly bestEffort?: boolean;
}

export interface HeartbeatOptions {
  /** From now on, until another is given. Default: as it is. */
  readonly leaseMs?: number;
  /** Replaces the data of the row; `null` removes it. */
  readonly data?: Uint8Array | string | null;
}

/** A lock that was granted. */
export interface Lock extends LockName {
  readonly ownerName: string;
  /** Unique to this acquisition, and in its row. */
  readonly acquisitionId: string;
  /** Grows with each acquisition; only in exclusive tables. */
  readonly fencingToken: number | undefined;
  /** The lease of a holder that did not release it had run out: what it did may need repair. */
  readonly tookOver: boolean;
  readonly data: Uint8Array | undefined;
  /** The other attributes of the row. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Aborts when the lock is lost, with the {@link LockLostError} as its reason; never by a release. */
  readonly signal: AbortSignal;
  readonly lost: LockLostError | undefined;
  /** Neither lost nor released, by both clocks, right now. */
  isHeld(): boolean;
  /** Throws LockLostError, or LockMisuseError after a release: for the step before something that must not happen twice. */
  assertHeld(): void;
  /** Ms until the lock counts as lost when it is not renewed; 0 when it is not held. */
  remainingMs(): number;
  /** Not renewed for `safeTimeMs` of the session monitor. Throws LockMisuseError without one. */
  inDanger(): boolean;
  /** Renews the lease now. Throws LockLostError. */
  heartbeat(options?: HeartbeatOptions): Promise<void>;
  /** Renews the lease, to `ms`, unless it has more than that left. The background keeps to the longer lease. */
  ensure(ms: number): Promise<void>;
  /** Gives the lock back; calling it again does nothing. Throws LockBackendError when the table does not answer. */
  release(options?: ReleaseOptions): Promise<ReleaseOutcome>;
  /** The condition that the lock is still this one, as an element of the caller's own transaction. */
  check(): TransactItem;
  /**
   * Executes the writes in one transaction with that condition: fencing for DynamoDB, whoever else uses the table. At most
   * 99 writes. Throws LockLostError when the lock is not this one any more, and what the SDK throws when one of the writes is refused:
   * nothing was written then. Throws LockBackendError when no answer came: it may have been, and the same `clientRequestToken`
   * (a UUID) asks again without writing twice.
   */
  guard(items: readonly TransactItem[], options?: { readonly clientRequestToken?: string }): Promise<void>;
  /** For `resume()` in another process. Whoever has it can be the holder: keep it as a secret. */
  handle(): string;
}

/** What the function of `withLock` gets. */
export interface LockScope {
  /** Aborts when the lock is lost. */
  readonly signal: AbortSignal;
  readonly lease: Lock;
  /** The fencing token; undefined unless the table is exclusive. */
  readonly fence: number | undefined;
}
