import { defined } from '../../defined';
import { OplockStreamError } from '../../errors';
import { describeFound, quote } from '../../found';
import type { Entry, Ticket } from '../../ledger/entry';
import type { Invocation } from '../../ledger/invocation';
import { createLanes, createLimiter, type Lanes, type LaneTask, type Limiter } from '../../ledger/lanes';
import { isSetAside, type Outcome } from '../../outcome';
import { DeadlineError, orAborted } from '../../retry';
import type { Emit } from '../../steps/unordered';
import { ClaimHeldError } from './errors';
import type { Claimable, ClaimedOptions, WithEffect } from './claimed-options';
import type { OnceResult } from './types';

/** One uow on its way through the step. */
export interface Visit<U extends Claimable, T> {
  readonly uow: U & WithEffect<T>;
  readonly emit: Emit<U & WithEffect<T>>;
  readonly done: () => void;
  readonly options: ClaimedOptions<U, T>;
  readonly invocation: Invocation;
  readonly queue: EffectQueue;
  /** By key, who has claimed it in this invocation. */
  readonly claimants: Map<string, Claimant>;
  readonly entry: Entry | undefined;
  readonly arrival: number;
}

/** Of one step in one invocation. Not the invocation's own: slow effects must not take the places of writes, nor hold up their lanes. */
export interface EffectQueue {
  readonly lanes: Lanes;
  readonly limiter: Limiter;
}

export const createEffectQueue = (concurrency: number): EffectQueue => ({ lanes: createLanes(), limiter: createLimiter(concurrency) });

export interface Claimant {
  /** The options of the step: each has its own. */
  readonly step: object;
  readonly ticket: Ticket | undefined;
}

const DEFAULT_TTL_MS = 60_000;

/** Passes the uow on at once, or queues its effect behind those of earlier events of its key. Never throws. */
export const visit = <U extends Claimable, T>(visited: Visit<U, T>): void => {
  const { uow, invocation, queue, entry } = visited;
  try {
    if (isOver(uow)) finish(visited, uow);
    else queue.lanes.submit(taskOf(visited, keyOf(visited)), queue.limiter);
  } catch (error) {
    fail(visited, error);
    return;
  }
  // Only now: whoever waits for this event to decide goes on at once, and must find its effect in the lane.
  if (entry) invocation.decide(entry);
};

/** An earlier sink could not handle this event: it comes again with the retry, or is set aside. */
const isOver = ({ outcome }: WithEffect<unknown>): boolean => outcome?.kind === 'retry' || isSetAside(outcome);

/**
 * What is claimed. A key that this event, or another step, has claimed already in this invocation would find the other one's
 * effect done, and leave its own out without a word.
 */
const keyOf = <U extends Claimable, T>({ uow, options, entry, claimants }: Visit<U, T>): string => {
  const { key = ({ event }) => event.id, name = entry?.pipeline } = options;
  const found: unknown = key(uow);
  if (typeof found !== 'string' || found === '') throw new OplockStreamError('CLAIM_KEY', `claimed: the key must be a text that is not empty, found ${describeFound(found)}`);
  const whole = name ? `${name}/${found}` : found;
  const ticket = entry?.ticket;
  const other = claimants.get(whole);
  if (other && other.step !== options) throw new OplockStreamError('CLAIM_KEY', `claimed: two steps claim ${quote(whole)}, and only one would have its effect. Give each a name of its own: claimed({ name })`);
  if (other && ticket && other.ticket === ticket) throw new OplockStreamError('CLAIM_KEY', `claimed: two parts of one event claim ${quote(whole)}, and only one would have its effect. Give a key that tells them apart: claimed({ key })`);
  claimants.set(whole, { step: options, ticket });
  return whole;
};

const taskOf = <U extends Claimable, T>(visited: Visit<U, T>, key: string): LaneTask => {
  const { entry, arrival } = visited;
  const ticket = entry?.ticket;
  const { pipeline = '', ticket: { origin: { sourceScope, key: of } } = { origin: { sourceScope: '', key } } } = entry ?? {};
  return {
    lane: `${pipeline}\u0000${sourceScope}\u0000${of}`,
    index: ticket?.index ?? arrival,
    isAdmissible: () => ticket?.gate?.isOpen(ticket.place) ?? true,
    onAdmissible: (callback) => ticket?.gate?.onOpen(ticket.place, callback),
    hold: () => settle(visited, { kind: 'retry', reason: 'held' }),
    start: (over) => void execute(visited, key).then(over),
  };
};

/** @returns whether later events of its key must wait for the next delivery */
const execute = async <U extends Claimable, T>(visited: Visit<U, T>, key: string): Promise<boolean> => {
  const { uow, options, invocation: { deadline: { signal } }, entry } = visited;
  const { claims, run, ttlMs = DEFAULT_TTL_MS, keepForMs, onError, keepResult = false } = options;
  if (entry?.ticket.gate?.isHeld(entry.ticket.place)) return settle(visited, { kind: 'retry', reason: 'held' });
  try {
    if (signal.aborted) throw new DeadlineError();
    // What goes on after the deadline keeps its claim: nobody knows whether it will have its effect.
    const once = claims.once(key, { ttlMs, keepResult, signal, ...defined({ keepForMs, onError }) }, (scope) => run(uow, scope));
    return conclude(visited, key, await orAborted(once, signal));
  } catch (error) {
    return fail(visited, signal.aborted && !(error instanceof DeadlineError) ? new DeadlineError(error) : error);
  }
};

const conclude = <U extends Claimable, T>(visited: Visit<U, T>, key: string, result: OnceResult<T>): boolean => {
  switch (result.kind) {
    case 'ran': return settle(visited, { kind: 'published' }, { effect: result.result });
    case 'done': return settle(visited, { kind: 'duplicate' }, { effect: result.result as T | undefined });
    case 'skipped': return settle(visited, { kind: 'filtered', reason: 'claims: the table did not answer, and onError is skip' });
    case 'held': {
      const error = new ClaimHeldError(key, result.ownerName, result.retryAfterMs);
      return visited.entry ? settle(visited, { kind: 'retry', reason: 'held', error }) : fail(visited, error);
    }
  }
};

const settle = <U extends Claimable, T>(visited: Visit<U, T>, outcome: Outcome, effect: { readonly effect?: T | undefined } = {}): boolean => {
  if (visited.entry) visited.invocation.settle(visited.entry, outcome);
  finish(visited, { ...visited.uow, ...effect, outcome });
  return outcome.kind === 'retry';
};

const fail = <U extends Claimable, T>(visited: Visit<U, T>, error: unknown): boolean => {
  const { uow, invocation, entry, emit, done } = visited;
  const { outcome, error: marked } = invocation.raise(uow, error);
  if (entry) {
    finish(visited, { ...uow, outcome });
  } else {
    emit(marked);
    done();
  }
  return outcome.kind === 'retry';
};

const finish = <U extends Claimable, T>({ emit, done }: Visit<U, T>, uow: U & WithEffect<T>): void => {
  emit(null, uow);
  done();
};
