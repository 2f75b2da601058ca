import type { UpdateCommandOutput } from '@aws-sdk/lib-dynamodb';
import type { Result } from '../../oplock/attempt/attempt';
import { planItem } from '../../oplock/plan/item';
import { withRetry } from '../../retry';
import type { Uow } from '../../uow';
import { StatementRefused } from './batch/answer';
import type { Answered, Wish } from './batch/wish';
import { accept, fail, hold, placeOf, settle, type Job } from './job';
import { sendOnce, type Answer, type SendStep } from './send';
import { stepOf, type Hint, type Step } from './step';
import type { Order } from './write-task';

/** Of a run's first try: what was sent, and what it came to. */
export interface FirstTry {
  readonly step: Step;
  readonly answer: Answered;
}

/**
 * Writes a run to its end: what a refusal leaves, tries again, one by one where together is impossible.
 *
 * @param run orders that are one write
 * @param tried when its first try has been made
 * @returns whether the rest of the lane must wait for the next delivery
 */
export const writeRun = async (run: readonly Order[], tried?: FirstTry): Promise<boolean> => {
  const [{ job }] = run as readonly [Order];
  const { invocation, options } = job.sink;
  try {
    const answer = await withRetry(tryOf(job, tried?.step ?? stepOfRun(run), tried?.answer), invocation.deadline, options.retry);
    return acceptAll(run, answer);
  } catch (error) {
    if (run.length === 1) return fail(job, error);
    const outcome = invocation.outcomeOf(error);
    if (outcome.kind === 'fault') return writeOneByOne(run);
    run.forEach((order) => settle(order.job, outcome));
    return true;
  }
};

/** @returns whether the rest of the lane must wait for the next delivery */
export const acceptAll = (run: readonly Order[], { results, response, inferred }: Answer): boolean =>
  run.map(({ job, prepared }, i) => accept(job, prepared.item, results[i] as Result, inferred, response)).includes(true);

export const stepOfRun = (run: readonly Order[]): Step => {
  const [{ job, prepared }] = run as readonly [Order];
  if (prepared.kind === 'request') return prepared.step;
  const writes = run.length === 1 ? [prepared.write] : run.flatMap((order) => (order.prepared.kind === 'write' ? order.prepared.write : []));
  return stepOf(planItem(writes, job.sink.settings), prepared.tableName, writes.reduce((bytes, write) => bytes + write.bytes, 0));
};

/** An event that says by its type that something was made. */
export const hintOf = ({ uow }: Job): Hint => ((uow as Partial<Uow>).event?.type?.endsWith('-created') === true ? 'created' : undefined);

/** Tries that go together with others. */
const TRIES_IN_BATCHES = 2;

const tryOf = (job: Job, first: Step, answered?: Answered): (signal: AbortSignal) => Promise<Answer> => {
  const { client, batches } = job.sink;
  if (!batches) return (signal) => sendOnce(client, first, signal);
  let known = answered;
  let tries = 0;
  return (signal) => {
    tries += 1;
    const alone = tries > TRIES_IN_BATCHES;
    const send: SendStep = (step, _signal, hint) =>
      new Promise((resolve, reject) => {
        const wish: Wish = { step, sender: batches.sender, hint, alone, place: placeOf(job), answered: (answer) => tell(answer, resolve, reject) };
        if (!known) return batches.requests.send(wish);
        wish.answered(known);
        known = undefined;
      });
    return sendOnce(client, first, signal, { hint: hintOf(job), send });
  };
};

const tell = (answer: Answered, resolve: (response: UpdateCommandOutput) => void, reject: (error: unknown) => void): void => {
  switch (answer.kind) {
    case 'taken': return resolve(answer.response);
    case 'refused': return reject(new StatementRefused(answer.item));
    case 'failed': return reject(answer.error);
  }
};

/** One of them cannot be written, ever: it must not take the others along. */
const writeOneByOne = async (run: readonly Order[]): Promise<boolean> => {
  let stop = false;
  for (const order of run) {
    if (stop) hold(order.job);
    else stop = await writeRun([order]);
  }
  return stop;
};
