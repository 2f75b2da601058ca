import type { Condition } from '../../../src/oplock/condition/ast';
import { evaluate } from '../../../src/oplock/condition/evaluate';
import { findOplockClauses } from '../../../src/oplock/condition/oplock-clause';
import { parseCondition } from '../../../src/oplock/condition/parse';
import { conditionText } from '../../../src/oplock/condition/text';
import { parseUpdateParts } from '../../../src/oplock/condition/update-parts';

const parsed = (text: string): Condition => {
  const condition = parseCondition(text);
  if (!condition) throw new Error(`not parsed: ${text}`);
  return condition;
};

const item = {
  pk: 'a', n: 5, s: 'hello', b: new Uint8Array([1, 2, 3]), t: true, z: null, l: [1, { x: 'deep' }], m: { a: { b: 7 }, 'odd.name': 1 },
  ss: new Set(['x', 'y']), ns: new Set([1, 2]), big: 2n ** 60n, emoji: '😀',
};
const values = { ':five': 5, ':six': 6, ':s': 'hello', ':he': 'he', ':x': 'x', ':one': 1, ':S': 'S', ':M': 'M', ':b': new Uint8Array([2, 3]), ':b0': new Uint8Array([1, 2]), ':two': 2, ':seven': 7, ':ss': new Set(['y', 'x']) };
const names = { '#n': 'n', '#odd': 'odd.name', '#none': 'none', '#proto': '__proto__', '#constructor': 'constructor' };
const holds = (text: string): boolean => evaluate(parsed(text), item, { names, values });

describe('conditions that hold', () => {
  test.each([
    'n = :five', '#n = :five', ':five = n', 'n <> :six', 'n < :six', 'n <= :five', 'n > :one', 'n >= :five', 'none <> :five', 'n <> s', '#none <> :five',
    'n BETWEEN :one AND :six', 'n between :five and :five', 'n IN (:one, :five)', 'n in(:five)', 's = :s', 'ss = :ss',
    'attribute_exists(n)', 'attribute_not_exists(none)', 'attribute_not_exists(#none)', 'attribute_exists(z)', 'attribute_exists(m.a.b)', 'attribute_exists(l[1].x)',
    'm.#odd = :one', 'l[0] = :one', 'l [ 0 ] = :one', 'm . a . b = :seven', 'attribute_type(s, :S)', 'attribute_type(m, :M)',
    'begins_with(s, :he)', 'begins_with(b, :b0)', 'contains(s, :he)', 'contains(ss, :x)', 'contains(ns, :one)', 'contains(l, :one)', 'contains(b, :b)',
    'size(s) = :five', 'size(ss) = :two', 'size(l) = :two', 'size(m) = :two', 'size(b) > :two', 'size(emoji) = :two',
    'NOT n = :six', 'NOT NOT n = :five', 'not (n = :six)', 'NOT none < :five',
    'n = :five OR n = :six AND n = :six', '(n = :six OR n = :five) AND s = :s', 'n = :six OR NOT n = :six AND s = :s', '(n) = (:five)', '((n = :five))',
    ' \t\n n\n=\t:five ', 'attribute_exists ( n )', 'attribute_not_exists(#proto)', 'attribute_not_exists(#constructor)', 'attribute_not_exists(toString)', 'big > :five',
  ])('%s', (text) => {
    expect(holds(text)).toBe(true);
  });
});

describe('conditions that do not', () => {
  test.each([
    'n = :six', 'n = :s', 's < :five', 'none = none', 'none < :five', 'none > :five', 'NOT n <> :six', 'n BETWEEN :six AND :seven', 'none IN (:one)', 't < :five', 'z < :five', 'l < l',
    'attribute_exists(none)', 'attribute_exists(none.deeper[3].still)', 'attribute_exists(s[0])', 'attribute_exists(ss[0])', 'attribute_exists(l[2])', 'attribute_exists(l.length)',
    'attribute_exists(s.length)', 'attribute_exists(ss.size)', 'attribute_type(none, :S)', 'attribute_type(n, :S)', 'begins_with(n, :he)', 'begins_with(s, :b0)', 'contains(n, :one)', 'contains(m, :x)',
    'size(n) > :one', 'size(none) > :one', 'n = :unbound', '#unbound = :five', 'attribute_exists(#unbound)',
  ])('%s', (text) => {
    expect(holds(text)).toBe(false);
  });

  test('on an item that is not there only the absence of attributes holds', () => {
    expect(evaluate(parsed('attribute_not_exists(pk)'), undefined)).toBe(true);
    expect(evaluate(parsed('pk = :v'), undefined, { values: { ':v': 'a' } })).toBe(false);
  });
});

describe('what is no condition', () => {
  test.each([
    '', ' ', 'n', ':v', '(n)', 'n =', '= n', 'n = :v AND', 'n = :v OR OR n = :v', 'n == :v', 'n ! :v', 'attribute_exists()', 'attribute_exists(n, n)', 'begins_with(n)', 'size(n)', 'size(n, n) = :v',
    'unknown(n)', 'ATTRIBUTE_EXISTS(n)', 'n BETWEEN :a', 'n BETWEEN :a OR :b', 'n IN ()', 'n IN :a', 'n IN (:a', '(n = :v', 'n = :v)', 'n = (a = :v)', '(n = :v) = :v', 'l[a] = :v', 'l[ = :v', 'm. = :v', 'n = "x"',
    'n = 5', 'n = :v; DROP', 'NOT', 'AND = :v', 'm.attribute_exists(n)', '# = :v', 'n = :v -- x', 'n = :v \u0000', 'ñ = :v', 'n + :v = :v',
  ])('%j', (text) => {
    expect(parseCondition(text)).toBeUndefined();
  });

  test.each([
    ['parentheses', '('.repeat(30_000)], ['closed parentheses', `${'('.repeat(5_000)}a = :b${')'.repeat(5_000)}`], ['NOT', `${'NOT '.repeat(10_000)}a = :b`],
    ['size', `${'size('.repeat(10_000)}a`], ['a megabyte', 'a = :b OR '.repeat(100_000)], ['spaces', ' '.repeat(60_000)],
  ])('%s without end', (_, text) => {
    expect(parseCondition(text)).toBeUndefined();
  });

  test('a long chain is none of these', () => {
    expect(parseCondition(Array.from({ length: 3_000 }, () => 'a = :b').join(' OR '))).toBeDefined();
  });
});

test('the text of a condition shows names and hides values', () => {
  const text = conditionText(parsed('(attribute_not_exists(#a) or #a < :t) AND NOT #b.c[2] in (:x, :y) and size(#odd) between :x and :y'), {
    names: { '#a': 'oplock', '#b': 'b', '#odd': 'odd "name"' }, values: { ':x': 'secret' },
  });
  expect(text).toBe('(attribute_not_exists(oplock) OR oplock < :t) AND NOT b.c[2] IN (:x, :y) AND size("odd \\"name\\"") BETWEEN :x AND :y');
  expect(conditionText(parsed('#long = :v'), { names: { '#long': 'x'.repeat(1_000) } }).length).toBeLessThan(100);
});

describe('parseUpdateParts', () => {
  test('constants, computed values and the other clauses', () => {
    expect(parseUpdateParts('set #a = :a, b.c[1] = :b, d = if_not_exists(d, :x) + :y, e = :e - :f, k = list_append(k, :k) REMOVE g, h[0] ADD i :i DELETE j :j')).toEqual([
      { clause: 'SET', path: ['#a'], value: ':a' },
      { clause: 'SET', path: ['b', 'c', 1], value: ':b' },
      { clause: 'SET', path: ['d'], computes: 'arithmetic' },
      { clause: 'SET', path: ['e'] },
      { clause: 'SET', path: ['k'], computes: 'list_append' },
      { clause: 'REMOVE', path: ['g'] },
      { clause: 'REMOVE', path: ['h', 0] },
      { clause: 'ADD', path: ['i'], value: ':i' },
      { clause: 'DELETE', path: ['j'], value: ':j' },
    ]);
  });

  test.each(['SET', 'SET a', 'SET a :a', 'a = :a', 'SET a = :a,', 'REMOVE a = :a', 'DROP a'])('%j is none', (text) => {
    expect(parseUpdateParts(text)).toBeUndefined();
  });

  test('no text, no parts', () => {
    expect(parseUpdateParts('')).toEqual([]);
  });
});

describe('findOplockClauses', () => {
  const found = (condition: string, update = 'SET o = :t', bindings = {}) =>
    findOplockClauses(parsed(condition), parseUpdateParts(update) ?? [], bindings).map(({ path, value }) => [path.join('.'), value]);

  test.each([
    'attribute_not_exists(o) OR o < :t', 'attribute_not_exists(o) OR :t > o', 'o < :t OR attribute_not_exists(o)', '(attribute_not_exists(o)) OR (o <= :t)', 'o < :t', ':t >= o',
    'attribute_not_exists(pk) OR o < :t', 'NOT o >= :t', 'NOT :t < o', 'x = :x AND (attribute_not_exists(o) OR o < :t)', '(y = :y OR (attribute_not_exists(o) OR o < :t)) AND x = :x',
    'attribute_not_exists(o) OR o < :t OR (o = :t AND e < :e)', 'attribute_not_exists(o) OR (o < :t AND x = :x)',
  ])('%s', (condition) => {
    expect(found(condition)).toEqual([['o', ':t']]);
  });

  test('placeholders are seen through', () => {
    expect(found('attribute_not_exists(#a) OR #b < :t', 'SET #c = :t', { names: { '#a': 'o', '#b': 'o', '#c': 'o' } })).toEqual([['#b', ':t']]);
    expect(found('#b < :x', 'SET #c = :t', { names: { '#b': 'o', '#c': 'o' }, values: { ':x': 5, ':t': 5 } })).toEqual([['#b', ':x']]);
  });

  test('without the assignment the attribute must be allowed to be absent', () => {
    expect(found('attribute_not_exists(o) OR o < :t', 'SET name = :name')).toEqual([['o', ':t']]);
    expect(found('o < :t', 'SET name = :name')).toEqual([]);
  });

  test.each([
    ['a limit', 'stock < :max', 'SET stock = stock + :one'], ['an expired lease', 'attribute_not_exists(expires) OR expires < :now', 'SET expires = :later'],
    ['the wrong way round', 'attribute_not_exists(o) OR o > :t', 'SET o = :t'], ['equality', 'o = :t', 'SET o = :t'], ['two attributes', 'o < p', 'SET o = :t'],
    ['another attribute', 'attribute_not_exists(o) OR p < :t', 'SET o = :t'], ['a size', 'size(o) < :t', 'SET o = :t'], ['a negation', 'NOT (attribute_not_exists(o) OR o < :t)', 'SET o = :t'],
    ['a counter', 'attribute_not_exists(n) OR n < :max', 'ADD n :one'],
  ])('%s is no oplock', (_, condition, update) => {
    expect(found(condition, update)).toEqual([]);
  });

  test('two oplocks are found in order', () => {
    expect(found('(attribute_not_exists(o) OR o < :t) AND (attribute_not_exists(p) OR p < :u)', 'SET o = :t, p = :u')).toEqual([['o', ':t'], ['p', ':u']]);
  });
});
