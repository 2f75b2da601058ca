import type { LaneTask } from '../../ledger/lanes';
import type { Result } from '../../oplock/attempt/attempt';
import { planItem } from '../../oplock/plan/item';
import { runsOf } from '../../oplock/plan/runs';
import { withRetry } from '../../retry';
import { itemKey } from './item-key';
import { accept, fail, settle, type Job } from './job';
import type { Prepared, PreparedWrite } from './prepare';
import type { Uow } from '../../uow';
import { sendOnce, type Answer } from './send';
import { stepOf, type Step } from './step';
import type { Writable } from './update-options';

/** A job in the lane of its item, and those that it has taken along. */
interface WriteTask extends LaneTask {
  readonly order: Order;
}

interface Order {
  readonly job: Job;
  readonly prepared: Prepared;
}

type WriteOrder = Order & { readonly prepared: PreparedWrite };

/** Puts the job in the lane of the item that it writes. */
export const submit = <U extends Writable>(job: Job<U>, prepared: Prepared): void =>
  job.invocation.lanes.submit(taskOf({ job: job as unknown as Job, prepared }), job.limiter);

const taskOf = (order: Order): WriteTask => {
  const { job, prepared } = order;
  const ticket = job.entry?.ticket;
  const orders = [order];
  const absorb = (next: LaneTask): boolean => {
    if (!isWriteTask(next) || !canFold(order, next.order)) return false;
    orders.push(next.order);
    return true;
  };
  return {
    order,
    lane: prepared.item,
    index: ticket?.index ?? job.arrival,
    isAdmissible: () => ticket?.gate?.isOpen(ticket.place) ?? true,
    onAdmissible: (callback) => ticket?.gate?.onOpen(ticket.place, callback),
    hold: () => hold(order),
    start: () => writeAll(orders),
    ...(isFoldable(order) && { absorb }),
  };
};

const isWriteTask = (task: LaneTask): task is WriteTask => 'order' in task;

/**
 * What counts is written event by event: of a fold, the table could have counted some. On a stream that no source made each
 * error has to name its uow, so each is written by itself, too.
 */
const isFoldable = ({ job, prepared }: Order): boolean =>
  prepared.kind === 'write' && !prepared.write.counts && job.options.fold !== false && job.entry !== undefined;

/** Both go to the same item, for they share a lane; they must go the same way and by the same rules. */
const canFold = (order: Order, next: Order): boolean =>
  isFoldable(next) && order.job.settings.signature === next.job.settings.signature && order.job.client() === next.job.client()
  && sidecarOf(order) === sidecarOf(next);

/** A function of the caller's own may have made its key: two of them can have one text and differ. */
const sidecarOf = ({ prepared }: Order): string | undefined =>
  (prepared.kind === 'write' && prepared.write.sidecar ? itemKey(prepared.write.sidecar.tableName ?? prepared.tableName, prepared.write.sidecar.key) : undefined);

const hold = ({ job }: Order): void => settle(job, { kind: 'retry', reason: 'held' });

/** Of an earlier event of the same key is not known what it writes. */
const isHeld = ({ job: { entry } }: Order): boolean => entry?.ticket.gate?.isHeld(entry.ticket.place) === true;

/** @returns whether the rest of the lane must wait for the next delivery */
const writeAll = async (orders: readonly Order[]): Promise<boolean> => {
  const held = new Set(orders.filter(isHeld));
  held.forEach(hold);
  let stop = false;
  for (const run of runs(orders.filter((order) => !held.has(order)))) {
    if (stop) run.forEach(hold);
    else stop = await writeRun(run);
  }
  return stop || held.size > 0;
};

const runs = (orders: readonly Order[]): readonly (readonly Order[])[] =>
  orders.every(isWriteOrder) ? runsOf(orders, ({ prepared }) => prepared.write) : orders.map((order) => [order]);

const isWriteOrder = (order: Order): order is WriteOrder => order.prepared.kind === 'write';

/** @returns whether the rest of the lane must wait for the next delivery */
const writeRun = async (run: readonly Order[]): Promise<boolean> => {
  const [{ job, prepared }] = run as readonly [Order];
  const { invocation, options } = job;
  try {
    const first = prepared.kind === 'request' ? prepared.step : stepOfRun(run, prepared.tableName);
    const { results, response, inferred } = await withRetry(tryOf(job, first), invocation.deadline, options.retry);
    return run.map((order, i) => accept(order.job, prepared.item, results[i] as Result, inferred, response)).includes(true);
  } catch (error) {
    if (run.length === 1) return fail(job, error);
    const outcome = invocation.outcomeOf(error);
    if (outcome.kind === 'fault') return writeOneByOne(run);
    run.forEach((order) => settle(order.job, outcome));
    return true;
  }
};

/** Tries that go together with others. */
const TRIES_IN_BATCHES = 2;

const tryOf = ({ client, batches, uow }: Job, first: Step): (signal: AbortSignal) => Promise<Answer> => {
  if (!batches) return (signal) => sendOnce(client(), first, signal);
  const hint = (uow as Partial<Uow>).event?.type?.endsWith('-created') === true ? 'new' : undefined;
  let tries = 0;
  return (signal) => {
    tries += 1;
    const how = { client: client(), batching: batches.batching, alone: tries > TRIES_IN_BATCHES };
    return sendOnce(client(), first, signal, { hint, send: (step, abortSignal, known) => batches.requests.send(step, { ...how, abortSignal, hint: known }) });
  };
};

const stepOfRun = (run: readonly Order[], tableName: string): Step =>
  stepOf(planItem(run.filter(isWriteOrder).map(({ prepared: { write } }) => write), (run[0] as Order).job.settings), tableName);

/** One of them cannot be written, ever: it must not take the others along. */
const writeOneByOne = async (run: readonly Order[]): Promise<boolean> => {
  let stop = false;
  for (const order of run) {
    if (stop) hold(order);
    else stop = await writeRun([order]);
  }
  return stop;
};
