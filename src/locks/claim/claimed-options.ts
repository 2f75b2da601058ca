import { OplockStreamError } from '../../errors';
import type { Event } from '../../event';
import { describeFound, isObject } from '../../found';
import type { Outcome } from '../../outcome';
import { checkMs, checkOnError } from './settings';
import type { Claims, ClaimScope, OnClaimError } from './types';

/** What the step needs of a uow. */
export interface Claimable {
  readonly event: Event;
}

/** Options of {@link claimed}. Times are in ms. */
export interface ClaimedOptions<U extends Claimable, T> {
  readonly claims: Claims;
  /** The effect: sends the mail, calls the webhook. Its `signal` aborts with the invocation's time, and when the claim is lost. */
  readonly run: (uow: U, scope: ClaimScope) => T | PromiseLike<T>;
  /** What is claimed; two events with one key have the effect once between them. Default: the event's id. */
  readonly key?: (uow: U) => string;
  /** Which effect it is: goes before the key. Default: the pipeline's id. Each of several in one pipeline needs its own. */
  readonly name?: string;
  /** How long the event waits when the node dies that is at it. The claim is extended while the effect runs. Default 60,000. */
  readonly ttlMs?: number;
  /** How long the effect is remembered; an event that comes again after that has it again. Default: that of the claims. */
  readonly keepForMs?: number;
  /** When the table does not answer. Default: that of the claims. */
  readonly onError?: OnClaimError;
  /** Effects under way at once in an invocation. Default 16. */
  readonly concurrency?: number;
  /** Keep what `run` returns, plain JSON, so that a duplicate has it too, as `uow.effect`. Default false. */
  readonly keepResult?: boolean;
}

/** What the step adds. */
export interface WithEffect<T> {
  readonly outcome?: Outcome;
  /** What `run` returned, now or, with `keepResult`, the first time. */
  readonly effect?: T | undefined;
}

const OPTIONS: Readonly<Record<keyof ClaimedOptions<Claimable, unknown>, true>> = {
  claims: true, run: true, key: true, name: true, ttlMs: true, keepForMs: true, onError: true, concurrency: true, keepResult: true,
};

/** @throws OplockStreamError `INVALID_OPTION` */
export const checkClaimed = (options: unknown): void => {
  if (!isObject(options)) throw invalid('options', options, 'an object');
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(OPTIONS, name));
  if (unknown !== undefined) throw new OplockStreamError('INVALID_OPTION', `claimed: there is no option ${unknown}; there are: ${Object.keys(OPTIONS).join(', ')}`);
  const { claims, run, key, name, ttlMs, keepForMs, onError, concurrency, keepResult } = options;
  if (!isObject(claims) || typeof claims['once'] !== 'function') throw invalid('claims', claims, 'what createClaims() returns');
  if (typeof run !== 'function') throw invalid('run', run, 'a function');
  if (key !== undefined && typeof key !== 'function') throw invalid('key', key, 'a function of the uow');
  if (name !== undefined && (typeof name !== 'string' || name === '')) throw invalid('name', name, 'a text that is not empty');
  if (ttlMs !== undefined) checkMs('ttlMs', ttlMs);
  if (keepForMs !== undefined) checkMs('keepForMs', keepForMs);
  if (onError !== undefined) checkOnError(onError);
  if (concurrency !== undefined && !(Number.isInteger(concurrency) && Number(concurrency) >= 1)) throw invalid('concurrency', concurrency, 'a whole number, at least 1');
  if (keepResult !== undefined && typeof keepResult !== 'boolean') throw invalid('keepResult', keepResult, 'true or false');
};

const invalid = (option: string, found: unknown, expected: string): OplockStreamError =>
  new OplockStreamError('INVALID_OPTION', `claimed({ ${option} }): found ${describeFound(found)}, expected ${expected}`);
