import type { UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import { OplockStreamError } from '../../errors';
import { refuseFuture } from '../../oplock/future';
import type { Reassertion } from '../../oplock/regression/regression';
import { refuseCounters } from '../../oplock/reduce/refuse-counters';
import type { OplockSettings } from '../../oplock/settings';
import { planWrite, type Write, type WriteRequest } from '../../oplock/write';
import type { Uow } from '../../uow';
import { itemKey } from './item-key';
import { findOwnProto } from './own-proto';
import { stepOfReassertion, stepOfRequest, type Step } from './step';

/** Anything that `UpdateCommand` takes; the table name may be left to the sink. */
export type UpdateRequest = Omit<UpdateCommandInput, 'TableName'> & { readonly TableName?: string };

interface Target {
  readonly tableName: string;
  /** Names the item: writes with the same one are serialised. */
  readonly item: string;
}

/** What a uow asks for, checked. A structured write becomes a request when its turn comes: alone, or with others of its item. */
export type Prepared = PreparedWrite | PreparedRequest;

export interface PreparedWrite extends Target {
  readonly kind: 'write';
  readonly write: Write;
}

export interface PreparedRequest extends Target {
  readonly kind: 'request';
  readonly step: Step;
}

export const prepareWrite = (write: WriteRequest, uow: Uow, tableName: string | undefined, now: number, settings: OplockSettings): PreparedWrite => {
  const table = requireTable(tableName);
  const planned = planWrite(write, uow, now, settings);
  refuseFuture(planned.oplock.at, uow, now, settings.maxFutureSkew);
  return { kind: 'write', write: planned, tableName: table, item: itemKey(table, planned.key) };
};

/** What `regressions` found. */
export const prepareReassertion = (attempt: Reassertion, tableName: string | undefined): PreparedRequest => {
  const table = requireTable(tableName);
  return { kind: 'request', step: stepOfReassertion(attempt, table), tableName: table, item: itemKey(table, attempt.key) };
};

/** The caller's request goes out as it is; only the table's name and the wish to see the old item are added. */
export const prepareRequest = (
  request: UpdateRequest,
  uow: Partial<Uow>,
  tableName: string | undefined,
  now: number,
  { attributes, maxFutureSkew, options }: OplockSettings,
): PreparedRequest => {
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
  if (options.allowCounters !== true) refuseCounters(request);
  if (compared !== undefined) refuseFuture(uow.event?.timestamp, uow, now, maxFutureSkew);
  const input = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const, ...request, TableName: table, Key: request.Key };
  return { kind: 'request', step: stepOfRequest(input, attributes.deleted), tableName: table, item: itemKey(table, request.Key) };
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
