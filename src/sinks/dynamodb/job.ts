import type { DynamoDBDocumentClient, UpdateCommandOutput } from '@aws-sdk/lib-dynamodb';
import { OplockStreamError } from '../../errors';
import type { Entry } from '../../ledger/entry';
import type { Invocation } from '../../ledger/invocation';
import type { Limiter } from '../../ledger/lanes';
import type { GroupLayout } from '../../oplock/groups/layout';
import { isSetAside, type Outcome } from '../../outcome';
import { withRetry } from '../../retry';
import type { Emit } from '../../steps/unordered';
import type { Uow } from '../../uow';
import { prepareRequest, prepareWrite, type Prepared } from './prepare';
import { sendOnce, type Answer } from './send';
import type { UpdateOptions, Writable, Written } from './update-options';

/** One uow on its way through the sink. */
export interface Job<U extends Writable> {
  readonly uow: U;
  readonly emit: Emit<U & Written>;
  readonly done: () => void;
  readonly client: () => DynamoDBDocumentClient;
  readonly options: UpdateOptions;
  /** Of items with groups. */
  readonly layout: GroupLayout | undefined;
  readonly limiter: Limiter;
  readonly invocation: Invocation;
  readonly entry: Entry | undefined;
  readonly arrival: number;
}

/** Settles the job at once, or puts it in the lane of the item that it writes. Never throws. */
export const enqueue = <U extends Writable>(job: Job<U>): void => {
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
const isOver = ({ outcome }: Written): boolean => outcome?.kind === 'retry' || isSetAside(outcome);

const prepare = <U extends Writable>({ uow, options, layout, invocation }: Job<U>): Prepared | undefined => {
  const { ENTITY_TABLE_NAME, EVENT_TABLE_NAME, TABLE_NAME } = process.env;
  const tableName = options.tableName ?? ENTITY_TABLE_NAME ?? EVENT_TABLE_NAME ?? TABLE_NAME;
  const context = { now: invocation.now(), ...(options.oplock && { options: options.oplock }) };
  if (uow.write) return prepareWrite(uow.write, uow as unknown as Uow, tableName, { ...context, layout });
  return uow.updateRequest ? prepareRequest(uow.updateRequest, uow as Partial<Uow>, tableName, context) : undefined;
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
    settle(job, outcomeOf(answer), answer.response);
    return false;
  }
  const { verdict, inferred } = answer;
  if (verdict.kind === 'mismatch') {
    return fail(job, new OplockStreamError('OPLOCK_MISMATCH', `the oplock stored in ${write.item} cannot be compared with the event's: ${verdict.reason}`));
  }
  settle(job, inferred ? { ...verdict, inferred } : verdict);
  return false;
};

const outcomeOf = ({ dropped, inferred }: Answer & { readonly applied: true }): Outcome =>
  Object.keys(dropped).length === 0 ? { kind: 'applied' } : { kind: 'narrowed', dropped, ...(inferred && { inferred }) };

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
