import { NumberValueImpl } from '@aws-sdk/util-dynamodb';
import { changesBetween, merge } from '../../../src/bff';

describe('merge', () => {
  const base = { price: 10, buyer: 'ann', note: 'window' };

  it('takes of each field the side that changed it', () => {
    expect(merge<object>(base, { ...base, price: 12 }, { price: 10, buyer: 'bob', note: 'window', held: true })).toEqual({
      merged: { price: 12, buyer: 'bob', note: 'window', held: true },
      unresolved: [],
    });
  });

  it('leaves a field that both changed as it was, and says so', () => {
    expect(merge<object>(base, { ...base, buyer: 'bob', note: 'aisle' }, { ...base, buyer: 'cleo', note: 'aisle' })).toEqual({
      merged: { price: 10, buyer: 'ann', note: 'aisle' },
      unresolved: [{ field: 'buyer', base: 'ann', mine: 'bob', theirs: 'cleo' }],
    });
  });

  it('does not choose between removing and changing', () => {
    const { note: _, ...without } = base;
    const { merged, unresolved } = merge<object>(base, without, { ...base, note: 'aisle' });
    expect(unresolved).toEqual([{ field: 'note', base: 'window', mine: undefined, theirs: 'aisle' }]);
    expect(merged).toEqual(base);
    expect(merge<object>(base, without, base).merged).toEqual(without);
    expect(merge<object>(base, without, without)).toEqual({ merged: without, unresolved: [] });
  });

  it('does not choose between two things that were added', () => {
    expect(merge<object>({}, { a: 1 }, { a: 2 })).toEqual({ merged: {}, unresolved: [{ field: 'a', base: undefined, mine: 1, theirs: 2 }] });
  });

  it('lists what is unresolved by name', () => {
    expect(merge<object>({}, { b: 1, a: 1 }, { a: 2, b: 2 }).unresolved.map(({ field }) => field)).toEqual(['a', 'b']);
  });

  it.each([
    ['sets in another order', new Set(['a', 'b']), new Set(['b', 'a'])],
    ['bytes in a Buffer', Uint8Array.of(1, 2), Buffer.from([1, 2])],
    ['numbers beyond JavaScript', NumberValueImpl.from('12345678901234567890'), NumberValueImpl.from('1234567890123456789e1')],
    ['a bigint and a number', 12n, 12],
    ['what is nested', { a: [{ b: null }], c: 1 }, { c: 1, a: [{ b: null }] }],
    ['an empty set and nothing', new Set(), undefined],
    ['what no table holds, when it is the very same', Symbol.iterator, Symbol.iterator],
  ])('takes for equal: %s', (_what, mine, theirs) => {
    expect(merge<object>({ field: 'before' }, { field: mine }, { field: theirs }).unresolved).toEqual([]);
  });

  it.each([
    ['sets of other members', new Set(['a']), new Set(['b'])],
    ['numbers that a double confuses', NumberValueImpl.from('9007199254740992'), NumberValueImpl.from('9007199254740993')],
    ['a number and its text', 1, '1'],
    ['lists in another order', [1, 2], [2, 1]],
    ['null and nothing', null, undefined],
  ])('takes for different: %s', (_what, mine, theirs) => {
    expect(merge<object>({ field: 'before' }, { field: mine }, { field: theirs }).unresolved).toHaveLength(1);
  });

  it('takes names for names, whatever they mean to JavaScript', () => {
    const mine = JSON.parse('{"__proto__": {"admin": true}, "constructor": 1}');
    const { merged } = merge<object>({}, mine, {});
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
    expect(JSON.stringify(merged)).toBe('{"__proto__":{"admin":true},"constructor":1}');
    expect(merge<object>({ constructor: 1 }, {}, {})).toEqual({ merged: {}, unresolved: [] });
  });
});

describe('changesBetween', () => {
  it('sets what differs, removes what is gone, leaves the rest', () => {
    expect(changesBetween<object>({ price: 10, note: 'window', buyer: 'ann' }, { price: 12, buyer: 'ann', held: true })).toEqual({ price: 12, note: null, held: true });
  });

  it('ignores what it is told to', () => {
    expect(changesBetween<object>({ pk: '1', timestamp: 5, price: 10 }, { price: 12, timestamp: 99 }, ['pk', 'timestamp'])).toEqual({ price: 12 });
  });

  it('is empty when there is nothing to change', () => {
    expect(changesBetween<object>({ a: new Set([1, 2]), b: undefined, c: null }, { a: new Set([2, 1]), d: null, e: new Set() })).toEqual({});
  });

  it('removes with null and with an empty set', () => {
    expect(changesBetween<object>({ a: 1, b: new Set([1]) }, { a: null, b: new Set() })).toEqual({ a: null, b: null });
  });
});
