import { setImmediate } from 'node:timers'; // see ledger/lanes
import type { DynamoDBDocumentClient, UpdateCommandOutput } from '@aws-sdk/lib-dynamodb';
import { classifyError } from '../../../faults/classify';
import type { Logger } from '../../../logger';
import type { Statement } from '../../../oplock/attempt/statement';
import { DeadlineError } from '../../../retry';
import { ExactBatchExecuteStatementCommand } from '../exact';
import { sendRequest } from '../send-request';
import type { Hint, Step } from '../step';
import { answerOf, StatementRefused, type StatementAnswer, type StatementError } from './answer';
import { nextPhase, type NewItems, type Phase } from './phase';
import { isUnsupported } from './unsupported';

/** Sends the requests of an invocation, as many at once as it may; statements that wait together go as one request. */
export interface Requests {
  /** Rejects as the single request would, or with a `StatementRefused`. */
  send(step: Step, how: SendOptions): Promise<UpdateCommandOutput>;
}

export interface SendOptions {
  readonly client: DynamoDBDocumentClient;
  readonly batching: Batching;
  /** What is known of the item; a wrong hint costs a failed statement, no more. */
  readonly hint: Hint;
  readonly abortSignal: AbortSignal;
  /** As a request of its own: what has failed more than once may do so because of the others. */
  readonly alone: boolean;
}

/** What a sink knows of its table, from one invocation to the next. */
export interface Batching {
  /** Statements in a request, 1 to 25. */
  readonly size: number;
  /** Requests under way at once. */
  readonly concurrency: number;
  readonly newItems: NewItems;
  /** False as soon as it is seen that the engine, or the function's role, has no statements: then all is sent singly. */
  supported: boolean;
}

interface Waiting extends SendOptions {
  readonly step: Step;
  readonly resolve: (response: UpdateCommandOutput) => void;
  readonly reject: (error: unknown) => void;
  readonly phase: Phase;
  /** Of the phase; absent for `single`. */
  readonly statement: Statement | undefined;
  readonly changes: number;
}

export const createRequests = (logger: Logger): Requests => {
  let queue: Waiting[] = [];
  let underWay = 0;
  let gathering = false;

  /** A turn later, so that all that becomes ready in this one goes together. */
  const gather = (): void => {
    if (gathering) return;
    gathering = true;
    setImmediate(() => {
      gathering = false;
      dropAborted();
      for (let [first] = queue; first && underWay < first.batching.concurrency; [first] = queue) void run(take(first));
    });
  };

  /** Nobody waits for their answers any longer: they come again with the next delivery. */
  const dropAborted = (): void => {
    const isAborted = ({ abortSignal }: Waiting): boolean => abortSignal.aborted;
    queue.filter(isAborted).forEach(({ reject }) => reject(new DeadlineError()));
    queue = queue.filter((waiting) => !isAborted(waiting));
  };

  /** The first of the queue, with the statements that it can take along. */
  const take = (first: Waiting): readonly Waiting[] => {
    const taken = isBatchable(first) ? queue.filter((one) => isBatchable(one) && one.client === first.client).slice(0, first.batching.size) : [first];
    const gone = new Set(taken);
    queue = queue.filter((one) => !gone.has(one));
    return taken;
  };

  const run = async (waiting: readonly Waiting[]): Promise<void> => {
    underWay += 1;
    const [only] = waiting;
    await (waiting.length === 1 && only ? sendSingle(only) : sendBatch(waiting));
    underWay -= 1;
    gather();
  };

  const sendBatch = async (waiting: readonly Waiting[]): Promise<void> => {
    const [{ client, abortSignal }] = waiting as readonly [Waiting];
    try {
      const Statements = waiting.map(({ statement }) => requestOf(statement as Statement));
      const { Responses = [] } = await client.send(new ExactBatchExecuteStatementCommand({ Statements }), { abortSignal });
      if (Responses.length !== waiting.length) throw unanswered(Responses.length, waiting.length);
      queue.unshift(...waiting.flatMap((one, i) => settle(one, Responses[i]?.Error) ?? []));
    } catch (error) {
      if (isUnsupported(error)) waiting.forEach(({ batching }) => giveUp(batching, error));
      // One of them may have spoilt the request for all: each by itself has an answer of its own.
      if (classifyError(error) === 'transient') waiting.forEach(({ reject }) => reject(copyOf(error)));
      else queue.unshift(...waiting.map((one) => again(one, 'single')));
    }
  };

  const giveUp = (batching: Batching, error: unknown): void => {
    if (batching.supported) logger.warn('oplock-stream: statements cannot be batched here: writes are sent singly from now on', { error: (error as Error).name });
    batching.supported = false;
  };

  /** @returns what is left to be sent */
  const settle = (waiting: Waiting, error: StatementError | undefined): Waiting | void => {
    const { batching, step, phase, changes, resolve, reject } = waiting;
    const answer = answerOf(error);
    learn(waiting, answer);
    switch (answer.kind) {
      case 'taken': return resolve({ $metadata: {} });
      case 'refused': return reject(new StatementRefused(answer.item));
      case 'failed': return reject(answer.error);
      case 'missing': return step.refusesAbsent && phase === 'update' ? reject(new StatementRefused(undefined)) : again(waiting, nextPhase(answer.kind, changes));
      case 'denied': giveUp(batching, answer.error); return again(waiting, 'single');
      case 'exists': case 'invalid': return again(waiting, nextPhase(answer.kind, changes));
    }
  };

  return {
    send: (step, how) =>
      new Promise((resolve, reject) => {
        queue.push({ ...how, step, resolve, reject, changes: 0, ...firstPhase(step, how) });
        gather();
      }),
  };
};

type Entered = Pick<Waiting, 'phase' | 'statement'>;

const enter = (step: Step, phase: Phase): Entered => {
  const statement = phase === 'single' ? undefined : step.statement?.(phase);
  return statement ? { phase, statement } : { phase: 'single', statement: undefined };
};

const again = (waiting: Waiting, phase: Phase): Waiting => ({ ...waiting, ...enter(waiting.step, phase), changes: waiting.changes + 1 });

const firstPhase = (step: Step, { batching, hint, alone }: SendOptions): Entered => {
  if (alone || !batching.supported) return enter(step, 'single');
  const inserted = hint === 'new' || (hint === undefined && batching.newItems.likely()) ? enter(step, 'insert') : undefined;
  return inserted?.statement ? inserted : enter(step, 'update');
};

/** It may have been found out meanwhile that there are no statements here. */
const isBatchable = ({ statement, batching }: Waiting): boolean => statement !== undefined && batching.supported;

/** Each event counts once, by its first answer, and only where nothing was known: what is hinted says nothing of the others. */
const learn = ({ batching: { newItems }, hint, changes, phase }: Waiting, { kind }: StatementAnswer): void => {
  if (hint !== undefined || changes > 0) return;
  if (kind === 'missing' || (kind === 'taken' && phase === 'insert')) newItems.saw(true);
  if (kind === 'exists' || kind === 'refused' || (kind === 'taken' && phase === 'update')) newItems.saw(false);
};

const sendSingle = async ({ client, step, abortSignal, resolve, reject }: Waiting): Promise<void> => {
  try {
    resolve(await sendRequest(client, step.request, abortSignal));
  } catch (error) {
    reject(error);
  }
};

/** What has no answer may have been written or not: it is asked again. */
const unanswered = (found: number, expected: number): Error =>
  Object.assign(new Error(`a batch of ${expected} statements had ${found} answers`), { $retryable: { throttling: false } });

/** An error is tied to the event that it stops, so each event gets one of its own. */
const copyOf = (error: unknown): Error => {
  const { name = 'Error', message = 'a batch of statements failed' } = error as Partial<Error>;
  return Object.assign(new Error(message, { cause: error }), { name });
};

const requestOf = ({ text, parameters }: Statement) =>
  ({ Statement: text, Parameters: [...parameters], ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const });
