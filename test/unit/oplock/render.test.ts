import type { PutCommandInput, UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import { compareOplocks } from '../../../src/oplock/order';
import { inverseCondition } from '../../../src/oplock/inverse';
import { evaluate } from '../../../src/oplock/condition/evaluate';
import { parseCondition } from '../../../src/oplock/condition/parse';
import { renderWrite, type RenderedWrite } from '../../../src/oplock/render/update-item';
import { planWrite, type WriteRequest } from '../../../src/oplock/write';
import { NOW, T, thrownBy, uowOf } from './uow';

const render = (request: WriteRequest): RenderedWrite => renderWrite(planWrite(request, uowOf(), { now: NOW }), 'things');

test('an update', () => {
  const { command, input } = render({ key: { pk: 'a' }, set: { name: 'n', 'odd #:name': [1] }, remove: ['old'] });
  expect(command).toBe('update');
  expect(input).toEqual({
    TableName: 'things',
    Key: { pk: 'a' },
    UpdateExpression: 'SET #o=:o,#t=:t,#n0=:v0,#n1=:v1 REMOVE #n2,#n3,#n4',
    ConditionExpression: 'attribute_not_exists(#o) OR #o < :o OR (#o = :o AND #t < :t)',
    ExpressionAttributeNames: { '#o': 'timestamp', '#t': 'oplockTie', '#n0': 'name', '#n1': 'odd #:name', '#n2': 'old', '#n3': 'deleted', '#n4': 'ttl' },
    ExpressionAttributeValues: { ':o': T, ':t': 'event-1', ':v0': 'n', ':v1': [1] },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
});

test('a tombstone replaces the item', () => {
  const { command, input } = render({ key: { pk: 'a', sk: 'b' }, set: { reason: 'r' }, tombstone: true });
  expect(command).toBe('put');
  expect(input).toEqual({
    TableName: 'things',
    Item: { pk: 'a', sk: 'b', reason: 'r', timestamp: T, oplockTie: 'event-1', deleted: true, ttl: NOW / 1000 + 400 * 86_400 },
    ConditionExpression: 'attribute_not_exists(#o) OR #o < :o OR (#o = :o AND #t < :t)',
    ExpressionAttributeNames: { '#o': 'timestamp', '#t': 'oplockTie' },
    ExpressionAttributeValues: { ':o': T, ':t': 'event-1' },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
});

test('both fit the document client, and a caller\'s own input fits back', () => {
  const own: UpdateCommandInput = { TableName: 't', Key: { pk: 'a' }, UpdateExpression: 'SET a = :a' };
  const rendered: RenderedWrite[] = [{ command: 'update', input: own }, render({ key: { pk: 'a' } })];
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
  const attributes = { oplock: 'o', tie: 't', deleted: 'd', ttl: 'x' };
  const oplocks = [1, 2].flatMap((at) => ['a', 'b', '\uffff', '😀'].map((tie) => ({ at, tie })));

  test.each(oplocks)('%j', (incoming) => {
    const { expression, names, values } = inverseCondition(incoming, attributes);
    const condition = parseCondition(expression);
    for (const stored of oplocks) {
      expect(condition && evaluate(condition, { o: stored.at, t: stored.tie }, { names, values })).toBe(compareOplocks(stored, incoming) < 0);
    }
    expect(condition && evaluate(condition, undefined, { names, values })).toBe(true);
    expect(condition && evaluate(condition, { o: incoming.at }, { names, values })).toBe(false);
  });
});
