import { GetCommand, PutCommand, UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { fromAttributeMap, type AttributeMap } from '../attribute-value';
import type { Budget } from '../ledger/deadline';
import { DeadlineError, withRetry } from '../retry';
import { CommandError } from './errors';
import type { Planned, PlannedRequest } from './plan/plan';
import type { Item, Key } from './result';

/** Of one command, over all its requests. */
export interface Run extends Budget {
  /** A request of this command was sent more than once: an earlier one may have been executed. */
  ambiguous: boolean;
}

export type Answer =
  | { readonly applied: true; readonly item: Item }
  /** With the item that was there. */
  | { readonly applied: false; readonly old: Item | undefined };

/** Tries of one request, on top of the SDK's own. */
const MAX_ATTEMPTS = 4;

/** Calls the table until it answers. Throws `COMMAND_STOPPED` when the time is up, else what the table threw last. */
export const callTable = async <A>(run: Run, request: (signal: AbortSignal) => Promise<A>): Promise<A> => {
  let tries = 0;
  try {
    return await withRetry(
      (signal) => {
        tries += 1;
        if (tries > 1) run.ambiguous = true;
        return request(signal);
      },
      run,
      { maxAttempts: MAX_ATTEMPTS },
    );
  } catch (error) {
    throw error instanceof DeadlineError ? stopped(error) : error;
  }
};

const stopped = (cause: unknown): CommandError =>
  new CommandError('COMMAND_STOPPED', 503, 'the command was stopped before the table had answered: it may have been applied. Send it again with the same commandId', { cause });

/** Sends a planned write. A refusal is an answer; every other error is thrown. */
export const sendPlanned = (client: DynamoDBDocumentClient, planned: Planned, run: Run): Promise<Answer> =>
  callTable(run, async (abortSignal) => {
    try {
      return { applied: true, item: await write(client, planned.request, abortSignal) };
    } catch (error) {
      const { name, Item: old, $metadata } = error as { name?: unknown; Item?: AttributeMap; $metadata?: { attempts?: number } };
      if (($metadata?.attempts ?? 1) > 1) run.ambiguous = true;
      const refused = name === 'ConditionalCheckFailedException';
      if (!refused && !(planned.shifts && lacksList(error))) throw error;
      // The document client leaves the item of an error as the wire has it. Without one there is no item, or the
      // engine does not return it, or the request was refused for the form of the item.
      return { applied: false, old: refused && old ? fromAttributeMap(old) : await read(client, planned, abortSignal) };
    }
  });

const write = async (client: DynamoDBDocumentClient, request: PlannedRequest, abortSignal: AbortSignal): Promise<Item> => {
  if (request.operation === 'put') {
    await client.send(new PutCommand(request.input), { abortSignal });
    return request.input.Item;
  }
  if (request.operation === 'check') throw new TypeError('a check is a part of a transaction');
  const { Attributes: item } = await client.send(new UpdateCommand({ ...request.input, ReturnValues: 'ALL_NEW' }), { abortSignal });
  return item ?? {};
};

/** An item that something else wrote has no list of recent commands to be shifted. */
export const lacksList = (error: unknown): boolean =>
  (error as { name?: unknown }).name === 'ValidationException' && /document path/i.test(String((error as { message?: unknown }).message));

const read = async (client: DynamoDBDocumentClient, { request, command }: Planned, signal: AbortSignal): Promise<Item | undefined> =>
  getItem(client, request.input.TableName, command.key, { consistent: true, signal });

export const getItem = async (
  client: DynamoDBDocumentClient, tableName: string, key: Key, { consistent, signal }: { readonly consistent: boolean; readonly signal: AbortSignal },
): Promise<Item | undefined> => {
  const { Item: item } = await client.send(new GetCommand({ TableName: tableName, Key: { ...key }, ConsistentRead: consistent }), { abortSignal: signal });
  return item;
};
