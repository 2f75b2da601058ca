import { GetCommand, PutCommand, UpdateCommand, type DynamoDBDocumentClient, type UpdateCommandOutput } from '@aws-sdk/lib-dynamodb';
import { fromAttributeMap, type AttributeMap } from '../../attribute-value';
import { classifyError } from '../../faults/classify';
import type { Verdict } from '../../oplock/verdict';
import type { Prepared } from './prepare';

/** The table's answer to one conditional write. */
export type Answer =
  | { readonly applied: true; readonly response: UpdateCommandOutput }
  /** `inferred`: the engine did not return the old item, a consistent read stood in for it. */
  | { readonly applied: false; readonly verdict: Verdict; readonly inferred: boolean };

/** Sends a write once. A failed condition is an answer; every other error is thrown. */
export const sendOnce = async (client: DynamoDBDocumentClient, write: Prepared, abortSignal: AbortSignal): Promise<Answer> => {
  const { request } = write;
  try {
    const response: UpdateCommandOutput =
      request.command === 'put'
        ? await client.send(new PutCommand(request.input), { abortSignal })
        : await client.send(new UpdateCommand(request.input), { abortSignal });
    return { applied: true, response };
  } catch (error) {
    if ((error as { name?: unknown }).name !== 'ConditionalCheckFailedException') throw error;
    // The document client leaves the item of an error as the wire has it.
    const { Item: item } = error as { Item?: AttributeMap };
    if (item) return { applied: false, verdict: write.verdict(fromAttributeMap(item)), inferred: false };
    return readInstead(client, write, abortSignal);
  }
};

/**
 * No old item: there is none, or the engine (or a caller's own `ReturnValuesOnConditionCheckFailure: 'NONE'`) does
 * not return it. A function that may write but not read still gets an answer: the item counts as missing.
 */
const readInstead = async (client: DynamoDBDocumentClient, write: Prepared, abortSignal: AbortSignal): Promise<Answer> => {
  try {
    const { Item: item } = await client.send(new GetCommand({ TableName: write.tableName, Key: write.key, ConsistentRead: true }), { abortSignal });
    const verdict = write.verdict(item);
    if (write.exclusive && verdict.kind === 'conflict') throw changedMeanwhile();
    return { applied: false, verdict, inferred: item !== undefined };
  } catch (error) {
    if (classifyError(error) === 'configuration') return { applied: false, verdict: write.verdict(undefined), inferred: false };
    throw error;
  }
};

/** Only the oplock guards a structured write: when it would hold now, somebody changed the item since; ask again. */
const changedMeanwhile = (): Error =>
  Object.assign(new Error('the item changed between the failed condition and the read of its state'), { $retryable: { throttling: false } });
