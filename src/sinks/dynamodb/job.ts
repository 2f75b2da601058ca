import type { DynamoDBDocumentClient, UpdateCommandOutput } from '@aws-sdk/lib-dynamodb';
import { OplockStreamError } from '../../errors';
import type { Entry } from '../../ledger/entry';
import type { Invocation } from '../../ledger/invocation';
import type { Limiter } from '../../ledger/lanes';
import type { Result } from '../../oplock/attempt/attempt';
import type { OplockSettings } from '../../oplock/settings';
import { isSetAside, type Outcome } from '../../outcome';
import type { Emit } from '../../steps/unordered';
import type { Uow } from '../../uow';
import type { Requests, Sender } from './batch/wish';
import { prepareReassertion, prepareRequest, prepareWrite, type Prepared } from './prepare';
import type { UpdateOptions, Writable, Written } from './update-options';

/** What the uows of a sink have in common in an invocation. */
export interface Sink {
  readonly client: DynamoDBDocumentClient;
  readonly options: UpdateOptions;
  readonly settings: OplockSettings;
  readonly limiter: Limiter;
  /** What sends statements together; absent where each write is a request of its own. */
  readonly batches: { readonly requests: Requests; readonly sender: Sender } | undefined;
  readonly invocation: Invocation;
  /** Nobody looks at what it gives. */
  readonly quiet: boolean;
}

/** One uow on its way through the sink. */
export interface Job<U extends object = object> {
  readonly uow: U;
  /** What it asks for: the uow itself, or what a mapping made of it. */
  readonly asked: Writable;
  readonly sink: Sink;
  readonly emit: Emit<U & Written>;
  readonly done: () => void;
  readonly entry: Entry | undefined;
  readonly arrival: number;
}

/** Its place among the events: smaller goes first. */
export const placeOf = ({ entry, arrival }: Job): number => (entry ? entry.ticket.index : arrival);

/** Settles the job at once, or hands over what is to be written. Never throws. */
export const enqueue = <U extends object>(job: Job<U>, submit: (job: Job<U>, prepared: Prepared) => void): void => {
  const { uow, sink: { invocation }, entry } = job;
  let prepared: Prepared | undefined;
  try {
    prepared = isOver(uow) ? undefined : prepare(job as unknown as Job);
    if (prepared && entry) claimItem(entry, prepared);
  } catch (error) {
    fail(job, error);
    return;
  }
  if (prepared) submit(job, prepared);
  else finish(job);
  // Only now: whoever waits for this event to decide goes on at once, and must find it in the lane.
  if (entry) invocation.decide(entry);
};

/** An earlier sink could not write this event: another write of it would only come again with the retry. */
const isOver = ({ outcome }: Written): boolean => outcome?.kind === 'retry' || isSetAside(outcome);

const prepare = ({ uow, asked, sink: { options, settings, invocation } }: Job): Prepared | undefined => {
  const tableName = options.tableName ?? asked.regression?.tableName ?? tableOfEnvironment();
  if (asked.regression) return prepareReassertion(asked.regression.attempt, tableName);
  if (asked.write) return prepareWrite(asked.write, uow as unknown as Uow, tableName, invocation.now(), settings);
  return asked.updateRequest ? prepareRequest(asked.updateRequest, uow, tableName, invocation.now(), settings) : undefined;
};

const tableOfEnvironment = (): string | undefined => {
  const { ENTITY_TABLE_NAME, EVENT_TABLE_NAME, TABLE_NAME } = process.env;
  return ENTITY_TABLE_NAME ?? EVENT_TABLE_NAME ?? TABLE_NAME;
};

/** Two structured writes of one event to one item would carry the same oplock: the second could never be applied. */
const claimItem = ({ ticket, pipeline }: Entry, { item, kind }: Prepared): void => {
  if (kind !== 'write') return;
  if (ticket.items?.includes(item)) {
    throw new OplockStreamError(
      'SAME_ITEM_TWICE',
      `event ${String(ticket.event?.id)} writes one item twice (again in pipeline "${pipeline}"): both writes carry the same oplock, ` +
        'so the second could never be applied. Write the item once, or give each part of the event a key of its own',
    );
  }
  (ticket.items ??= []).push(item);
};

/** @returns whether the rest of the item's events must wait for the next delivery */
export const accept = <U extends object>(job: Job<U>, item: string, result: Result, inferred: boolean, response?: UpdateCommandOutput): boolean => {
  switch (result.kind) {
    case 'mismatch':
      return fail(job, new OplockStreamError('OPLOCK_MISMATCH', `the oplock stored in ${item} cannot be compared with the event's: ${result.reason}`));
    case 'applied':
      settle(job, result, response);
      return false;
    case 'narrowed':
      settle(job, { ...result, ...(inferred && { inferred }) }, response);
      return false;
    case 'superseded':
      settle(job, result);
      return false;
    case 'passes':
      settle(job, { kind: 'conflict', reason: result.reason, ...(inferred && { inferred }) });
      return false;
    default:
      settle(job, { ...result, ...(inferred && { inferred }) });
      return false;
  }
};

export const settle = <U extends object>(job: Job<U>, outcome: Outcome, response?: UpdateCommandOutput): void => {
  const { sink: { invocation }, entry } = job;
  if (entry) invocation.settle(entry, outcome);
  finish(job, { outcome, ...(response && { updateResponse: response }) });
};

/** It waits for the next delivery: something before it does. */
export const hold = (job: Job): void => settle(job, { kind: 'retry', reason: 'held' });

/** @returns whether the rest of the item's events must wait for the next delivery */
export const fail = <U extends object>(job: Job<U>, error: unknown): boolean => {
  const { uow, sink: { invocation }, entry } = job;
  const { outcome, error: marked } = invocation.raise(uow, error);
  if (entry) {
    finish(job, { outcome });
  } else {
    job.emit(marked);
    job.done();
  }
  return outcome.kind === 'retry';
};

/** @param written what came of its write, when there was one */
const finish = <U extends object>({ uow, sink, emit, done }: Job<U>, written?: Written): void => {
  if (!sink.quiet) emit(null, written ? { ...uow, ...written } : uow);
  done();
};
