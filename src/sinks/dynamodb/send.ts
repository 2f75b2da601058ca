import {
  DeleteCommand, GetCommand, PutCommand, TransactWriteCommand, UpdateCommand, type DynamoDBDocumentClient, type UpdateCommandOutput,
} from '@aws-sdk/lib-dynamodb';
import { fromAttributeMap, type AttributeMap } from '../../attribute-value';
import { classifyError } from '../../faults/classify';
import type { Refusal, Refused, Result } from '../../oplock/attempt/attempt';
import type { RenderedWrite } from '../../oplock/attempt/render';
import type { Step } from './step';

/** The table's answer to one conditional write: of each of its events, what it ended in. */
export interface Answer {
  readonly results: readonly Result[];
  /** Absent when nothing was written. */
  readonly response?: UpdateCommandOutput;
  /** The engine did not return the old item, a consistent read stood in for it. */
  readonly inferred: boolean;
}

/** An update loses a group, or an event, with each round; only a delete can take more rounds than that, while others keep writing. */
const MAX_ROUNDS = 50;

/** Sends a write once, and what is left of it after a refusal. A failed condition is an answer; every other error is thrown. */
export const sendOnce = async (client: DynamoDBDocumentClient, first: Step, abortSignal: AbortSignal): Promise<Answer> => {
  let step = first;
  let inferred = false;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const answer = await sendRound(client, step, abortSignal);
    if ('response' in answer) return { results: step.results, response: answer.response, inferred };
    inferred ||= answer.inferred;
    if (answer.next.kind === 'refused') return { results: answer.next.results, inferred };
    step = answer.next;
  }
  throw changedMeanwhile();
};

type Round = { readonly response: UpdateCommandOutput } | { readonly next: Step | Refused; readonly inferred: boolean };

const sendRound = async (client: DynamoDBDocumentClient, step: Step, abortSignal: AbortSignal): Promise<Round> => {
  try {
    return { response: await sendRequest(client, step.request, abortSignal) };
  } catch (error) {
    const refusal = refusalIn(error, step.request);
    if (!refusal) throw error;
    if (refusal.item || step.refusesAbsent) return { next: step.afterRefusal(refusal), inferred: false };
    return readInstead(client, step, refusal, abortSignal);
  }
};

const sendRequest = (client: DynamoDBDocumentClient, request: RenderedWrite, abortSignal: AbortSignal): Promise<UpdateCommandOutput> => {
  const options = { abortSignal };
  switch (request.command) {
    case 'update': return client.send(new UpdateCommand(request.input), options);
    case 'put': return client.send(new PutCommand(request.input), options);
    case 'delete': return client.send(new DeleteCommand(request.input), options);
    case 'transact': return client.send(new TransactWriteCommand(request.input), options).then(({ $metadata }) => ({ $metadata }));
  }
};

interface Reason {
  readonly Code?: string;
  readonly Item?: AttributeMap;
}

/** What was there when a condition failed; `undefined` for every other error. The client leaves the items of an error as the wire has them. */
const refusalIn = (error: unknown, request: RenderedWrite): Refusal | undefined => {
  const { name, Item, CancellationReasons } = error as { readonly name?: unknown; readonly Item?: AttributeMap; readonly CancellationReasons?: readonly Reason[] };
  if (request.command !== 'transact') return name === 'ConditionalCheckFailedException' ? { item: itemOf(Item), companions: [] } : undefined;
  if (name !== 'TransactionCanceledException' || !CancellationReasons) return undefined;
  const failed = CancellationReasons.map(({ Code }) => Code === 'ConditionalCheckFailed');
  // Anything else among the reasons is an error of its own.
  if (!failed.includes(true) || CancellationReasons.some(({ Code = 'None' }, i) => Code !== 'None' && !failed[i])) return undefined;
  const [own, ...others] = CancellationReasons.map(({ Item: item }, i) => ({ failed: failed[i] === true, item: itemOf(item) }));
  return { item: own?.item, companions: others };
};

const itemOf = (item: AttributeMap | undefined): Record<string, unknown> | undefined => item && fromAttributeMap(item);

/**
 * No old item: there is none, or the engine (or a caller's own `ReturnValuesOnConditionCheckFailure: 'NONE'`) does
 * not return it. A function that may write but not read still gets an answer: the item counts as missing.
 */
const readInstead = async (client: DynamoDBDocumentClient, step: Step, refusal: Refusal, abortSignal: AbortSignal): Promise<Round> => {
  const { request, tableName, key, afterRefusal } = step;
  if (request.command === 'transact') return { next: afterRefusal(refusal), inferred: false };
  try {
    const { Item: item } = await client.send(new GetCommand({ TableName: tableName, Key: key, ConsistentRead: true }), { abortSignal });
    const next = afterRefusal({ item, companions: [] });
    if (next.kind === 'refused' && next.results.some(({ kind }) => kind === 'passes')) throw changedMeanwhile();
    return { next, inferred: item !== undefined };
  } catch (error) {
    if (classifyError(error) === 'configuration') return { next: afterRefusal(refusal), inferred: false };
    throw error;
  }
};

/** Only the oplock guards a structured write: when it would hold now, somebody changed the item since; ask again. */
const changedMeanwhile = (): Error =>
  Object.assign(new Error('the item changed between the failed condition and the read of its state'), { $retryable: { throttling: false } });
