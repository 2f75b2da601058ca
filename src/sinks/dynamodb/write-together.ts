import type { Answered } from './batch/wish';
import { placeOf } from './job';
import type { Answer } from './send';
import type { Step } from './step';
import { acceptAll, hintOf, stepOfRun, writeRun, type FirstTry } from './write-run';
import type { Order } from './write-task';

/**
 * Writes a run together with others. Nearly all of them end with the first answer, and these take no promise: promises,
 * and the signals that each of them listens to, cost more time than all of the planning. Whatever else an answer says is left to
 * `writeRun`.
 *
 * @param over told whether the rest of the lane must wait for the next delivery
 */
export const writeTogether = (run: readonly Order[], over: (hold: boolean) => void): void => {
  const [{ job }] = run as readonly [Order];
  const { batches, invocation: { deadline } } = job.sink;
  const inFull = (tried?: FirstTry): void => void writeRun(run, tried).then(over);
  const step = stepOrNone(run);
  // Each of these is an error, which writeRun meets, too.
  if (!batches || !step || deadline.signal.aborted || deadline.remaining() <= 0) return inFull();
  batches.requests.send({
    step, sender: batches.sender, hint: hintOf(job), alone: false, place: placeOf(job),
    answered: (answer) => {
      const final = finalAnswer(step, answer);
      if (!final) return inFull({ step, answer });
      let hold = false;
      try {
        hold = acceptAll(run, final);
      } finally {
        over(hold);
      }
    },
  });
};

const stepOrNone = (run: readonly Order[]): Step | undefined => {
  try {
    return stepOfRun(run);
  } catch {
    return undefined;
  }
};

/** `undefined` when something is left to be sent. */
const finalAnswer = (step: Step, answer: Answered): Answer | undefined => {
  if (answer.kind === 'taken') return { results: step.results, response: answer.response, inferred: false };
  if (answer.kind === 'failed') return undefined;
  const next = step.afterRefusal({ item: answer.item, companions: [] });
  return next.kind === 'refused' ? { results: next.results, inferred: false } : undefined;
};
