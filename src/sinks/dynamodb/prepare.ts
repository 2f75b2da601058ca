import type { UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import { OplockStreamError } from '../../errors';
import { renderWrite, type RenderedWrite } from '../../oplock/render/update-item';
import { verdictOfRequest, verdictOfWrite, type Verdict } from '../../oplock/verdict';
import { planWrite, type OplockOptions, type WriteRequest } from '../../oplock/write';
import type { Uow } from '../../uow';
import { itemKey } from './item-key';
import { findOwnProto } from './own-proto';

/** Anything that `UpdateCommand` takes; the table name may be left to the sink. */
export type UpdateRequest = Omit<UpdateCommandInput, 'TableName'> & { readonly TableName?: string };

/** One conditional write, ready to be sent, with what it takes to understand a refusal. */
export interface Prepared {
  readonly request: RenderedWrite;
  readonly tableName: string;
  readonly key: Readonly<Record<string, unknown>>;
  /** Names the item: writes with the same one are serialised. */
  readonly item: string;
  /** Why did the condition fail, given the item that was there? */
  readonly verdict: (oldItem: Record<string, unknown> | undefined) => Verdict;
  /** Two structured writes of one event to one item would carry the same oplock: the second could never be applied. */
  readonly exclusive: boolean;
}

export const prepareWrite = (
  write: WriteRequest,
  uow: Uow,
  tableName: string | undefined,
  context: { readonly now: number; readonly options?: OplockOptions },
): Prepared => {
  const table = requireTable(tableName);
  const planned = planWrite(write, uow, context);
  return {
    request: renderWrite(planned, table),
    tableName: table,
    key: planned.key,
    item: itemKey(table, planned.key),
    verdict: (oldItem) => verdictOfWrite(planned, oldItem),
    exclusive: true,
  };
};

/** The caller's request goes out as it is; only the table's name and the wish to see the old item are added. */
export const prepareRequest = (request: UpdateRequest, uow: unknown, tableName: string | undefined, options?: OplockOptions): Prepared => {
  const table = requireTable(request.TableName ?? tableName);
  refuseSeconds(request, uow as Partial<Uow>);
  if (typeof request.Key !== 'object' || request.Key === null) {
    throw new OplockStreamError('INVALID_REQUEST', 'the update request has no Key: an UpdateCommand input is `{ Key, UpdateExpression, … }`');
  }
  const proto = findOwnProto({ Key: request.Key, ExpressionAttributeValues: request.ExpressionAttributeValues });
  if (proto !== undefined) {
    throw new OplockStreamError('INVALID_REQUEST', `the update request has a member named __proto__, which the SDK cannot send: ${proto.slice(1, 200)}`);
  }
  const input: UpdateCommandInput = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD', ...request, TableName: table };
  return {
    request: { command: 'update', input },
    tableName: table,
    key: request.Key,
    item: itemKey(table, request.Key),
    verdict: (oldItem) => verdictOfRequest(request, oldItem, options?.deletedAttribute === undefined ? {} : { deletedAttribute: options.deletedAttribute }),
    exclusive: false,
  };
};

const requireTable = (name: string | undefined): string => {
  if (name) return name;
  throw new OplockStreamError(
    'NO_TABLE',
    'no table name: give `tableName` to update(), createHandler() or the rule, or set ENTITY_TABLE_NAME',
  );
};

/** A time that is truncated to the second loses against every update of that second. */
const refuseSeconds = ({ ConditionExpression: condition = '', ExpressionAttributeValues: values = {} }: UpdateRequest, { origin, event }: Partial<Uow>): void => {
  if (origin?.clock !== 'stream-second') return;
  const compared = condition.match(/:\w+/g)?.find((name) => Object.hasOwn(values, name) && values[name] === event?.timestamp);
  if (compared === undefined) return;
  throw new OplockStreamError(
    'SECOND_PRECISION',
    `the condition compares ${compared}, the stream's approximate time, which is truncated to the second: ` +
      'put a millisecond `timestamp` on the row, or use a structured write with `oplock: { by: \'sequence\' }`',
  );
};
