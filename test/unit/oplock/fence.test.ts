import { fence } from '../../../src';
import { timestampCondition } from '../../../src/oplock/timestamp-condition';
import { updateExpression } from '../../../src/oplock/update-expression';
import { thrownBy } from './uow';

const OWN = { ExpressionAttributeNames: { '#fence': 'fence' }, ExpressionAttributeValues: { ':fence': 7 } };
const CONDITION = 'attribute_not_exists(#fence) OR #fence <= :fence';

describe('fence', () => {
  test('of an update, a put and a check', () => {
    const Key = { pk: 'a' };
    expect(fence(7).update({ Key })).toEqual({ Key, ...OWN, ConditionExpression: CONDITION, UpdateExpression: 'SET #fence = :fence' });
    expect(fence(7).put({ Item: { pk: 'a', n: 1 } })).toEqual({ ...OWN, ConditionExpression: CONDITION, Item: { pk: 'a', n: 1, fence: 7 } });
    expect(fence(7).check({ Key })).toEqual({ Key, ...OWN, ConditionExpression: CONDITION });
    expect(fence(0, { attribute: 'a token' }).put({ Item: {} })).toMatchObject({ ExpressionAttributeNames: { '#fence': 'a token' }, Item: { 'a token': 0 } });
  });

  test.each([
    ['a', '(a) AND (f)'],
    ['a OR b', '(a OR b) AND (f)'],
    ['(a OR b)', '(a OR b) AND (f)'],
    [' (a AND (b)) ', ' (a AND (b))  AND (f)'],
    ['(a) OR (b)', '((a) OR (b)) AND (f)'],
    ['attribute_exists(a)', '(attribute_exists(a)) AND (f)'],
  ])('beside the condition %p', (given, expected) => {
    expect(fence(7).check({ ConditionExpression: given }).ConditionExpression).toBe(expected.replace('(f)', `(${CONDITION})`));
  });

  test.each([
    ['SET #a = :a', 'SET #fence = :fence, #a = :a'],
    ['set #a = :a REMOVE #b', 'SET #fence = :fence, #a = :a REMOVE #b'],
    ['REMOVE #b SET #a = :a', 'REMOVE #b SET #fence = :fence, #a = :a'],
    ['REMOVE #set , a.set  , #b', 'SET #fence = :fence REMOVE #set , a.set  , #b'],
    ['ADD #offset :set ', 'SET #fence = :fence ADD #offset :set '],
    ['', 'SET #fence = :fence'],
  ])('beside the update %p', (given, expected) => {
    expect(fence(7).update({ UpdateExpression: given }).UpdateExpression).toBe(expected);
  });

  test('placeholders that are in use stay as they are', () => {
    const mine = { ExpressionAttributeNames: { '#fence': 'garden', '#fence_': 'x' }, ExpressionAttributeValues: { ':fence': 'wood' } };
    const given = fence(7).update({ ...mine, UpdateExpression: 'SET #fence = :fence, #fence_ = :fence' });
    expect(given).toEqual({
      ExpressionAttributeNames: { ...mine.ExpressionAttributeNames, '#fence__': 'fence' },
      ExpressionAttributeValues: { ...mine.ExpressionAttributeValues, ':fence_': 7 },
      UpdateExpression: 'SET #fence__ = :fence_, #fence = :fence, #fence_ = :fence',
      ConditionExpression: 'attribute_not_exists(#fence__) OR #fence__ <= :fence_',
    });
    expect(mine.ExpressionAttributeValues).toEqual({ ':fence': 'wood' });
  });

  test('beside updateExpression and timestampCondition', () => {
    expect(fence(7).update({ Key: { pk: 'a' }, ...updateExpression({ name: 'n', old: null, timestamp: 5 }), ...timestampCondition() })).toEqual({
      Key: { pk: 'a' },
      ReturnValues: 'ALL_NEW',
      ExpressionAttributeNames: { '#name': 'name', '#old': 'old', '#timestamp': 'timestamp', '#fence': 'fence' },
      ExpressionAttributeValues: { ':name': 'n', ':timestamp': 5, ':fence': 7 },
      UpdateExpression: 'SET #fence = :fence, #name = :name, #timestamp = :timestamp REMOVE #old',
      ConditionExpression: `(attribute_not_exists(#timestamp) OR #timestamp < :timestamp) AND (${CONDITION})`,
    });
  });

  test.each([undefined, -1, 1.5, Number.NaN, 2 ** 53, '7', null])('%p is no token', (token) => {
    const error = thrownBy(() => fence(token as number));
    expect(error.code).toBe('INVALID_WRITE');
    expect(error.message).toContain('exclusive');
  });

  test.each(['', '__proto__', 5])('%p is no attribute', (attribute) => {
    expect(thrownBy(() => fence(7, { attribute: attribute as string })).code).toBe('INVALID_WRITE');
  });
});
