import type { UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import { OplockStreamError } from '../../errors';
import { refuseFuture } from '../../oplock/future';
import type { GroupAttempt } from '../../oplock/groups/attempt';
import type { GroupLayout } from '../../oplock/groups/layout';
import { planGroups } from '../../oplock/groups/plan';
import { renderAttempt } from '../../oplock/groups/render';
import { renderWrite, type RenderedWrite } from '../../oplock/render/update-item';
import { verdictOfRequest, verdictOfWrite, type Verdict } from '../../oplock/verdict';
import { planWrite, type OplockOptions, type WriteRequest } from '../../oplock/write';
import type { DroppedGroup } from '../../outcome';
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
  /** Why did the condition fail, given the item that was there? Or, of a write with groups: what is left to be sent? */
  readonly afterRefusal: (oldItem: Record<string, unknown> | undefined) => Verdict | Prepared;
  /** The groups that this write has left out. */
  readonly dropped?: Readonly<Record<string, DroppedGroup>>;
  /** Two structured writes of one event to one item would carry the same oplock: the second could never be applied. */
  readonly exclusive: boolean;
}

export const prepareWrite = (
  write: WriteRequest,
  uow: Uow,
  tableName: string | undefined,
  { layout, ...context }: { readonly now: number; readonly options?: OplockOptions; readonly layout?: GroupLayout | undefined },
): Prepared => {
  const table = requireTable(tableName);
  const planned = layout ? planGroups(write, uow, context, layout) : planWrite(write, uow, context);
  refuseFuture(planned.oplock.at, uow, context);
  if (planned.kind === 'attempt') return prepareAttempt(planned, table);
  return {
    request: renderWrite(planned, table),
    tableName: table,
    key: planned.key,
    item: itemKey(table, planned.key),
    afterRefusal: (oldItem) => verdictOfWrite(planned, oldItem),
    exclusive: true,
  };
};

const prepareAttempt = (attempt: GroupAttempt, table: string): Prepared => ({
  request: renderAttempt(attempt, table),
  tableName: table,
  key: attempt.key,
  item: itemKey(table, attempt.key),
  dropped: attempt.dropped,
  afterRefusal: (oldItem) => {
    const next = attempt.afterRefusal(oldItem);
    return next.kind === 'attempt' ? prepareAttempt(next, table) : next;
  },
  exclusive: true,
});

/** The caller's request goes out as it is; only the table's name and the wish to see the old item are added. */
export const prepareRequest = (
  request: UpdateRequest,
  uow: Partial<Uow>,
  tableName: string | undefined,
  { now, options }: { readonly now: number; readonly options?: OplockOptions },
): Prepared => {
  const table = requireTable(request.TableName ?? tableName);
  const compared = comparedTime(request, uow);
  if (compared !== undefined) refuseSeconds(compared, uow);
  if (typeof request.Key !== 'object' || request.Key === null) {
    throw new OplockStreamError('INVALID_REQUEST', 'the update request has no Key: an UpdateCommand input is `{ Key, UpdateExpression, … }`');
  }
  const proto = findOwnProto({ Key: request.Key, ExpressionAttributeValues: request.ExpressionAttributeValues });
  if (proto !== undefined) {
    throw new OplockStreamError('INVALID_REQUEST', `the update request has a member named __proto__, which the SDK cannot send: ${proto.slice(1, 200)}`);
  }
  if (compared !== undefined) refuseFuture(uow.event?.timestamp, uow, { now, options });
  const input: UpdateCommandInput = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD', ...request, TableName: table };
  return {
    request: { command: 'update', input },
    tableName: table,
    key: request.Key,
    item: itemKey(table, request.Key),
    afterRefusal: (oldItem) => verdictOfRequest(request, oldItem, options?.deletedAttribute === undefined ? {} : { deletedAttribute: options.deletedAttribute }),
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

/** The placeholder by which the condition compares the event's time. */
const comparedTime = ({ ConditionExpression: condition = '', ExpressionAttributeValues: values = {} }: UpdateRequest, { event }: Partial<Uow>): string | undefined =>
  condition.match(/:\w+/g)?.find((name) => Object.hasOwn(values, name) && values[name] === event?.timestamp);

/** A time that is truncated to the second loses against every update of that second. */
const refuseSeconds = (compared: string, { origin }: Partial<Uow>): void => {
  if (origin?.clock !== 'stream-second') return;
  throw new OplockStreamError(
    'SECOND_PRECISION',
    `the condition compares ${compared}, the stream's approximate time, which is truncated to the second: ` +
      'put a millisecond `timestamp` on the row, or use a structured write with `oplock: { by: \'sequence\' }`',
  );
};
