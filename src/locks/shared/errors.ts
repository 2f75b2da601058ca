import { OplockStreamError } from '../../errors';
import { quote } from '../../found';

/** The value can not be stored. `code` is `SHARED_VALUE_INVALID`. */
export class SharedValueError extends OplockStreamError {
  override readonly name: string = 'SharedValueError';
  constructor(problem: string) {
    super('SHARED_VALUE_INVALID', `the value can not be shared: ${problem}`);
  }
}

/** No value came in the time that the caller gave. `code` is `SHARED_TIMEOUT`; `cause` is the last error of the table, if it did not answer. */
export class SharedTimeoutError extends OplockStreamError {
  override readonly name: string = 'SharedTimeoutError';
  constructor(id: string, waitedMs: number, cause?: unknown) {
    super('SHARED_TIMEOUT', `there was no value of the object ${quote(id)} in ${Math.round(waitedMs)} ms. Try again, wait for longer, or say what to do with \`onTimeout\``, {
      cause, details: { id },
    });
  }
}

/** The node that computed the value failed, and nobody tries again before `retryAfterMs`. `code` is `SHARED_FAILED`. */
export class SharedFailedError extends OplockStreamError {
  override readonly name: string = 'SharedFailedError';
  readonly retryAfterMs: number;
  constructor(id: string, error: string, retryAfterMs: number) {
    super('SHARED_FAILED', `the object ${quote(id)} could not be computed: ${error}. It is tried again after ${Math.round(retryAfterMs)} ms`, { details: { id, retryAfterMs } });
    this.retryAfterMs = retryAfterMs;
  }
}

/** Others changed the object before each try of `execute`; nothing was changed. `code` is `SHARED_CONFLICT`. */
export class SharedConflictError extends OplockStreamError {
  override readonly name: string = 'SharedConflictError';
  constructor(id: string, tries: number) {
    super('SHARED_CONFLICT', `the object ${quote(id)} was changed by others before each of ${tries} tries, and this change was not made. Try again later, or spread what is changed over more objects`, {
      details: { id, tries },
    });
  }
}

/** An answer was lost, and so much has happened to the object since that nobody can say whether the change was made. `code` is `SHARED_OUTCOME_UNKNOWN`. */
export class SharedUnknownError extends OplockStreamError {
  override readonly name: string = 'SharedUnknownError';
  constructor(id: string, cause?: unknown) {
    super('SHARED_OUTCOME_UNKNOWN', `the object ${quote(id)}: the answer of the table was lost, and whether the change was made can not be found out any more. Read the object and decide`, {
      cause, details: { id },
    });
  }
}

/** The row under the key is no shared object, or a damaged one. `code` is `SHARED_ROW_INVALID`. */
export class SharedRowError extends OplockStreamError {
  override readonly name: string = 'SharedRowError';
  constructor(key: string, problem: string) {
    super('SHARED_ROW_INVALID', `the row ${quote(key)} is none of ours: ${problem}. Look at it and delete it, or use another prefix or table`, { details: { key, problem } });
  }
}

/** Closed while somebody waited, or before. `code` is `SHARED_CLOSED`. */
export class SharedClosedError extends OplockStreamError {
  override readonly name: string = 'SharedClosedError';
  constructor() {
    super('SHARED_CLOSED', 'the shared objects (or the channel, or the cache) were closed: make others');
  }
}

/** Reason of a reservation's signal. `superseded`: the object was removed or another node reserved it. `code` is `SHARED_RESERVATION_LOST`. */
export class ReservationLostError extends OplockStreamError {
  override readonly name: string = 'ReservationLostError';
  readonly reason: 'superseded' | 'deadline' | 'tooLong';
  constructor(id: string, reason: 'superseded' | 'deadline' | 'tooLong') {
    const why = { superseded: 'it was removed, or another node has it', deadline: 'its lease ran out before it was renewed', tooLong: 'it has taken longer than `maxComputeMs`' }[reason];
    super('SHARED_RESERVATION_LOST', `the object ${quote(id)} is not reserved any more: ${why}. Stop computing it`, { details: { id, reason } });
    this.reason = reason;
  }
}
