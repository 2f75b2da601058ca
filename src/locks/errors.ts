import { describeError } from '../error-text';
import { OplockStreamError } from '../errors';
import { classifyError, type ErrorClass } from '../faults/classify';
import { quote } from '../found';

/** What a lock is called: the partition key, and the sort key where the table has one. */
export interface LockName {
  readonly key: string;
  readonly sortKey?: string;
}

export const describeLock = ({ key, sortKey }: LockName): string => (sortKey === undefined ? quote(key) : `${quote(key)} / ${quote(sortKey)}`);

/**
 * Why a lock is not held any more:
 * - `stolen`: the row belongs to somebody else, `details.by`
 * - `deleted`: the row is gone, by the hand of an operator or by TTL
 * - `releasedElsewhere`: the row is marked as released, and not by this lock
 * - `deadline`: the lease ran out before it was renewed; `cause` is the last error of a renewal, if there was one
 * - `suspended`: the process stood still for longer than the lease (a frozen Lambda container, a stopped process, a blocked
 *   event loop), so that it could not renew
 */
export type LostReason = 'stolen' | 'deleted' | 'releasedElsewhere' | 'deadline' | 'suspended';

const LOST: Record<LostReason, string> = {
  stolen: 'somebody else has taken it',
  deleted: 'its row was deleted',
  releasedElsewhere: 'its row was released by somebody else',
  deadline: 'its lease ran out before it was renewed',
  suspended: 'this process stood still for longer than the lease',
};

/** The lock is not held any more: stop what it protects. `code` is `LOCK_LOST`. */
export class LockLostError extends OplockStreamError {
  override readonly name: string = 'LockLostError';
  readonly reason: LostReason;
  /** Owner of the row now, with reason `stolen`. */
  readonly by: string | undefined;

  constructor(lock: LockName, reason: LostReason, { by, cause, hint }: { readonly by?: string | undefined; readonly cause?: unknown; readonly hint?: string } = {}) {
    super('LOCK_LOST', `the lock ${describeLock(lock)} is lost: ${LOST[reason]}${by === undefined ? '' : ` (${quote(by)})`}. ${hint ?? 'Stop the work that it protects and acquire it again'}`, {
      cause, details: { ...lock, reason, ...(by === undefined ? {} : { by }) },
    });
    this.reason = reason;
    this.by = by;
  }
}

/** Who has a lock that was not granted. */
export interface Holder {
  readonly ownerName: string;
  readonly leaseMs: number;
}

/** The lock was not free in the time that the caller gave. `code` is `LOCK_TIMEOUT`. */
export class LockTimeoutError extends OplockStreamError {
  override readonly name: string = 'LockTimeoutError';
  /** Absent where the row does not exist (and must), or where no answer came from the table. */
  readonly holder: Holder | undefined;

  /** `permits`: so many locks share the name, and none was free. `own`: the holder is the client that asks. */
  constructor(lock: LockName, waitedMs: number, { holder, cause, permits, own = false }: { readonly holder?: Holder | undefined; readonly cause?: unknown; readonly permits?: number; readonly own?: boolean } = {}) {
    const what = permits === undefined ? `the lock ${describeLock(lock)}` : `none of the ${permits} permits of ${describeLock(lock)}`;
    const who = holder ? `held by ${quote(holder.ownerName)}` : cause === undefined ? 'not there' : 'not known to be free: the table did not answer';
    super('LOCK_TIMEOUT', `${what} was ${permits === undefined ? 'not ' : ''}acquired in ${Math.round(waitedMs)} ms: ${permits === undefined ? 'it' : 'one'} is ${who}${own ? ', which is this client itself' : ''}. Try again, or wait for longer (waitMs)${own ? '; where the caller has it already, say reentrant: true' : ''}`, {
      cause, details: { ...lock, ...(holder ? { ownerName: holder.ownerName, leaseMs: holder.leaseMs } : {}) },
    });
    this.holder = holder;
  }
}

/** The caller's signal aborted the wait. `code` is `LOCK_ABORTED`; `cause` is the reason of the signal. */
export class LockAbortedError extends OplockStreamError {
  override readonly name: string = 'LockAbortedError';
  constructor(lock: LockName, cause?: unknown) {
    super('LOCK_ABORTED', `the wait for ${describeLock(lock)} was aborted by the caller's signal`, { cause, details: { ...lock } });
  }
}

/** The client was closed. `code` is `LOCK_CLIENT_CLOSED`. */
export class LockClientClosedError extends OplockStreamError {
  override readonly name: string = 'LockClientClosedError';
  constructor() {
    super('LOCK_CLIENT_CLOSED', 'the lock client is closed: make another with createLockClient()');
  }
}

/**
 * The table could not be asked, or did not answer. What was asked may have happened, unless the error in `cause` says
 * otherwise. `code` is `LOCK_BACKEND`.
 */
export class LockBackendError extends OplockStreamError {
  override readonly name: string = 'LockBackendError';
  constructor(lock: LockName, doing: string, cause: unknown) {
    const known = classifyError(cause);
    super('LOCK_BACKEND', `${doing} ${describeLock(lock)}: ${PROBLEM[known]} (${cause === undefined ? 'no answer in time' : describeError(cause)}). ${ADVICE[known]}`, { cause, details: { ...lock } });
  }
}

const PROBLEM: Record<ErrorClass, string> = {
  transient: 'the table did not answer as it should',
  configuration: 'the table can\'t be used',
  permanent: 'the table refused the request',
};
const ADVICE: Record<ErrorClass, string> = {
  transient: 'What was asked may have happened. Try again',
  configuration: 'Check its name, the region and the permissions',
  permanent: 'Another try will not help: compare the table\'s keys with partitionKeyName and sortKeyName, and look at what is stored in the row',
};

/** The row under the key is no lock, or a damaged one. `code` is `LOCK_ROW_INVALID`. */
export class LockRowError extends OplockStreamError {
  override readonly name: string = 'LockRowError';
  constructor(lock: LockName, problem: string, advice = 'Look at it and delete it, or use another key or table') {
    super('LOCK_ROW_INVALID', `the row ${describeLock(lock)} is no lock: ${problem}. ${advice}`, { details: { ...lock, problem } });
  }
}

/** A lock was used for what it is not, such as a renewal after its release. `code` is `LOCK_MISUSE`. */
export class LockMisuseError extends OplockStreamError {
  override readonly name: string = 'LockMisuseError';
  constructor(lock: LockName, problem: string) {
    super('LOCK_MISUSE', `the lock ${describeLock(lock)}: ${problem}`, { details: { ...lock } });
  }
}
