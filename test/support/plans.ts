import type { Attempt, Item, Result } from '../../src/oplock/attempt/attempt';
import { renderAttempt, type RenderedWrite, type UpdateInput } from '../../src/oplock/attempt/render';
import type { OplockOptions } from '../../src/oplock/options';
import { planItem } from '../../src/oplock/plan/item';
import { settingsOf } from '../../src/oplock/settings';
import { planWrite, type Write, type WriteRequest } from '../../src/oplock/write';
import type { Uow } from '../../src/uow';
import { NOW } from '../unit/oplock/uow';

/** What an event asks for, checked, under these options. */
export const planned = (request: WriteRequest, uow: Uow, options: OplockOptions = {}, now = NOW): Write => planWrite(request, uow, now, settingsOf(options));

/** The first attempt of one event. */
export const attemptOf = (write: Write, options: OplockOptions = {}): Attempt => planItem([write], settingsOf(options));

export type SingleRequest = Exclude<RenderedWrite, { command: 'transact' | 'delete' }>;

/** The request of the first attempt of one event. */
export const rendered = (write: Write, table = 't', options: OplockOptions = {}): SingleRequest => single(attemptOf(write, options), table);

/** The request of an attempt that is no transaction. */
export const single = (attempt: Attempt, table = 't'): SingleRequest => {
  const request = renderAttempt(attempt, table);
  if (request.command === 'transact' || request.command === 'delete') throw new Error(`a single write was expected, not ${request.command}`);
  return request;
};

/** What is left after the table has refused an attempt of one event, with this item there: another attempt, or what the event ended in. */
export const afterRefusal = (attempt: Attempt, item: Item | undefined): Attempt | Result => {
  const next = attempt.afterRefusal({ item, companions: [] });
  return next.kind === 'attempt' ? next : next.results[0] as Result;
};

/** Why the table refused one event. */
export const verdictOf = (write: Write, item: Item | undefined, options: OplockOptions = {}): Result => afterRefusal(attemptOf(write, options), item) as Result;

/** The groups that an attempt of one event has left out, by name. */
export const droppedOf = ({ results: [result] }: Attempt): object => (result?.kind === 'narrowed' ? result.dropped : {});

/** `SET #0=:0 …` with the names and values themselves. */
export const spelled = ({ UpdateExpression: update = '', ConditionExpression: condition = '', ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} }: Pick<UpdateInput, 'UpdateExpression' | 'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'>) => {
  const spell = (text: string): string => text.replace(/#\w+/g, (name) => names[name] ?? '?').replace(/:\w+/g, (value) => JSON.stringify(values[value]) ?? '?');
  return { update: spell(update), condition: spell(condition) };
};
