import type { PutCommandInput, UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import { compareOplocks } from '../../../src/oplock/order';
import { conditionOf } from '../../../src/oplock/attempt/requirement';
import { evaluate } from '../../../src/oplock/condition/evaluate';
import { parseCondition } from '../../../src/oplock/condition/parse';
import { createExpression } from '../../../src/oplock/expression';
import type { WriteRequest } from '../../../src/oplock/write';
import { planned, rendered as renderedWrite, type SingleRequest } from '../../support/plans';
import { NOW, T, thrownBy, uowOf } from './uow';

const render = (request: WriteRequest): SingleRequest => renderedWrite(planned(request, uowOf()), 'things');

test('an update', () => {
  const { command, input } = render({ key: { pk: 'a' }, set: { name: 'n', 'odd #:name': [1] }, remove: ['old'] });
  expect(command).toBe('update');
  expect(input).toEqual({
    TableName: 'things',
    Key: { pk: 'a' },
    UpdateExpression: 'SET #0=:0,#1=:1,#2=:2,#3=:3 REMOVE #4,#5,#6',
    ConditionExpression: 'attribute_not_exists(#0) OR #0 < :0 OR (#0 = :0 AND #1 < :1)',
    ExpressionAttributeNames: { '#0': 'timestamp', '#1': 'oplockTie', '#2': 'name', '#3': 'odd #:name', '#4': 'old', '#5': 'deleted', '#6': 'ttl' },
    ExpressionAttributeValues: { ':0': T, ':1': 'event-1', ':2': 'n', ':3': [1] },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
});

test('a tombstone replaces the item', () => {
  const { command, input } = render({ key: { pk: 'a', sk: 'b' }, set: { reason: 'r' }, tombstone: true });
  expect(command).toBe('put');
  expect(input).toEqual({
    TableName: 'things',
    Item: { pk: 'a', sk: 'b', reason: 'r', timestamp: T, oplockTie: 'event-1', deleted: true, ttl: NOW / 1000 + 400 * 86_400 },
    ConditionExpression: 'attribute_not_exists(#0) OR #0 < :0 OR (#0 = :0 AND #1 < :1)',
    ExpressionAttributeNames: { '#0': 'timestamp', '#1': 'oplockTie' },
    ExpressionAttributeValues: { ':0': T, ':1': 'event-1' },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
});

test('both fit the document client, and a caller\'s own input fits back', () => {
  const own: UpdateCommandInput = { TableName: 't', Key: { pk: 'a' }, UpdateExpression: 'SET a = :a' };
  const rendered: SingleRequest[] = [{ command: 'update', input: own }, render({ key: { pk: 'a' } })];
  const inputs = rendered.map((one): UpdateCommandInput | PutCommandInput => (one.command === 'put' ? one.input : one.input));
  expect(inputs.map((one) => one.TableName)).toEqual(['t', 'things']);
});

test('hundreds of attributes fit, thousands are refused with the reason', () => {
  const many = (count: number): WriteRequest => ({ key: { pk: 'a' }, set: Object.fromEntries(Array.from({ length: count }, (_, i) => [`a rather long attribute name ${i}`, i])) });
  const { input } = render(many(380));
  expect(Object.keys(input.ExpressionAttributeNames ?? {})).toHaveLength(380 + 4);
  const error = thrownBy(() => render(many(2_000)));
  expect(error.code).toBe('INVALID_WRITE');
  expect(error.message).toContain('4096');
});

describe('the inverse condition holds exactly for newer events', () => {
  const place = { name: 'rest', oplock: 'o', tie: 't' };
  const oplocks = [1, 2].flatMap((at) => ['a', 'b', '\uffff', '😀'].map((tie) => ({ at, tie })));

  test.each(oplocks)('%j', (incoming) => {
    const expression = createExpression();
    const condition = parseCondition(conditionOf({ is: 'older', place, than: incoming }, expression));
    const { ExpressionAttributeNames: names, ExpressionAttributeValues: values } = expression.attributes();
    for (const stored of oplocks) {
      expect(condition && evaluate(condition, { o: stored.at, t: stored.tie }, { names, values })).toBe(compareOplocks(stored, incoming) < 0);
    }
    expect(condition && evaluate(condition, undefined, { names, values })).toBe(true);
    expect(condition && evaluate(condition, { o: incoming.at }, { names, values })).toBe(false);
  });
});
