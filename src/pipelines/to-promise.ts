import _ from 'highland';
import { OplockStreamError } from '../errors';
import { uowOf } from '../faults/faulty';
import { invocationOf } from '../ledger/accountable';
import { lowestByShard } from '../ledger/checkpoint';
import { addOutcome, entryOf, type Entry, type Ticket } from '../ledger/entry';
import type { Invocation } from '../ledger/invocation';
import { recordSettled } from '../metrics/outcome-metrics';
import { combineOutcomes, isSetAside, type Outcome } from '../outcome';
import type { Settled } from '../settled';
import { orAborted } from '../retry';
import { logRetries } from './log-retries';
import { requireStream } from './no-stream';
import { settleFaults, ticketOutcome } from './settle-faults';

/** What Lambda reads when the event source mapping has `ReportBatchItemFailures`: nothing listed, nothing to redo. */
export interface BatchResponse {
  batchItemFailures: { itemIdentifier: string }[];
}

/**
 * Runs the stream to its end and closes the books: `stream.through(toPromise)`. Resolves to Lambda's partial batch
 * response, which names the lowest sequence number that must be delivered again, if there is one.
 * Rejects, so that Lambda delivers the whole batch again, when an error came out of the stream that belongs to no event.
 */
export const toPromise = async <T>(stream: Highland.Stream<T>): Promise<BatchResponse> => {
  const invocation = invocationOf(requireStream('what toPromise runs', stream));
  return invocation
    ? close(invocation, Promise.race([interrupted(invocation), drain(stream, (error) => belongs(invocation, error), (uow) => isForeign(invocation, uow))]))
    : adopt(stream);
};

/** The books of one invocation can be closed here, so the events of another one would have no outcome. */
const isForeign = (invocation: Invocation | undefined, uow: unknown): boolean => {
  const of = entryOf(uow)?.ticket.invocation;
  return of !== undefined && of !== invocation;
};

const mixed = (): OplockStreamError =>
  new OplockStreamError('MIXED_SOURCES', 'this stream has events of two sources: end the stream of each source with a toPromise of its own');

/** Of a stream that the user made anew, for example with `_([a, b]).merge()`, the units of work know the invocation. */
const adopt = async <T>(stream: Highland.Stream<T>): Promise<BatchResponse> => {
  let found: Invocation | undefined;
  let find: (invocation: Invocation) => void;
  const timeIsUp = new Promise<Invocation>((resolve) => { find = resolve; }).then(interrupted);
  const foreign = (uow: unknown): boolean => {
    if (!found && (found = entryOf(uow)?.ticket.invocation)) find(found);
    return isForeign(found, uow);
  };
  const end = Promise.race([timeIsUp, drain(stream, (error) => !foreign(uowOf(error)) && found !== undefined && belongs(found, error), foreign)]);
  await end.catch(() => {}); // `close` throws it, with the books in order
  if (found) return close(found, end);
  await end;
  return { batchItemFailures: [] };
};

/** Waits for the end of the stream, then closes the books. */
const close = async (invocation: Invocation, end: Promise<void>): Promise<BatchResponse> => {
  try {
    try {
      await end;
      // Who reads the stream may have enough before all is written: what comes of the rest must be known, too.
      await orAborted(invocation.idle(), invocation.deadline.signal).catch(() => {});
    } finally {
      invocation.admitRest();
    }
    settleRest(invocation);
    await settleFaults(invocation);
    return respond(invocation);
  } finally {
    report(invocation);
    await flush(invocation);
    invocation.deadline.close();
  }
};

/** Every value and error, to the end: an error that is not accepted, or a foreign value, makes it throw, but only at the end. */
const drain = <T>(stream: Highland.Stream<T>, accept: (error: unknown) => boolean, foreign: (value: T) => boolean): Promise<void> =>
  new Promise((resolve, reject) => {
    let failed: { readonly error: unknown } | undefined;
    stream
      .consume((error, value, _push, next) => {
        if (error && !accept(error)) failed ??= { error };
        if (!error) {
          if (_.isNil(value)) return failed ? reject(failed.error) : resolve();
          if (foreign(value)) failed ??= { error: mixed() };
        }
        return next();
      })
      .resume();
  });

/** An error with a uow of this invocation is an outcome; it is entered here unless the step that saw it did so. */
const belongs = (invocation: Invocation, error: unknown): boolean => {
  const uow = uowOf(error);
  const entry = entryOf(uow);
  if (entry?.ticket.invocation !== invocation) return false;
  if (!entry.outcomes.some((outcome) => isSetAside(outcome) || outcome.kind === 'retry')) invocation.raise(uow as object, error);
  return true;
};

/** The time is up, or a consumer threw, which it may do as soon as the stream is started: listen before. */
const interrupted = (invocation: Invocation): Promise<void> =>
  new Promise((resolve, reject) => {
    // The requests under way see the same signal and settle as `deadline` before the next turn; what is left is settled for them.
    const { signal } = invocation.deadline;
    const end = () => setImmediate(resolve);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
    invocation.onCrash = reject;
  });

/** Nothing was written for what has no outcome: a step left it out, unless time ran out before its turn. */
const settleRest = (invocation: Invocation): void => {
  const late = invocation.deadline.signal.aborted;
  const rest: Outcome = late ? { kind: 'retry', reason: 'deadline' } : { kind: 'filtered', reason: 'nothing was written' };
  for (const { entries } of invocation.tickets) {
    for (const entry of entries) if (entry.outcomes.length === 0) addOutcome(entry, rest);
  }
};

const respond = (invocation: Invocation): BatchResponse => {
  const unsettled = invocation.tickets.filter((ticket) => ticketOutcome(ticket).kind === 'retry');
  const lowest = lowestByShard(unsettled.map((ticket) => ticket.origin));
  return { batchItemFailures: [...lowest.values()].map((itemIdentifier) => ({ itemIdentifier })) };
};

/** Log, metrics and the caller's hook; none can fail the invocation, whose writes are done. */
const report = (invocation: Invocation): void => {
  const { settings, logger, metrics } = invocation;
  const listening = metrics !== undefined || settings.onSettled !== undefined;
  const all = invocation.tickets.flatMap((ticket) => (listening || !isDone(ticket) ? toSettled(ticket) : []));
  logRetries(all, logger);
  const failed = (error: unknown) =>
    logger.error('oplock-stream: onSettled threw', { error: error instanceof Error ? error.name : typeof error });
  for (const settled of all) {
    if (metrics) recordSettled(metrics, settled, invocation.now());
    try {
      const returned: unknown = settings.onSettled?.(settled);
      if (returned) Promise.resolve(returned).catch(failed); // it may be an async function all the same
    } catch (error) {
      failed(error);
    }
  }
};

/** Nothing is to be done about it again. */
const isDone = ({ entries }: Ticket): boolean => entries.every((entry) => entry.outcomes.length > 0 && partOutcome(entry).kind !== 'retry');

const toSettled = ({ record, origin, event, entries }: Ticket): Settled => {
  const parts = entries.map((entry) => ({ pipeline: entry.pipeline, outcome: partOutcome(entry) }));
  return { record, origin, outcome: combineOutcomes(parts.map((part) => part.outcome)), parts, ...(event && { event }) };
};

/** Waits for the metrics, but not beyond the time of the invocation. */
const flush = async ({ metrics, deadline }: Invocation): Promise<void> => {
  if (!metrics) return;
  const { signal } = deadline.reserve();
  await Promise.race([
    metrics.flush(),
    new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })),
  ]);
};

const partOutcome = ({ outcomes }: Entry): Outcome => (outcomes.length > 0 ? combineOutcomes(outcomes) : CRASHED);

const CRASHED: Outcome = {
  kind: 'retry',
  reason: 'transient',
  error: new OplockStreamError('INVOCATION_FAILED', 'the invocation failed before this event had an outcome; Lambda delivers the whole batch again'),
};
