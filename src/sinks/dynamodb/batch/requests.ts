import { setImmediate } from 'node:timers'; // see ledger/lanes
import { classifyError } from '../../../faults/classify';
import type { Logger } from '../../../logger';
import type { Statement } from '../../../oplock/attempt/statement';
import { DeadlineError, orAborted } from '../../../retry';
import { refuseCachingNow } from '../caching';
import { ExactBatchExecuteStatementCommand } from '../exact';
import { sendRequest } from '../send-request';
import { answerOf, type StatementError } from './answer';
import type { Batching } from './batching';
import { nextPhase } from './phase';
import { isUnsupported } from './unsupported';
import { again, enteredOf, firstOf, isAborted, isBatchable, isBehind, isUnknown, learn, type Waiting } from './waiting';
import type { Answered, Requests } from './wish';

export const createRequests = (logger: Logger): Requests => {
  let queue: Waiting[] = [];
  let underWay = 0;
  let batchesUnderWay = 0;
  let gathering = false;

  /** A turn later, so that all that becomes ready in this one goes together. */
  const gather = (): void => {
    if (gathering) return;
    gathering = true;
    setImmediate(() => {
      gathering = false;
      dropAborted();
      for (let [first] = queue; first && mayStart(first); [first] = queue) void run(take(first));
    });
  };

  /**
   * Where nothing is known of the items yet, `auto` lets one batch go ahead: when it finds that they are new, the others
   * need not fail as it did. From a request of its own nothing is learnt, so nobody waits for one.
   */
  const mayStart = ({ wish, entered }: Waiting): boolean => {
    const { batching } = wish.sender;
    if (underWay >= batching.concurrency) return false;
    return batchesUnderWay === 0 || batching.strategy === 'batch' || entered !== undefined || !isUnknown(wish);
  };

  /** Nobody waits for their answers any longer: they come again with the next delivery. */
  const dropAborted = (): void => {
    if (!queue.some(isAborted)) return;
    const aborted = queue.filter(isAborted);
    queue = queue.filter((waiting) => !isAborted(waiting));
    answerAll(aborted.map((one) => [one, { kind: 'failed', error: new DeadlineError() }]));
  };

  /** The first of the queue, with the statements that it can take along: not those of a sink that wants smaller requests. */
  const take = (first: Waiting): readonly Waiting[] => {
    const { size, minimum } = first.wish.sender.batching;
    const { client } = first.wish.sender;
    const taken = isBatchable(first) ? firstOf(queue, size, (one) => isBatchable(one) && one.wish.sender.client === client && one.wish.sender.batching.size >= size) : [];
    if (taken.length < minimum) {
      queue.shift();
      return [first];
    }
    const gone = new Set(taken);
    queue = queue.filter((one) => !gone.has(one));
    return taken;
  };

  const run = async (waiting: readonly Waiting[]): Promise<void> => {
    underWay += 1;
    const [only] = waiting;
    const isBatch = waiting.length > 1;
    if (isBatch) batchesUnderWay += 1;
    const answers = await (only && !isBatch ? sendSingle(only) : sendBatch(waiting));
    underWay -= 1;
    if (isBatch) batchesUnderWay -= 1;
    gather();
    answerAll(answers);
  };

  /** What is left to be sent goes back to the queue. */
  const sendBatch = async (waiting: readonly Waiting[]): Promise<Answers> => {
    const [{ wish: { sender: { client, signal } } }] = waiting as readonly [Waiting];
    try {
      refuseCachingNow(client); // then each of them meets it by itself
      const Statements = waiting.map((one) => requestOf(enteredOf(one).statement as Statement));
      const { Responses = [] } = await orAborted(client.send(new ExactBatchExecuteStatementCommand({ Statements }), { abortSignal: signal }), signal);
      if (Responses.length !== waiting.length) throw unanswered(Responses.length, waiting.length);
      const answers: [Waiting, Answered][] = [];
      const left: Waiting[] = [];
      for (const [i, one] of waiting.entries()) {
        const answer = settle(one, Responses[i]?.Error);
        if ('kind' in answer) answers.push([one, answer]);
        else left.push(answer);
      }
      queue.unshift(...left);
      return answers;
    } catch (error) {
      if (isUnsupported(error)) waiting.forEach(({ wish }) => giveUp(wish.sender.batching, error));
      // One of them may have spoilt the request for all: each by itself has an answer of its own.
      if (error instanceof DeadlineError || classifyError(error) === 'transient') return waiting.map((one) => [one, { kind: 'failed', error: copyOf(error) }]);
      queue.unshift(...waiting.map((one) => again(one, 'single')));
      return [];
    }
  };

  const giveUp = (batching: Batching, error: unknown): void => {
    if (batching.supported) logger.warn('oplock-stream: statements cannot be batched here: writes are sent singly from now on', { error: (error as Error).name });
    batching.supported = false;
  };

  const settle = (waiting: Waiting, error: StatementError | undefined): Answered | Waiting => {
    const { wish: { sender: { batching }, step }, changes } = waiting;
    const answer = answerOf(error);
    learn(waiting, answer);
    switch (answer.kind) {
      case 'taken': return TAKEN;
      case 'refused': case 'failed': return answer;
      case 'missing': return step.refusesAbsent && enteredOf(waiting).phase === 'update' ? { kind: 'refused', item: undefined } : again(waiting, nextPhase(answer.kind, changes));
      case 'denied': giveUp(batching, answer.error); return again(waiting, 'single');
      case 'exists': case 'invalid': return again(waiting, nextPhase(answer.kind, changes));
    }
  };

  return {
    send: (wish) => {
      let at = queue.length;
      while (at > 0 && isBehind(queue[at - 1] as Waiting, wish)) at -= 1;
      queue.splice(at, 0, { wish, changes: 0, entered: undefined });
      gather();
    },
  };
};

type Answers = readonly (readonly [Waiting, Answered])[];

const TAKEN: Answered = { kind: 'taken', response: { $metadata: {} } };

/** A consumer of the caller's own may throw: the others have their answers first. */
const answerAll = (answers: Answers): void => {
  const thrown: unknown[] = [];
  for (const [{ wish }, answer] of answers) {
    try {
      wish.answered(answer);
    } catch (error) {
      thrown.push(error);
    }
  }
  if (thrown.length > 0) throw thrown[0];
};

const sendSingle = async (waiting: Waiting): Promise<Answers> => {
  const { step, sender: { client, signal } } = waiting.wish;
  try {
    return [[waiting, { kind: 'taken', response: await orAborted(sendRequest(client, step.request, signal), signal) }]];
  } catch (error) {
    return [[waiting, { kind: 'failed', error }]];
  }
};

/** What has no answer may have been written or not: it is asked again. */
const unanswered = (found: number, expected: number): Error =>
  Object.assign(new Error(`a batch of ${expected} statements had ${found} answers`), { $retryable: { throttling: false } });

/** An error is tied to the event that it stops, so each event gets one of its own. */
const copyOf = (error: unknown): Error => {
  if (error instanceof DeadlineError) return new DeadlineError(error.cause);
  const { name = 'Error', message = 'a batch of statements failed' } = error as Partial<Error>;
  return Object.assign(new Error(message, { cause: error }), { name });
};

const requestOf = ({ text, parameters }: Statement) =>
  ({ Statement: text, Parameters: [...parameters], ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const });
