import { OplockStreamError } from '../../errors';
import { quote } from '../../found';
import { describeLock } from '../errors';

/** The result of a piece of work cannot be kept in a row. `code` is `CLAIM_RESULT`. */
export class ClaimResultError extends OplockStreamError {
  override readonly name: string = 'ClaimResultError';
  constructor(key: string, problem: string) {
    super('CLAIM_RESULT', `the result of ${describeLock({ key })} cannot be kept: ${problem}`, { details: { key, problem } });
  }
}

/** Why the signal of a claim's scope aborted: somebody else has the claim now. `code` is `CLAIM_SUPERSEDED`. */
export class ClaimSupersededError extends OplockStreamError {
  override readonly name: string = 'ClaimSupersededError';
  constructor(key: string) {
    super('CLAIM_SUPERSEDED', `the claim ${describeLock({ key })} ran out, and it is not ours any more: somebody else may do the same work. Stop, or claim for longer (ttlMs)`, { details: { key } });
  }
}

/** Somebody else is at it. `code` is `CLAIM_HELD`. */
export class ClaimHeldError extends OplockStreamError {
  override readonly name: string = 'ClaimHeldError';
  /** The claim runs out by then. */
  readonly retryAfterMs: number;

  constructor(key: string, ownerName: string, retryAfterMs: number) {
    super('CLAIM_HELD', `${quote(ownerName)} has the claim ${describeLock({ key })}: try again in ${Math.ceil(retryAfterMs)} ms, unless it is done by then`, { details: { key, ownerName, retryAfterMs } });
    this.retryAfterMs = retryAfterMs;
  }
}
