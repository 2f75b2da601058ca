import { PutCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { fromAttributeMap, type AttributeMap } from '../attribute-value';
import { callTable, sendWrite, type Run } from './call-table';
import { CommandError } from './errors';
import { ExactGetCommand, ExactUpdateCommand } from '../sinks/dynamodb/exact';
import type { Planned, PlannedRequest } from './plan/plan';
import type { Item, Key } from './result';

export type Answer =
  | { readonly applied: true; readonly item: Item }
  /** With the item that was there. */
  | { readonly applied: false; readonly old: Item | undefined };

/** Sends a planned write. A refusal is an answer; every other error is thrown. */
export const sendPlanned = (client: DynamoDBDocumentClient, planned: Planned, run: Run): Promise<Answer> =>
  callTable(run, async (abortSignal) => {
    try {
      return { applied: true, item: await sendWrite(run, () => write(client, planned.request, abortSignal)) };
    } catch (error) {
      const { name, Item: old } = error as { name?: unknown; Item?: AttributeMap };
      const refused = name === 'ConditionalCheckFailedException';
      if (!refused && !(planned.shifts && lacksList(error))) throw asTooLarge(error);
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
  const { Attributes: item } = await client.send(new ExactUpdateCommand({ ...request.input, ReturnValues: 'ALL_NEW' }), { abortSignal });
  return item ?? {};
};

const isInvalid = (error: unknown, message: RegExp): boolean =>
  (error as { name?: unknown }).name === 'ValidationException' && message.test(String((error as { message?: unknown }).message));

/** An item that something else wrote has no list of recent commands to be shifted. */
export const lacksList = (error: unknown): boolean => isInvalid(error, LACKS_LIST);
export const LACKS_LIST = /document path/i;

/** Only the table knows how large an item is that has grown. */
const asTooLarge = (error: unknown): unknown =>
  isInvalid(error, TOO_LARGE) ? new CommandError('ITEM_TOO_LARGE', 413, 'the item would be larger than the 400 KB that DynamoDB takes: nothing was written', { cause: error }) : error;
export const TOO_LARGE = /^item size/i;

const read = (client: DynamoDBDocumentClient, { request, command }: Planned, signal: AbortSignal): Promise<Item | undefined> =>
  getItem(client, request.input.TableName, command.key, { consistent: true, signal });

export const getItem = async (
  client: DynamoDBDocumentClient, tableName: string, key: Key, { consistent, signal }: { readonly consistent: boolean; readonly signal: AbortSignal },
): Promise<Item | undefined> => {
  const { Item: item } = await client.send(new ExactGetCommand({ TableName: tableName, Key: { ...key }, ConsistentRead: consistent }), { abortSignal: signal });
  return item;
};
