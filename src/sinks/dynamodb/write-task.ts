import type { LaneTask } from '../../ledger/lanes';
import { runsOf } from '../../oplock/plan/runs';
import { itemKey } from './item-key';
import { hold, placeOf, type Job } from './job';
import type { Prepared, PreparedWrite } from './prepare';
import { writeRun } from './write-run';
import { writeTogether } from './write-together';

/** A job, and what it asks for. */
export interface Order {
  readonly job: Job;
  readonly prepared: Prepared;
}

export type WriteOrder = Order & { readonly prepared: PreparedWrite };

/** Puts the job in the lane of the item that it writes. */
export const submit = <U extends object>(job: Job<U>, prepared: Prepared): void => {
  const order = { job: job as unknown as Job, prepared };
  const { invocation, limiter } = job.sink;
  invocation.lanes.submit(isFoldable(order) ? new FoldingTask(order) : new WriteTask(order), limiter);
};

/** An order in the lane of its item. A class: there is one for each event. */
class WriteTask implements LaneTask {
  /** It, and what it has taken along. */
  protected readonly orders: Order[];

  constructor(readonly order: Order) {
    this.orders = [order];
  }

  get lane(): string {
    return this.order.prepared.item;
  }

  get index(): number {
    return placeOf(this.order.job);
  }

  isAdmissible(): boolean {
    const ticket = this.order.job.entry?.ticket;
    return ticket?.gate?.isOpen(ticket.place) ?? true;
  }

  onAdmissible(callback: () => void): void {
    const ticket = this.order.job.entry?.ticket;
    ticket?.gate?.onOpen(ticket.place, callback);
  }

  hold(): void {
    hold(this.order.job);
  }

  start(over: (hold: boolean) => void): void {
    writeAll(this.orders, over);
  }
}

/** Takes the following events of its item along. */
class FoldingTask extends WriteTask {
  absorb(next: LaneTask): boolean {
    if (!(next instanceof FoldingTask) || !canFold(this.order, next.order)) return false;
    this.orders.push(next.order);
    return true;
  }
}

/**
 * What counts is written event by event: of a fold, the table could have counted some. On a stream that no source made each
 * error has to name its uow, so each is written by itself, too.
 */
const isFoldable = ({ job, prepared }: Order): boolean =>
  prepared.kind === 'write' && !prepared.write.counts && job.sink.options.fold !== false && job.entry !== undefined;

/** Both go to the same item, for they share a lane; they must go the same way and by the same rules. */
const canFold = (order: Order, next: Order): boolean =>
  order.job.sink.settings.signature === next.job.sink.settings.signature && order.job.sink.client === next.job.sink.client && sidecarOf(order) === sidecarOf(next);

/** A function of the caller's own may have made its key: two of them can have one text and differ. */
const sidecarOf = ({ prepared }: Order): string | undefined =>
  (prepared.kind === 'write' && prepared.write.sidecar ? itemKey(prepared.write.sidecar.tableName ?? prepared.tableName, prepared.write.sidecar.key) : undefined);

/** Of an earlier event of the same key is not known what it writes. */
const isHeld = ({ job: { entry } }: Order): boolean => entry?.ticket.gate?.isHeld(entry.ticket.place) === true;

/** @param over told whether the rest of the lane must wait for the next delivery */
const writeAll = (orders: readonly Order[], over: (hold: boolean) => void): void => {
  const held = orders.filter(isHeld);
  held.forEach(({ job }) => hold(job));
  const left = runs(held.length === 0 ? orders : orders.filter((order) => !isHeld(order)));
  const [only] = left;
  if (only && left.length === 1 && held.length === 0 && only[0]?.job.sink.batches) return writeTogether(only, over);
  void writeRuns(left).then((stop) => over(stop || held.length > 0));
};

const writeRuns = async (all: readonly (readonly Order[])[]): Promise<boolean> => {
  let stop = false;
  for (const run of all) {
    if (stop) run.forEach(({ job }) => hold(job));
    else stop = await writeRun(run);
  }
  return stop;
};

const runs = (orders: readonly Order[]): readonly (readonly Order[])[] => {
  if (orders.length === 1) return [orders];
  return orders.every(isWriteOrder) ? runsOf(orders, ({ prepared }) => prepared.write) : orders.map((order) => [order]);
};

const isWriteOrder = (order: Order): order is WriteOrder => order.prepared.kind === 'write';
