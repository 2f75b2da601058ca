import { NumberValueImpl } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import { conditionText } from '../../../src/oplock/condition/text';
import { caseOf, WHOLE } from '../../property/oplock/conditions';

/** A request in the document client's terms, without table. */
export interface Request {
  readonly kind: 'Get' | 'Put' | 'Update' | 'Delete';
  readonly input: Readonly<Record<string, unknown>>;
}

export interface Action {
  readonly kind: 'Put' | 'Update' | 'Delete' | 'ConditionCheck';
  readonly input: Readonly<Record<string, unknown>>;
}

export type Step = Request | { readonly kind: 'Transact'; readonly items: readonly Action[] };

const text = fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom('', 'é', '😀', '\uffff'));
const number = fc.oneof(
  fc.integer({ min: -5, max: 5 }), fc.integer({ min: -5, max: 5 }),
  fc.constantFrom<unknown>(0.1, 0.2, -1.5, 1e-7, 123456789.125, 2n ** 60n, 10n ** 37n, 99999999999999999999999999999999999999n, 10n ** 21n, NumberValueImpl.from('-1e-130'), NumberValueImpl.from('0.12345678901234567890123456789')),
);
const scalar = fc.oneof(text, number, fc.boolean(), fc.constant(null), fc.uint8Array({ maxLength: 3 }));
const stringSet = fc.uniqueArray(fc.constantFrom('x', 'y', 'z', 'é'), { minLength: 1, maxLength: 3 }).map((members) => new Set<unknown>(members));
const numberSet = fc.uniqueArray(fc.constantFrom(0, 1, 2, 0.5), { minLength: 1, maxLength: 3 }).map((members) => new Set<unknown>(members));
const byteSet = fc.uniqueArray(fc.constantFrom(1, 2, 3), { minLength: 1, maxLength: 2 }).map((members) => new Set<unknown>(members.map((one) => new Uint8Array([one]))));
const leaf = fc.oneof({ weight: 3, arbitrary: scalar }, stringSet, numberSet, byteSet);
const list = fc.array(leaf, { maxLength: 3 });
const map = fc.dictionary(fc.constantFrom('n', 'l', 'm', 'x'), fc.oneof(leaf, list, fc.dictionary(fc.constantFrom('n', 'x'), leaf, { maxKeys: 2, noNullPrototype: true })), { maxKeys: 3, noNullPrototype: true });
const anything = fc.oneof(leaf, list, map);

/** Mostly of the type that its name stands for, so that most requests get far. */
const mostly = (right: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> => fc.oneof({ weight: 9, arbitrary: right }, { weight: 1, arbitrary: anything });

const attributes = fc.record({
  n: mostly(number), o: mostly(number), t: mostly(text), l: mostly(list), m: mostly(map), s: mostly(stringSet), k: mostly(numberSet), y: mostly(byteSet),
}, { requiredKeys: [] });

const path = (...names: string[]): fc.Arbitrary<string> => fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...names) },
  { weight: 1, arbitrary: fc.constantFrom('m.n', 'm.x', 'm.m.n', 'l[0]', 'l[1]', 'l[7]', 'm.l[0]', 'n.x', 'n[0]', 'z.z', 'l[0].x', '#n', '#d') },
);
const anyPath = path('n', 'o', 't', 'l', 'm', 's', 'k', 'y', 'z');

const operandOf = (type: 'number' | 'list' | 'any', depth: number): fc.Arbitrary<string> => {
  const [paths, values] = { number: [path('n', 'o'), ':n'], list: [path('l'), ':l'], any: [anyPath, ':a'] }[type] as [fc.Arbitrary<string>, string];
  const basic = fc.oneof(paths, fc.constant(values), ...(type === 'any' ? [fc.constantFrom(':n', ':t', ':l', ':m', ':s', ':undefined')] : []));
  if (depth === 0) return basic;
  const inner = fc.oneof({ weight: 6, arbitrary: operandOf(type, depth - 1) }, { weight: 1, arbitrary: operandOf('any', depth - 1) });
  return fc.oneof(
    { weight: 3, arbitrary: basic },
    fc.tuple(paths, inner).map(([one, other]) => `if_not_exists(${one}, ${other})`),
    ...(type === 'number' ? [] : [fc.tuple(inner, inner).map(([one, other]) => `list_append(${one}, ${other})`)]),
  );
};

const set = fc.oneof(
  fc.tuple(anyPath, operandOf('any', 1)).map(([to, from]) => `${to} = ${from}`),
  fc.tuple(path('n', 'o'), operandOf('number', 1), fc.constantFrom('+', '-'), operandOf('number', 1)).map(([to, a, sign, b]) => `${to} = ${a} ${sign} ${b}`),
  fc.tuple(path('l'), operandOf('list', 2)).map(([to, from]) => `${to} = ${from}`),
);
const typed = (names: readonly (readonly [string, string])[]): fc.Arbitrary<string> => fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...names).chain(([name, value]) => path(name).map((one) => `${one} ${value}`)) },
  { weight: 1, arbitrary: fc.tuple(anyPath, fc.constantFrom(':n', ':t', ':s', ':k', ':a')).map(([one, value]) => `${one} ${value}`) },
);
const add = typed([['n', ':n'], ['o', ':n'], ['s', ':s'], ['k', ':k'], ['y', ':y'], ['z', ':s']]);
const remove = typed([['s', ':s'], ['k', ':k'], ['y', ':y'], ['z', ':s']]);
const clause = (word: string, action: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.array(action, { minLength: 1, maxLength: 2 }).map((actions) => `${word} ${actions.join(', ')}`);

const updateText = fc.oneof(
  { weight: 20, arbitrary: fc.uniqueArray(fc.oneof(clause('SET', set), clause('SET', set), clause('REMOVE', anyPath), clause('ADD', add), clause('DELETE', remove)), { minLength: 1, maxLength: 2, selector: (one) => one.slice(0, 3) }).map((clauses) => clauses.join(' ')) },
  { weight: 1, arbitrary: fc.constantFrom('', 'SET', 'SET n', 'SET n = :n SET o = :n', 'SET n = :n,', 'SET name = :n', 'SET pk = :t', 'REMOVE sk', 'SET n = size(t)', 'SET n = n + :n + :n', 'set n = (o + :n)', 'ADD n n', 'REMOVE l[x]', 'SET n = if_not_exists(:n, :n)', 'SET n = ((o))', 'SET n = (:n) + :n', 'SET n = ((:n + :n))', 'SET n = (n + :n) + :n', 'SET n = :n - (:n + :n)', 'SET l = list_append((l), :l)', 'SET _n = :n') },
);

/** Constants of the wrong type, operands that are the same, and the like. */
const oddCondition = fc.oneof(
  fc.tuple(fc.constantFrom('n', 't', ':n', ':t', ':a', 'size(l)', 'size(:n)', 'size(size(l))', 'm.n', '#n'), fc.constantFrom('=', '<>', '<', '>=', 'IN'), fc.constantFrom('n', ':n', ':t', ':a', ':s', 'size(t)'))
    .map(([a, operator, b]) => (operator === 'IN' ? `${a} IN (${b}, :n)` : `${a} ${operator} ${b}`)),
  fc.tuple(fc.constantFrom('begins_with', 'contains', 'attribute_type'), fc.constantFrom('t', 's', 'l', ':t', ':s', ':n', ':a'), fc.constantFrom('t', ':t', ':n', ':s', ':a', 'n')).map(([name, a, b]) => `${name}(${a}, ${b})`),
  fc.tuple(fc.constantFrom('attribute_exists', 'attribute_not_exists'), fc.constantFrom('n', 'z', 'm.n', ':n', 'size(n)', '#undefined', 'pk')).map(([name, a]) => `${name}(${a})`),
  fc.tuple(fc.constantFrom('n', ':n', 't'), fc.constantFrom('n', ':n', ':t', ':a'), fc.constantFrom('o', ':n', ':t', ':a')).map(([a, low, high]) => `${a} BETWEEN ${low} AND ${high}`),
  fc.constantFrom('', 'n', 'n =', 'n = :n AND', 'name = :n', '(n = :n)', 'NOT (n = :n)', 'n = :n OR n < :n', 'pk = :t', 'nonsense(n)', 'n == :n', ':n', 'attribute_exists(n) = :n', '((n = :n))', '(n) = :n', '((n = :n) AND (n < :n))', 'NOT ((n = :n))', '((n)) = :n', 'size((t)) > :n', '(n) IN ((:n))', '_n = :n', 'l[01] = :n'),
);
const conditionTexts = fc.oneof(
  { weight: 3, arbitrary: oddCondition },
  { weight: 2, arbitrary: fc.constantFrom('attribute_exists(pk)', 'attribute_not_exists(pk)', 'attribute_not_exists(n) OR n < :n', 'n < :n', 'NOT contains(s, :t)') },
  { weight: 2, arbitrary: caseOf(WHOLE).map(({ condition }) => conditionText(condition, {}).replace(/(?<![\w:#.])[abcd]\b/g, (name) => ({ a: 'n', b: 'm', c: 't', d: 'l' })[name] ?? name).replace(/:[uvw]\b/g, (name) => ({ ':u': ':a', ':v': ':n', ':w': ':t' })[name] ?? name)) },
);

const values = fc.record({ ':n': mostly(number), ':t': mostly(text), ':l': mostly(list), ':m': mostly(map), ':s': mostly(stringSet), ':k': mostly(numberSet), ':y': mostly(byteSet), ':a': anything });
const TYPE_NAMES = Object.fromEntries(['S', 'N', 'L', 'M', 'SS', 'BOOL', 'NULL', 'B'].map((type) => [`:${type}`, type]));
const NAMES: Readonly<Record<string, string>> = { '#n': 'n', '#d': 'a.d' };

/** Only the placeholders that the expressions have, and rarely one more. */
const withPlaceholders = (input: Readonly<Record<string, unknown>>, all: Readonly<Record<string, unknown>>, more: boolean): Readonly<Record<string, unknown>> => {
  const used = new Set([input['ConditionExpression'], input['UpdateExpression'], input['ProjectionExpression']].flatMap((one) => (typeof one === 'string' ? one.match(/[#:]\w+/g) ?? [] : [])));
  if (more) used.add(':n').add('#n');
  const [names, bound] = [NAMES, { ...all, ...TYPE_NAMES }].map((from) => Object.fromEntries(Object.entries(from).filter(([name]) => used.has(name))));
  return {
    ...input,
    ...(names && Object.keys(names).length > 0 && { ExpressionAttributeNames: names }), ...(bound && Object.keys(bound).length > 0 && { ExpressionAttributeValues: bound }),
  };
};

const rarely = fc.integer({ min: 0, max: 24 }).map((roll) => roll === 0);
const sometimes = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
const compact = (input: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));

const KEYS = ['k1', 'k2', 'k3'];
const key: fc.Arbitrary<Readonly<Record<string, unknown>>> = fc.oneof(
  { weight: 24, arbitrary: fc.constantFrom(...KEYS).map((pk) => ({ pk, sk: 1 })) },
  { weight: 1, arbitrary: fc.constantFrom<Readonly<Record<string, unknown>>>({ pk: '', sk: 1 }, { pk: 1, sk: 1 }, { pk: 'k1' }, { pk: 'k1', sk: 1, n: 1 }, { pk: 'k1', sk: '1' }, {}) },
);

/** All items that a step may touch. */
export const keysOf = (prefix: string): readonly Readonly<Record<string, unknown>>[] => KEYS.map((pk) => ({ pk: prefix + pk, sk: 1 }));

const movedInput = (input: Readonly<Record<string, unknown>>, prefix: string): Readonly<Record<string, unknown>> => Object.fromEntries(Object.entries(input).map(([name, value]) => {
  const { pk } = value as { readonly pk?: unknown };
  return [name, (name === 'Key' || name === 'Item') && typeof pk === 'string' && pk !== '' ? { ...(value as object), pk: prefix + pk } : value];
}));

/** The same step on items of its own, so that one table does for all runs. */
export const moved = (step: Step, prefix: string): Step => (step.kind === 'Transact'
  ? { ...step, items: step.items.map((one) => ({ ...one, input: movedInput(one.input, prefix) })) }
  : { ...step, input: movedInput(step.input, prefix) });

const RETURNS = ['NONE', 'ALL_OLD', 'ALL_NEW', 'UPDATED_OLD', 'UPDATED_NEW'];

const placed = { key, values, more: rarely };
const conditional = { ...placed, ConditionExpression: sometimes(conditionTexts), ReturnValuesOnConditionCheckFailure: sometimes(fc.constant('ALL_OLD')) };
const returns = (...right: readonly string[]) => sometimes(fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...right) }, { weight: 1, arbitrary: fc.constantFrom(...RETURNS) }));

const made = (kind: Request['kind'], { values: all, more, ...input }: { readonly values: Readonly<Record<string, unknown>>; readonly more: boolean; readonly [name: string]: unknown }): Request =>
  ({ kind, input: withPlaceholders(compact(input), all, more) });

const put = fc.record({ ...conditional, item: attributes, ReturnValues: returns('ALL_OLD') }).map(({ key: Key, item, ...rest }) => made('Put', { ...rest, Item: { ...item, ...Key } }));
const update = fc.record({ ...conditional, UpdateExpression: fc.option(updateText, { nil: undefined, freq: 20 }), ReturnValues: returns(...RETURNS) })
  // Of what was updated within an attribute, DynamoDB Local returns the whole attribute, the service that part only; of no update it returns an error.
  .filter(({ UpdateExpression: text = '.', ReturnValues: wanted }) => !/[.[]/.test(text) || !wanted?.startsWith('UPDATED'))
  .map(({ key: Key, ...rest }) => made('Update', { ...rest, Key }));
const del = fc.record({ ...conditional, ReturnValues: returns('ALL_OLD') }).map(({ key: Key, ...rest }) => made('Delete', { ...rest, Key }));
const projection = fc.array(anyPath, { minLength: 1, maxLength: 3 }).map((paths) => paths.join(', '));
const get = fc.record({ ...placed, ProjectionExpression: sometimes(projection) }).map(({ key: Key, ...rest }) => made('Get', { ...rest, Key }));

/** DynamoDB Local lets an update in a transaction have no expression, and placeholders without one: the service does not. */
const action: fc.Arbitrary<Action> = fc.tuple(fc.oneof(put, update.filter(({ input }) => input['UpdateExpression'] !== undefined), del), fc.boolean()).map(([{ kind, input }, check]) => {
  const { ReturnValues: _, ExpressionAttributeNames: names, ExpressionAttributeValues: bound, ...rest } = input;
  const expressed = input['ConditionExpression'] !== undefined || input['UpdateExpression'] !== undefined;
  return { kind: kind === 'Delete' && check ? 'ConditionCheck' : kind as 'Put' | 'Update' | 'Delete', input: compact({ ...rest, ...(expressed && { ExpressionAttributeNames: names, ExpressionAttributeValues: bound }) }) };
});
const keyText = ({ input }: Action): string => {
  const { pk, sk } = (input['Key'] ?? input['Item']) as { readonly pk?: unknown; readonly sk?: unknown };
  return JSON.stringify([pk, sk]);
};

export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: put }, { weight: 12, arbitrary: update }, { weight: 2, arbitrary: del }, { weight: 2, arbitrary: get },
  { weight: 3, arbitrary: fc.uniqueArray(action, { minLength: 1, maxLength: 3, selector: keyText }).map((items) => ({ kind: 'Transact' as const, items })) },
);
