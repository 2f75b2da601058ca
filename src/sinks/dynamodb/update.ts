import type { DynamoDBDocumentClient, UpdateCommandOutput } from '@aws-sdk/lib-dynamodb';
import { OplockStreamError } from '../../errors';
import { accountable, invocationOf } from '../../ledger/accountable';
import { entryOf, type Entry } from '../../ledger/entry';
import { Invocation } from '../../ledger/invocation';
import type { OplockOptions, WriteRequest } from '../../oplock/write';
import type { Outcome } from '../../outcome';
import { withRetry, type RetryOptions } from '../../retry';
import { unordered, type Emit } from '../../steps/unordered';
import type { Uow } from '../../uow';
import { createLimiter, type Limiter } from '../../ledger/lanes';
import { defaultClient } from './client';
import { prepareRequest, prepareWrite, type Prepared, type UpdateRequest } from './prepare';
import { sendOnce, type Answer } from './send';

export interface UpdateOptions {
  /** Default: the request's own TableName, or the environment's ENTITY_TABLE_NAME, EVENT_TABLE_NAME, TABLE_NAME. */
  readonly tableName?: string;
  /** Default: a document client of the sink's own with sane timeouts, made at the first write. */
  readonly client?: DynamoDBDocumentClient;
  /** Writes under way at once. Default 16. */
  readonly concurrency?: number;
  /** How structured writes carry their oplock. */
  readonly oplock?: OplockOptions;
  readonly retry?: RetryOptions;
}

/** What the sink looks for in a uow: a raw `UpdateCommand` input, or a structured write. Without either it passes. */
export interface Writable {
  readonly updateRequest?: UpdateRequest | undefined;
  readonly write?: WriteRequest | undefined;
}

/** What the sink adds. */
export interface Written {
  readonly outcome?: Outcome;
  /** The table's answer, when the write was applied. */
  readonly updateResponse?: UpdateCommandOutput;
}

/**
 * The conditional write. Takes `uow.updateRequest` (any `UpdateCommand` input, as it is) or `uow.write` (a structured
 * write) and adds `uow.outcome`: `applied`, or why the table refused: `duplicate`, `stale`, `tombstoned`, `conflict`.
 * Dropped uows flow on, so that later steps can see them (`.filter(onlyApplied)` keeps the applied ones).
 *
 * Writes of one item follow each other in the order of the events; different items never wait for each other.
 * Transient errors are retried within the invocation's time, then end as `retry`, and so does the rest of that item's
 * events; errors that retrying cannot cure end as `fault`. On a stream that no source made there is nobody to report
 * these two to: the error goes down the stream.
 *
 * Make the step once, outside the handler: it owns the client.
 */
export const update = (options: UpdateOptions = {}) => {
  const { concurrency = 16 } = options;
  if (!(concurrency >= 1)) throw new OplockStreamError('INVALID_OPTION', `concurrency must be at least 1, found ${String(concurrency)}`);
  let own: DynamoDBDocumentClient | undefined;
  const client = () => options.client ?? (own ??= defaultClient());

  return <U extends Writable>(source: Highland.Stream<U>): Highland.Stream<U & Written> => {
    const invocation = invocationOf(source) ?? new Invocation();
    const limiter = createLimiter(concurrency);
    let arrivals = 0;
    const sink = unordered<U, U & Written>((uow, emit, done) => {
      arrivals += 1;
      enqueue({ uow, emit, done, client, options, limiter, invocation, entry: entryOf(uow), arrival: arrivals });
    });
    return accountable(sink(accountable(source, invocation)), invocation);
  };
};

/** The same step under the name that aws-lambda-stream gives it. */
export const updateDynamoDB = update;

interface Job<U extends Writable> {
  readonly uow: U;
  readonly emit: Emit<U & Written>;
  readonly done: () => void;
  readonly client: () => DynamoDBDocumentClient;
  readonly options: UpdateOptions;
  readonly limiter: Limiter;
  readonly invocation: Invocation;
  readonly entry: Entry | undefined;
  readonly arrival: number;
}

const enqueue = <U extends Writable>(job: Job<U>): void => {
  const { uow, invocation, entry } = job;
  let prepared: Prepared | undefined;
  try {
    prepared = isOver(uow as Written) ? undefined : prepare(job);
    if (prepared && entry) claimItem(entry, prepared);
  } catch (error) {
    fail(job, error);
    return;
  }
  if (prepared) submit(job, prepared);
  else finish(job, uow);
  // Only now: whoever waits for this event to decide goes on at once, and must find it in the lane.
  if (entry) invocation.decide(entry);
};

const submit = <U extends Writable>(job: Job<U>, write: Prepared): void => {
  const { invocation, entry } = job;
  const ticket = entry?.ticket;
  invocation.lanes.submit(
    {
      lane: write.item,
      index: ticket?.index ?? job.arrival,
      isAdmissible: () => ticket?.gate?.isOpen(ticket.place) ?? true,
      onAdmissible: (callback) => ticket?.gate?.onOpen(ticket.place, callback),
      hold: () => settle(job, { kind: 'retry', reason: 'held' }),
      start: async () => {
        if (ticket?.gate?.isHeld(ticket.place)) {
          settle(job, { kind: 'retry', reason: 'held' });
          return true;
        }
        try {
          const answer = await withRetry((signal) => sendOnce(job.client(), write, signal), invocation.deadline, job.options.retry);
          return accept(job, write, answer);
        } catch (error) {
          return fail(job, error);
        }
      },
    },
    job.limiter,
  );
};

/** An earlier sink could not write this event: another write of it would only come again with the retry. */
const isOver = (uow: Written): boolean => uow.outcome?.kind === 'retry' || uow.outcome?.kind === 'fault';

const prepare = <U extends Writable>({ uow, options, invocation }: Job<U>): Prepared | undefined => {
  const { ENTITY_TABLE_NAME, EVENT_TABLE_NAME, TABLE_NAME } = process.env;
  const tableName = options.tableName ?? ENTITY_TABLE_NAME ?? EVENT_TABLE_NAME ?? TABLE_NAME;
  if (uow.write) {
    const context = { now: invocation.now(), ...(options.oplock && { options: options.oplock }) };
    return prepareWrite(uow.write, uow as unknown as Uow, tableName, context);
  }
  return uow.updateRequest ? prepareRequest(uow.updateRequest, uow, tableName, options.oplock) : undefined;
};

const claimItem = ({ ticket, pipeline }: Entry, { item, exclusive }: Prepared): void => {
  if (!exclusive) return;
  if (ticket.items.has(item)) {
    throw new OplockStreamError(
      'SAME_ITEM_TWICE',
      `event ${String(ticket.event?.id)} writes one item twice (again in pipeline "${pipeline}"): both writes carry the same oplock, ` +
        'so the second could never be applied. Write the item once, or give each part of the event a key of its own',
    );
  }
  ticket.items.add(item);
};

const accept = <U extends Writable>(job: Job<U>, write: Prepared, answer: Answer): boolean => {
  if (answer.applied) {
    settle(job, { kind: 'applied' }, answer.response);
    return false;
  }
  const { verdict, inferred } = answer;
  if (verdict.kind === 'mismatch') {
    return fail(job, new OplockStreamError('OPLOCK_MISMATCH', `the oplock stored in ${write.item} cannot be compared with the event's: ${verdict.reason}`));
  }
  settle(job, inferred ? { ...verdict, inferred } : verdict);
  return false;
};

const settle = <U extends Writable>(job: Job<U>, outcome: Outcome, response?: UpdateCommandOutput): void => {
  if (job.entry) job.invocation.settle(job.entry, outcome);
  finish(job, { ...job.uow, outcome, ...(response && { updateResponse: response }) });
};

/** @returns whether the rest of the item's events must wait for the next delivery */
const fail = <U extends Writable>(job: Job<U>, error: unknown): boolean => {
  const { uow, invocation, entry } = job;
  const { outcome, error: marked } = invocation.raise(uow, error);
  if (entry) {
    finish(job, { ...uow, outcome });
  } else {
    job.emit(marked);
    job.done();
  }
  return outcome.kind === 'retry';
};

const finish = <U extends Writable>(job: Job<U>, uow: U & Written): void => {
  job.emit(null, uow);
  job.done();
};
