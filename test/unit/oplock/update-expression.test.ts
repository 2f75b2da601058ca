import { aliasOf } from '../../../src/oplock/placeholders';
import { pkCondition } from '../../../src/oplock/pk-condition';
import { timestampCondition } from '../../../src/oplock/timestamp-condition';
import { updateExpression } from '../../../src/oplock/update-expression';
import { thrownBy } from './uow';

describe('updateExpression', () => {
  test('sets, removes, adds and deletes', () => {
    const tags = new Set(['a']);
    const old = new Set(['b']);
    expect(updateExpression({ name: 'n', status: null, nothing: undefined, tags, labels_delete: old, timestamp: 5 })).toEqual({
      ExpressionAttributeNames: { '#name': 'name', '#status': 'status', '#tags': 'tags', '#labels': 'labels', '#timestamp': 'timestamp' },
      ExpressionAttributeValues: { ':name': 'n', ':tags': tags, ':labels_delete': old, ':timestamp': 5 },
      UpdateExpression: 'SET #name = :name, #timestamp = :timestamp REMOVE #status ADD #tags :tags DELETE #labels :labels_delete',
      ReturnValues: 'ALL_NEW',
    });
  });

  test.each([true, 'yes', 0, ['a'], {}])('`soft_delete` with %p is an attribute like others', (value) => {
    expect(updateExpression({ soft_delete: value })).toMatchObject({ UpdateExpression: 'SET #soft_delete = :soft_delete', ExpressionAttributeNames: { '#soft_delete': 'soft_delete' } });
  });

  test('a set and its deletions together are refused with the reason', () => {
    for (const tags of [new Set(['a']), ['a'], null]) {
      const error = thrownBy(() => updateExpression({ tags, tags_delete: new Set(['b']) }));
      expect(error.code).toBe('INVALID_WRITE');
      expect(error.message).toContain('overlapping');
    }
    expect(updateExpression({ tags: undefined, tags_delete: new Set(['b']) }).UpdateExpression).toBe('DELETE #tags :tags_delete');
  });

  test('an empty set adds and deletes nothing', () => {
    expect(updateExpression({ tags: new Set(), labels_delete: new Set(), a: 1 })).toEqual(updateExpression({ a: 1 }));
  });

  test('what would be empty is not there', () => {
    expect(updateExpression({ a: undefined })).toEqual({ ReturnValues: 'ALL_NEW' });
    expect(updateExpression({})).toEqual({ ReturnValues: 'ALL_NEW' });
    expect(updateExpression({ a: null })).toEqual({ ExpressionAttributeNames: { '#a': 'a' }, UpdateExpression: 'REMOVE #a', ReturnValues: 'ALL_NEW' });
  });

  test('hostile names stay names', () => {
    const item = JSON.parse('{"constructor":2,"toString":0,"a.b":3,"#x":4,":y":5,"a = :b REMOVE pk":6,"😀":7,"\\"":8}') as Record<string, unknown>;
    const { UpdateExpression: text = '', ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} } = updateExpression(item);
    expect(text).toMatch(/^SET #\w+ = :\w+(, #\w+ = :\w+)*$/);
    expect(Object.values(names).sort()).toEqual(Object.keys(item).sort());
    expect(Object.values(values)).toEqual(Object.values(item));
  });

  test('a prototype for everybody who reads the item is refused, its removal is not', () => {
    expect(thrownBy(() => updateExpression(JSON.parse('{"__proto__":{"isAdmin":true}}')))).toMatchObject({ code: 'INVALID_WRITE', details: { path: 'updateExpression.__proto__' } });
    expect(updateExpression(JSON.parse('{"__proto__":null}'))).toEqual({ ExpressionAttributeNames: { '#__proto__': '__proto__' }, UpdateExpression: 'REMOVE #__proto__', ReturnValues: 'ALL_NEW' });
  });

  test.each([[null], [undefined], ['x'], [[]]])('%p is no item', (item) => {
    expect(thrownBy(() => updateExpression(item as never)).code).toBe('INVALID_WRITE');
  });

  test('an empty name is refused', () => {
    expect(thrownBy(() => updateExpression({ '': 1 })).code).toBe('INVALID_WRITE');
  });
});

describe('aliases', () => {
  test.each(['name', '_op', 'a_b', 'camelCase9', '0', 'x_1', 'max_x', '_x', 'a_x2d', 'x'.repeat(254)])('%s is its own', (name) => {
    expect(aliasOf(name)).toBe(name);
  });

  test.each([['a-b', 'a_x2d_b'], ['é', '_xe9_'], ['😀', '_x1f600_'], ['_x2d_', '_x5f_x2d_'], ['_x-', '_x5f_x_x2d_']])('%s is escaped as %s', (name, alias) => {
    expect(aliasOf(name)).toBe(alias);
  });

  test('long names have short aliases that differ', () => {
    const names = ['a'.repeat(255), 'a'.repeat(256), '😀'.repeat(255), `${'a'.repeat(255)}b`, `b${'a'.repeat(255)}`, '-'.repeat(255), '-'.repeat(1_000)];
    const aliases = names.map(aliasOf);
    expect(new Set(aliases).size).toBe(names.length);
    for (const alias of aliases) expect(alias).toMatch(/^\w{1,254}$/);
  });
});

describe('conditions to spread', () => {
  test('timestampCondition', () => {
    expect(timestampCondition()).toEqual({ ConditionExpression: 'attribute_not_exists(#timestamp) OR #timestamp < :timestamp' });
    expect(timestampCondition('a-b')).toEqual({ ConditionExpression: 'attribute_not_exists(#a_x2d_b) OR #a_x2d_b < :a_x2d_b' });
    expect(thrownBy(() => timestampCondition('')).code).toBe('INVALID_WRITE');
  });

  test.each(['timestamp', 'my time', 'constructor', '😀'.repeat(255)])('agrees with updateExpression about %j', (field) => {
    const update = updateExpression(Object.fromEntries([[field, 5]]));
    const used = timestampCondition(field).ConditionExpression.match(/[#:]\w+/g) ?? [];
    expect(new Set(used)).toEqual(new Set([...Object.keys(update.ExpressionAttributeNames ?? {}), ...Object.keys(update.ExpressionAttributeValues ?? {})]));
  });

  test('pkCondition', () => {
    expect(pkCondition()).toEqual({ ConditionExpression: 'attribute_not_exists(pk)' });
    expect(pkCondition('sk1')).toEqual({ ConditionExpression: 'attribute_not_exists(sk1)' });
  });

  test.each(['name', 'TimeStamp', 'a-b', '_a', '1a', '', 'a b', 'pk) OR attribute_exists(pk'])('pkCondition refuses %j and says what to write', (field) => {
    const error = thrownBy(() => pkCondition(field));
    expect(error.code).toBe('INVALID_WRITE');
    expect(error.message).toContain('attribute_not_exists(#key)');
  });
});
