import { setImmediate } from 'node:timers'; // see ledger/lanes
import type { DynamoDBDocumentClient, UpdateCommandOutput } from '@aws-sdk/lib-dynamodb';
import { classifyError } from '../../../faults/classify';
import type { Logger } from '../../../logger';
import type { Statement } from '../../../oplock/attempt/statement';
import { DeadlineError, orAborted } from '../../../retry';
import { refuseCachingNow } from '../caching';
import { ExactBatchExecuteStatementCommand } from '../exact';
import { sendRequest } from '../send-request';
import type { Hint, Step } from '../step';
import { answerOf, type StatementAnswer, type StatementError } from './answer';
import { expectedPhase, newItemsOf, type Batching } from './batching';
import { nextPhase, type Phase } from './phase';
import { isUnsupported } from './unsupported';

/** Sends the requests of an invocation, as many at once as it may; statements that wait together go as one request. */
export interface Requests {
  /** Never answers in the same turn. What has no answer when the time is up is answered with a DeadlineError. */
  send(wish: Wish): void;
}

/** One conditional write, and who waits for its answer. */
export interface Wish {
  readonly step: Step;
  readonly sender: Sender;
  /** What is known of the item; a wrong hint costs a failed statement, no more. */
  readonly hint: Hint;
  /** As a request of its own: what has failed more than once may do so because of the others. */
  readonly alone: boolean;
  /** Of its event: of all that waits, the earliest goes first. */
  readonly place: number;
  readonly answered: (answer: Answered) => void;
}

/** What the writes of a sink have in common in an invocation. */
export interface Sender {
  readonly client: DynamoDBDocumentClient;
  readonly batching: Batching;
  readonly signal: AbortSignal;
}

export type Answered =
  | { readonly kind: 'taken'; readonly response: UpdateCommandOutput }
  /** The condition failed on this item; `undefined`: there is none, for sure. */
  | { readonly kind: 'refused'; readonly item: Readonly<Record<string, unknown>> | undefined }
  /** What the single request would be rejected with. */
  | { readonly kind: 'failed'; readonly error: unknown };

interface Waiting {
  readonly wish: Wish;
  readonly changes: number;
  /** How it is to be sent: decided as late as can be, when more is known of the items. */
  entered: Entered | undefined;
}

interface Entered {
  readonly phase: Phase;
  /** Of the phase; absent for `single`. */
  readonly statement: Statement | undefined;
}

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

/** What has been sent already goes on before anything else begins. */
const isBehind = ({ changes, wish: { place } }: Waiting, next: Wish): boolean => changes === 0 && place > next.place;

const isAborted = ({ wish: { sender } }: Waiting): boolean => sender.signal.aborted;

/** What one request may hold of values: what the service takes is not documented, and DynamoDB Local drops larger ones. */
const MAX_BYTES = 4_000_000;

/** The first so many that pass, as far as they have room in a request. */
const firstOf = (queue: readonly Waiting[], count: number, passes: (one: Waiting) => boolean): readonly Waiting[] => {
  const found: Waiting[] = [];
  let bytes = 0;
  for (const one of queue) {
    if (!passes(one)) continue;
    bytes += one.wish.step.bytes ?? 0;
    if (bytes > MAX_BYTES && found.length > 0) break;
    found.push(one);
    if (found.length === count) break;
  }
  return found;
};

const SINGLE: Entered = { phase: 'single', statement: undefined };

const enter = ({ step, sender: { batching } }: Wish, phase: Phase): Entered => {
  const statement = phase === 'single' ? undefined : step.statement?.(phase, batching.texts);
  return statement ? { phase, statement } : SINGLE;
};

const again = ({ wish, changes }: Waiting, phase: Phase): Waiting => ({ wish, changes: changes + 1, entered: enter(wish, phase) });

const enteredOf = (waiting: Waiting): Entered => (waiting.entered ??= firstPhase(waiting.wish));

const firstPhase = (wish: Wish): Entered => {
  const { sender: { batching }, hint, alone } = wish;
  if (alone || !batching.supported) return SINGLE;
  const phase = expectedPhase(batching, hint);
  const entered = enter(wish, phase);
  return phase === 'insert' && !entered.statement ? enter(wish, 'update') : entered;
};

/** Goes as a statement, and nothing was seen of such items. */
const isUnknown = ({ step, sender: { batching }, hint, alone }: Wish): boolean => {
  const seen = newItemsOf(batching, hint);
  return seen?.isGuess() === true && batching.supported && !alone && step.statement?.('update', batching.texts) !== undefined;
};

/** It may have been found out meanwhile that there are no statements here. */
const isBatchable = (waiting: Waiting): boolean => waiting.wish.sender.batching.supported && enteredOf(waiting).statement !== undefined;

/** Each event counts once, by its first answer. */
const learn = (waiting: Waiting, { kind }: StatementAnswer): void => {
  const { wish: { sender: { batching }, hint }, changes } = waiting;
  const seen = changes > 0 ? undefined : newItemsOf(batching, hint);
  if (!seen) return;
  const { phase } = enteredOf(waiting);
  if (kind === 'missing' || (kind === 'taken' && phase === 'insert')) seen.saw(true);
  if (kind === 'exists' || kind === 'refused' || (kind === 'taken' && phase === 'update')) seen.saw(false);
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
