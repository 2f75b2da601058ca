import { NumberValue } from '@aws-sdk/lib-dynamodb';
import { compareValues, equalValues, setContains } from '../../../src/oplock/value/compare';
import { compareNumbers, numberKey, parseDecimal } from '../../../src/oplock/value/number';
import { entriesOf, memberOf, typeOf } from '../../../src/oplock/value/type';

describe('typeOf', () => {
  test.each([
    ['S', ''], ['N', 1.5], ['N', 2n ** 80n], ['N', NumberValue.from('1.00000000000000000000000000001')], ['B', new Uint8Array([1])], ['B', Buffer.from('a')],
    ['BOOL', false], ['NULL', null], ['SS', new Set(['a'])], ['NS', new Set([1, 2n])], ['BS', new Set([new Uint8Array([1])])], ['L', []], ['M', {}],
    ['M', Object.create(null)], ['M', new Map([['a', 1]])], ['M', JSON.parse('{"constructor":{"name":"Set"}}')],
  ])('%s', (type, value) => {
    expect(typeOf(value)).toBe(type);
  });

  test.each([
    ['undefined', undefined], ['NaN', NaN], ['Infinity', Infinity], ['a function', () => 1], ['a symbol', Symbol('x')], ['a date', new Date(0)],
    ['an empty set', new Set()], ['a mixed set', new Set(['a', 1])], ['a set of maps', new Set([{}])], ['a boxed string', Object('x')],
  ])('%s has none', (_, value) => {
    expect(typeOf(value)).toBeUndefined();
  });

  test('a map with a member `value` is no number', () => {
    expect(typeOf({ value: '1' })).toBe('M');
    expect(typeOf({ value: { value: '1' } })).toBe('M');
  });
});

describe('numbers are compared as decimals', () => {
  test.each<[string, string]>([
    ['9007199254740992', '9007199254740993'], ['-1', '0'], ['-2', '-1'], ['0.1', '0.10000000000000000000001'], ['9.99', '10'], ['1E-130', '1E-129'],
    ['-1E125', '-9E124'], ['9E124', '1E125'], ['0.5', '0.75'], ['99', '100'], ['-0.5', '0.4'], ['-100', '-99'], ['0', '1E-130'], ['-1E-130', '0'],
  ])('%s < %s', (a, b) => {
    expect(compareNumbers(NumberValue.from(a), NumberValue.from(b))).toBe(-1);
    expect(compareNumbers(NumberValue.from(b), NumberValue.from(a))).toBe(1);
  });

  test.each<[string, string]>([['1.50', '15E-1'], ['0', '-0.00'], ['1e3', '1000'], ['.5', '0.5'], ['+7', '7.'], ['0e99', '0']])('%s = %s', (a, b) => {
    expect(compareNumbers({ value: a }, { value: b })).toBe(0);
    expect(numberKey({ value: a })).toBe(numberKey({ value: b }));
  });

  test('numbers, bigints and texts with each other', () => {
    expect(compareNumbers(2 ** 53, 2n ** 53n + 1n)).toBe(-1);
    expect(compareNumbers(NumberValue.from('9007199254740993'), 2n ** 53n)).toBe(1);
    expect(compareNumbers(5, 5n)).toBe(0);
    expect(compareNumbers(1.5, NumberValue.from('1.5'))).toBe(0);
  });

  test.each(['', '.', 'e5', '1e', '0x10', '1 ', '--1', 'NaN', 'Infinity', '1e99999999', '１'])('%j is no number', (text) => {
    expect(parseDecimal(text)).toBeUndefined();
  });

  test('a long number is read in linear time', () => {
    const digits = `${'0'.repeat(200_000)}1${'0'.repeat(200_000)}1`;
    expect(parseDecimal(digits)).toMatchObject({ scale: 0, negative: false });
  });
});

describe('compareValues', () => {
  test('strings and binary by bytes', () => {
    expect(compareValues('a', 'b')).toBe(-1);
    expect(compareValues('\uffff', '😀')).toBe(-1);
    expect(compareValues(new Uint8Array([255]), new Uint8Array([1, 2]))).toBe(1);
  });

  test.each([['1', 1], [1, undefined], [true, false], [null, null], [[1], [2]], [new Set([1]), new Set([2])], [{}, {}]])('%p and %p have no order', (a, b) => {
    expect(compareValues(a, b)).toBeUndefined();
  });
});

describe('equalValues', () => {
  test.each([
    ['', ''], [1, NumberValue.from('1.0')], [Buffer.from('a'), new Uint8Array([97])], [null, null], [new Set(['a', 'b']), new Set(['b', 'a'])],
    [new Set([1, 2]), new Set([2n, NumberValue.from('1.0')])], [new Set([Buffer.from('a')]), new Set([new Uint8Array([97])])],
    [[1, [{ a: null }]], [1n, [{ a: null }]]], [{ a: 1, b: [] }, { b: [], a: 1 }], [new Map([['a', 1]]), { a: 1 }],
    [JSON.parse('{"__proto__":1}'), JSON.parse('{"__proto__":1.0}')],
  ])('%p = %p', (a, b) => {
    expect(equalValues(a, b)).toBe(true);
    expect(equalValues(b, a)).toBe(true);
  });

  test.each([
    ['1', 1], [undefined, undefined], [null, undefined], [[1, 2], [2, 1]], [[1], [1, 2]], [{ a: 1 }, { a: 1, b: 2 }], [{ a: 1 }, { b: 1 }], [new Set(['a']), ['a']],
    [new Set(['a']), new Set(['a', 'b'])], [{}, []], [{ toString: 1 }, {}], [JSON.parse('{"__proto__":{}}'), {}], [NaN, NaN],
  ])('%p ≠ %p', (a, b) => {
    expect(equalValues(a, b)).toBe(false);
    expect(equalValues(b, a)).toBe(false);
  });

  test('what no table can hold is unequal, not a crash', () => {
    const nest = (): unknown => Array.from({ length: 50_000 }).reduce<unknown>((inner) => [inner], 1);
    expect(equalValues(nest(), nest())).toBe(false);
  });
});

test('setContains', () => {
  expect(setContains(new Set([1, 2]), new Set([2n]), 'all')).toBe(true);
  expect(setContains(new Set([1, 2]), new Set([2, 3]), 'all')).toBe(false);
  expect(setContains(new Set([1, 2]), new Set([2, 3]), 'some')).toBe(true);
  expect(setContains(new Set(['1']), new Set([1]), 'some')).toBe(false);
  expect(setContains(['1'], new Set(['1']), 'some')).toBe(false);
  expect(setContains(undefined, new Set(['1']), 'some')).toBe(false);
});

test('members of maps are own members', () => {
  expect(memberOf({}, 'constructor')).toBeUndefined();
  expect(memberOf(new Map([['size', 7]]), 'size')).toBe(7);
  expect(memberOf(new Map(), 'size')).toBeUndefined();
  expect(memberOf('text', 'length')).toBeUndefined();
  expect(memberOf([1], 'length')).toBeUndefined();
  expect(entriesOf(new Map([['a', 1]]))).toEqual(entriesOf({ a: 1 }));
});
