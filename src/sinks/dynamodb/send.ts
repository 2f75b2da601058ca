import { GetCommand, PutCommand, UpdateCommand, type DynamoDBDocumentClient, type UpdateCommandOutput } from '@aws-sdk/lib-dynamodb';
import { fromAttributeMap, type AttributeMap } from '../../attribute-value';
import { classifyError } from '../../faults/classify';
import type { Verdict } from '../../oplock/verdict';
import type { Prepared } from './prepare';

/** The table's answer to one conditional write. */
export type Answer =
  /** `dropped`: the groups that were left out, by name. */
  | { readonly applied: true; readonly response: UpdateCommandOutput; readonly dropped: NonNullable<Prepared['dropped']>; readonly inferred: boolean }
  /** `inferred`: the engine did not return the old item, a consistent read stood in for it. */
  | { readonly applied: false; readonly verdict: Verdict; readonly inferred: boolean };

/** An update loses a group with each round; only a delete can take more rounds than that, while others keep writing. */
const MAX_ROUNDS = 50;

/** Sends a write once, and what is left of it after a refusal. A failed condition is an answer; every other error is thrown. */
export const sendOnce = async (client: DynamoDBDocumentClient, write: Prepared, abortSignal: AbortSignal): Promise<Answer> => {
  let left = write;
  let inferred = false;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const answer = await sendRound(client, left, abortSignal);
    if ('response' in answer) return { applied: true, response: answer.response, dropped: left.dropped ?? {}, inferred };
    inferred ||= answer.inferred;
    if ('kind' in answer.next) return { applied: false, verdict: answer.next, inferred };
    left = answer.next;
  }
  throw changedMeanwhile();
};

type Round = { readonly response: UpdateCommandOutput } | { readonly next: Verdict | Prepared; readonly inferred: boolean };

const sendRound = async (client: DynamoDBDocumentClient, write: Prepared, abortSignal: AbortSignal): Promise<Round> => {
  const { request } = write;
  try {
    const response: UpdateCommandOutput =
      request.command === 'put'
        ? await client.send(new PutCommand(request.input), { abortSignal })
        : await client.send(new UpdateCommand(request.input), { abortSignal });
    return { response };
  } catch (error) {
    if ((error as { name?: unknown }).name !== 'ConditionalCheckFailedException') throw error;
    // The document client leaves the item of an error as the wire has it.
    const { Item: item } = error as { Item?: AttributeMap };
    if (item) return { next: write.afterRefusal(fromAttributeMap(item)), inferred: false };
    return readInstead(client, write, abortSignal);
  }
};

/**
 * No old item: there is none, or the engine (or a caller's own `ReturnValuesOnConditionCheckFailure: 'NONE'`) does
 * not return it. A function that may write but not read still gets an answer: the item counts as missing.
 */
const readInstead = async (client: DynamoDBDocumentClient, write: Prepared, abortSignal: AbortSignal): Promise<Round> => {
  try {
    const { Item: item } = await client.send(new GetCommand({ TableName: write.tableName, Key: write.key, ConsistentRead: true }), { abortSignal });
    const next = write.afterRefusal(item);
    if (write.exclusive && 'kind' in next && next.kind === 'conflict') throw changedMeanwhile();
    return { next, inferred: item !== undefined };
  } catch (error) {
    if (classifyError(error) === 'configuration') return { next: write.afterRefusal(undefined), inferred: false };
    throw error;
  }
};

/** Only the oplock guards a structured write: when it would hold now, somebody changed the item since; ask again. */
const changedMeanwhile = (): Error =>
  Object.assign(new Error('the item changed between the failed condition and the read of its state'), { $retryable: { throttling: false } });
