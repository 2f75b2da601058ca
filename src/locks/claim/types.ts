import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Logger } from '../../logger';
import type { LockClock } from '../clock';

/**
 * What a claim is worth when the table does not answer: `run` without one (the work may be done twice), `skip` the work (it
 * may not be done at all), `throw` a LockBackendError.
 */
export type OnClaimError = 'run' | 'skip' | 'throw';

/** Options of {@link createClaims}. Times are in ms. */
export interface ClaimsOptions {
  readonly client: DynamoDBDocumentClient;
  /** Any table with string keys: one of its own, or that of the locks. */
  readonly tableName: string;
  /** For people who look at the rows. Default: the host's name with a random id. */
  readonly ownerName?: string;
  /** Default `key`. */
  readonly partitionKeyName?: string;
  /** None by default. Where the table has one, it is `-` in the rows of claims. */
  readonly sortKeyName?: string;
  /** In front of every key, so that claims and locks of one name do not meet. Default `claim#`. */
  readonly prefix?: string;
  /** By how much the clocks of two nodes may differ: a claim is taken over so long after its time. Default 2,000. */
  readonly clockSkewMs?: number;
  /** Default `run`. */
  readonly onError?: OnClaimError;
  /** How long a work that is done is remembered. Default 7 days. */
  readonly keepForMs?: number;
  /** One request to the table. Default 2,000, and at most half of the claim's time. */
  readonly requestTimeoutMs?: number;
  /** Lets DynamoDB collect rows so many days after their time, by this attribute. Default `{ attributeName: 'ttl', afterDays: 7 }`. */
  readonly ttl?: { readonly attributeName?: string; readonly afterDays?: number } | false;
  readonly logger?: Logger;
  readonly clock?: LockClock;
  /** A version 4 UUID. */
  readonly newId?: () => string;
}

export interface ClaimOptions {
  /** How long others keep off, unless the claim ends or is extended: a little longer than the work takes. */
  readonly ttlMs: number;
  /** Default: that of the claims. */
  readonly onError?: OnClaimError;
  /** Ends the asking with LockAbortedError. A claim that was on its way may be granted all the same, to nobody. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * `superseded`: the claim is not ours any more: it ran out and somebody else has it, its row is gone, or we have ended it
 * before. Nothing was changed. `unguarded`: there may be no claim at all.
 */
export type ClaimEnd<K extends string> = K | 'superseded' | 'unguarded';

export interface Claim {
  readonly key: string;
  /** In the row while the claim is ours. */
  readonly claimId: string;
  /** False: the table did not answer, and `onError` is `run`. Others may do the same work. */
  readonly guarded: boolean;
  /** How often the work was claimed, this time included, since its row is there. 0 when not guarded. */
  readonly attempts: number;
  /** When it runs out, in epoch ms of this node's clock. */
  expiresAtMs(): number;
  /**
   * The work is done: others are told so, with the result, for `keepForMs`. The result is any plain JSON value of at most
   * 350,000 bytes. Throws ClaimResultError for another one, LockBackendError when the table does not answer.
   */
  done(result?: unknown, options?: { readonly keepForMs?: number }): Promise<ClaimEnd<'done'>>;
  /** The claim's time is at least `ttlMs` from now on. Also after its time, if nobody has taken it. Throws LockBackendError. */
  extend(ttlMs: number): Promise<ClaimEnd<'extended'>>;
  /** The work is not done: the next one may claim it at once. Throws LockBackendError. */
  abandon(): Promise<ClaimEnd<'abandoned'>>;
}

/** Somebody is at it, or has done it, or nobody knows. */
export type NotClaimed =
  /** Done before; `result` is what was given to `done`. */
  | { readonly kind: 'done'; readonly result: unknown; readonly ownerName: string }
  /** Somebody is at it. When their claim runs out, at the latest after `retryAfterMs`, another may have it. */
  | { readonly kind: 'held'; readonly ownerName: string; readonly retryAfterMs: number }
  /** The table did not answer, and `onError` is `skip`. */
  | { readonly kind: 'skipped'; readonly error: unknown };

export type ClaimResult = ({ readonly kind: 'claimed' } & Claim) | NotClaimed;

/** What the function of `once` gets. */
export interface ClaimScope {
  /** Aborts when the claim is found to be superseded, and with the caller's signal. */
  readonly signal: AbortSignal;
  readonly claim: Claim;
}

export interface OnceOptions extends ClaimOptions {
  /** Default: that of the claims. */
  readonly keepForMs?: number;
  /** Extend the claim while the function runs, so that `ttlMs` need not cover it. Default true. */
  readonly extend?: boolean;
  /** Extending ends after so long: a function that hangs would keep others off for ever. Default: 10 × `ttlMs`. */
  readonly maxHoldMs?: number;
  /** Keep the function's result for those who come later. Default true; false where it is no JSON value, or nobody's business. */
  readonly keepResult?: boolean;
}

export type OnceResult<T> =
  /**
   * The function ran. `claim` tells what became of the claim: `done`; `superseded` or `unguarded`: it may have run elsewhere,
   * too; `unknown`: the table did not answer, so it may be run again.
   */
  | { readonly kind: 'ran'; readonly result: T; readonly claim: ClaimEnd<'done'> | 'unknown' }
  | NotClaimed;

/** Best-effort agreement on who does a piece of work: it avoids doing it twice, and does not prevent it. */
export interface Claims {
  readonly ownerName: string;
  readonly tableName: string;
  /** Who is first gets it. Throws LockBackendError (with `onError: 'throw'`), LockRowError, LockAbortedError. */
  claim(key: string, options: ClaimOptions): Promise<ClaimResult>;
  /**
   * Claims, runs the function, and ends the claim: `done` with its result, or `abandon` when it throws, and then throws its
   * error. What the table does after the function has returned is told, not thrown; a result that cannot be kept is thrown
   * (ClaimResultError) after the work is marked as done, because it is.
   */
  once<T>(key: string, options: OnceOptions, run: (scope: ClaimScope) => T | PromiseLike<T>): Promise<OnceResult<T>>;
}
