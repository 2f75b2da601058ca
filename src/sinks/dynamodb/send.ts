import type { DynamoDBDocumentClient, UpdateCommandOutput } from '@aws-sdk/lib-dynamodb';
import { fromAttributeMap, type AttributeMap } from '../../attribute-value';
import { OplockStreamError } from '../../errors';
import { classifyError } from '../../faults/classify';
import { somePass, type Refusal, type Refused, type Result } from '../../oplock/attempt/attempt';
import { StatementRefused } from './batch/answer';
import { ExactGetCommand } from './exact';
import { sendRequest } from './send-request';
import type { Address, Hint, Step } from './step';
import { explainTooLarge } from './too-large';

/** The table's answer to one conditional write: of each of its events, what it ended in. */
export interface Answer {
  readonly results: readonly Result[];
  /** Absent when nothing was written. */
  readonly response?: UpdateCommandOutput;
  /** The engine did not return the old item, a consistent read stood in for it. */
  readonly inferred: boolean;
}

/** Sends a step's request: by itself, or together with others. Rejects with what DynamoDB says of this one. */
export type SendStep = (step: Step, abortSignal: AbortSignal, hint: Hint) => Promise<UpdateCommandOutput>;

const sendBy = (client: DynamoDBDocumentClient): SendStep => (step, abortSignal) => sendRequest(client, step.request, abortSignal);

/** An update loses a group, or an event, with each round; only a delete can take more rounds than that, while others keep writing. */
const MAX_ROUNDS = 50;

interface OnceOptions {
  /** Default: each step is a request. */
  readonly send?: SendStep | undefined;
  /** Of the first step; a refusal tells it of the next. */
  readonly hint?: Hint;
}

/** Sends a write once, and what is left of it after a refusal. A failed condition is an answer; every other error is thrown. */
export const sendOnce = async (client: DynamoDBDocumentClient, first: Step, abortSignal: AbortSignal, options: OnceOptions = {}): Promise<Answer> => {
  const { send = sendBy(client) } = options;
  let { hint } = options;
  let step = first;
  let inferred = false;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const answer = await sendRound(client, step, abortSignal, (...what) => send(...what, hint));
    if ('response' in answer) return { results: step.results, response: answer.response, inferred };
    inferred ||= answer.inferred;
    if (answer.next.kind === 'refused') return { results: answer.next.results, inferred };
    step = answer.next;
    hint = answer.isThere ? 'there' : 'new';
  }
  throw changedMeanwhile();
};

type Round = { readonly response: UpdateCommandOutput } | { readonly next: Step | Refused; readonly inferred: boolean; readonly isThere: boolean };

const sendRound = async (client: DynamoDBDocumentClient, step: Step, abortSignal: AbortSignal, send: (...what: [Step, AbortSignal]) => Promise<UpdateCommandOutput>): Promise<Round> => {
  try {
    return { response: await send(step, abortSignal) };
  } catch (error) {
    const refusal = refusalIn(error, step);
    if (!refusal) throw explained(explainTooLarge(error, step), step);
    return refusal.unseen.length === 0 ? { next: step.afterRefusal(refusal), inferred: false, isThere: refusal.item !== undefined } : readInstead(client, step, refusal, abortSignal);
  }
};

interface Reason {
  readonly Code?: string;
  readonly Item?: AttributeMap;
}

interface SeenRefusal extends Refusal {
  /** Whose condition failed, and which was not told: 0 is the item itself, then come the others. */
  readonly unseen: readonly number[];
}

/** What was there when a condition failed; `undefined` for every other error. The client leaves the items of an error as the wire has them. */
const refusalIn = (error: unknown, step: Step): SeenRefusal | undefined => {
  const { refusesAbsent } = step;
  if (error instanceof StatementRefused) return { item: error.item, companions: [], unseen: error.item || refusesAbsent ? [] : [0] };
  const { request } = step;
  const { name, Item, CancellationReasons } = error as { readonly name?: unknown; readonly Item?: AttributeMap; readonly CancellationReasons?: readonly Reason[] };
  const reasons = request.command === 'transact' ? CancellationReasons : [{ Code: 'ConditionalCheckFailed', ...(Item && { Item }) }];
  if (name !== (request.command === 'transact' ? 'TransactionCanceledException' : 'ConditionalCheckFailedException') || !reasons) return undefined;
  const parts = reasons.map((reason) => ({ failed: reason.Code === 'ConditionalCheckFailed', item: reason.Item && fromAttributeMap(reason.Item) }));
  // Anything else among the reasons is an error of its own.
  if (!parts.some(({ failed }) => failed) || reasons.some(({ Code = 'None' }, i) => Code !== 'None' && !parts[i]?.failed)) return undefined;
  const [own, ...companions] = parts;
  const unseen = parts.flatMap(({ failed, item }, i) => (failed && !item && !(i === 0 && refusesAbsent) ? [i] : []));
  return { item: own?.item, companions, unseen };
};

/**
 * No old item: there is none, or the engine (or a caller's own `ReturnValuesOnConditionCheckFailure: 'NONE'`) does
 * not return it. A function that may write but not read still gets an answer: the item counts as missing.
 */
const readInstead = async (client: DynamoDBDocumentClient, step: Step, { item, companions, unseen }: SeenRefusal, abortSignal: AbortSignal): Promise<Round> => {
  const read = async ({ tableName, key }: Address) => (await client.send(new ExactGetCommand({ TableName: tableName, Key: key, ConsistentRead: true }), { abortSignal })).Item;
  try {
    const found = await Promise.all([step, ...step.others].map((address, i) => (unseen.includes(i) ? read(address) : undefined)));
    const next = step.afterRefusal({ item: item ?? found[0], companions: companions.map((one, i) => ({ ...one, item: one.item ?? found[i + 1] })) });
    if (next.kind === 'refused' && somePass(next.results)) throw changedMeanwhile();
    return { next, inferred: found.some((one) => one !== undefined), isThere: (item ?? found[0]) !== undefined };
  } catch (error) {
    if (classifyError(error) === 'configuration') return { next: step.afterRefusal({ item, companions }), inferred: false, isThere: item !== undefined };
    throw error;
  }
};

/** An error that does not say what to do. */
const explained = (error: unknown, { request }: Step): unknown =>
  (request.command === 'transact' && (error as { readonly name?: unknown }).name === 'UnknownOperationException' ? new OplockStreamError(
    'NO_TRANSACTIONS',
    'the write is a transaction, and what answers at the endpoint of the client (dynalite?) knows no TransactWriteItems. Use DynamoDB, DynamoDB Local '
      + 'or memoryEngine() (`oplock replay --engine memory`), or options that need no transactions: `oplock.onDelete: \'tombstone\'`, `reduce: \'dedupeSet\'`',
    { cause: error },
  ) : error);

/** Only the oplock guards a structured write: when it would hold now, somebody changed the item since; ask again. */
const changedMeanwhile = (): Error =>
  Object.assign(new Error('the item changed between the failed condition and the read of its state'), { $retryable: { throttling: false } });
