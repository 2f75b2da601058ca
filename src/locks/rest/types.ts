/**
 * What goes over the wire, for server and client alike. Times are in ms.
 */

/** Body of `PUT /locks/{name}`. */
export interface AcquireBody {
  /** Who of the caller's own processes: text of up to 128 characters, for people. */
  readonly owner?: string;
  /** How long the lock stays taken when its holder dies. Default: the service's. */
  readonly ttlMs?: number;
  /** How long the service waits for a lock that somebody holds. Default 0, at most 25,000. */
  readonly waitMs?: number;
  /** Text that is kept with the lock, for people and for the next holder. */
  readonly data?: string;
  /** From an earlier 423: what that node had seen need not be watched again. */
  readonly observation?: string;
}

/** Body of `POST /locks/{name}/renew`; it may be left out. */
export interface RenewBody {
  /** Another lease from now on. Asks for If-Match, so that an old renewal that comes late cannot shorten a newer one. */
  readonly ttlMs?: number;
}

/** A lock that was granted or renewed. */
export interface RestGrant {
  readonly name: string;
  /** The token for renewal and release, header Lock-Token: keep it as a secret. */
  readonly lockId: string;
  /** Grows with each acquisition; only where the table belongs to the service alone. */
  readonly fencingToken?: number;
  /** Count it from before the request was sent. */
  readonly leaseMs: number;
}

/** What everybody may see of a lock that is held. */
export interface LockState {
  readonly name: string;
  /** `<principal>/<owner>` for locks of this service; whatever other clients call themselves. */
  readonly owner: string;
  readonly leaseMs: number;
  /** Until the lease is over if nobody renews it, as far as this node has seen: it can be less. */
  readonly remainingMs: number;
  /** Changes with every renewal: the ETag without its quotes. */
  readonly version: string;
  /** An administrator has broken it: nobody can renew it, and it is free when the lease is over. */
  readonly breaking: boolean;
  readonly fencingToken?: number;
  /** Absent where the row has none, or what is no text. */
  readonly data?: string;
}

export interface LockList {
  readonly locks: readonly LockState[];
  /** There may be more: `?after=` this. */
  readonly next?: string;
  /** Rows that are no locks, or damaged ones. */
  readonly skipped: number;
}

/** Body of the 202 to a break. */
export interface Breaking {
  readonly name: string;
  /** Who held it. */
  readonly owner: string;
  /** When it is free at the latest. */
  readonly retryAfterMs: number;
}

/** Who has a lock, in a 423 and a 412. */
export type RestHolder = Pick<LockState, 'owner' | 'leaseMs' | 'breaking'>;

/** Why a lock is not held any more. */
export type RestLostReason = 'stolen' | 'released' | 'broken';

/** What programs test in a problem. */
export type ProblemCode =
  | 'INVALID_NAME' | 'INVALID_BODY' | 'INVALID_QUERY' | 'INVALID_HEADER' | 'IDEMPOTENCY_KEY_REQUIRED'
  | 'UNAUTHORIZED' | 'FORBIDDEN' | 'ADMIN_ONLY'
  | 'NOT_FOUND' | 'LOCK_FREE' | 'METHOD_NOT_ALLOWED'
  | 'KEY_CONFLICT' | 'KEY_USED'
  | 'LOCK_LOST' | 'VERSION_CHANGED'
  | 'BODY_TOO_LARGE' | 'UNSUPPORTED_MEDIA_TYPE'
  | 'LOCK_HELD' | 'LOCK_TOKEN_REQUIRED' | 'IF_MATCH_REQUIRED' | 'RATE_LIMITED'
  | 'LOCK_ROW_INVALID' | 'INTERNAL' | 'UNAVAILABLE';

/** An error, `application/problem+json` (RFC 9457). */
export interface RestProblem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ProblemCode;
  readonly detail: string;
  /** The header Retry-After, more exactly. */
  readonly retryAfterMs?: number;
  readonly holder?: RestHolder;
  /** To be sent with the next try. */
  readonly observation?: string;
  readonly reason?: RestLostReason;
}
