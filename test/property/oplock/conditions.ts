import fc from 'fast-check';
import type { Comparator, Condition, FunctionName, Operand, Path } from '../../../src/oplock/condition/ast';

/** Random conditions over the attributes a, b, c and d, with the values that they name. */
export interface Case {
  readonly condition: Condition;
  readonly values: Readonly<Record<string, unknown>>;
  readonly item: Readonly<Record<string, unknown>>;
}

/** What an engine gets right. */
export interface Dialect {
  readonly text: fc.Arbitrary<string>;
  readonly bytes: fc.Arbitrary<Uint8Array>;
  readonly bool: fc.Arbitrary<boolean>;
  /** Attributes, not only constants, on the right side. */
  readonly pathsEverywhere: boolean;
  /** Maps, lists and sets inside of others, and as the right side of `contains`. */
  readonly deep: boolean;
}

export const WHOLE: Dialect = {
  text: fc.oneof(fc.string({ maxLength: 2 }), fc.constantFrom('\uffff', '😀', 'é')),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 3 }),
  bool: fc.boolean(),
  pathsEverywhere: true,
  deep: true,
};

/**
 * dynalite compares strings by UTF-16 units and finds bytes as text, takes what is false or empty for missing,
 * compares no containers, and crashes on missing attributes on the right.
 */
export const DYNALITE: Dialect = {
  text: fc.string({ minLength: 1, maxLength: 2 }),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 3, max: 127 }),
  bool: fc.constant(true),
  pathsEverywhere: false,
  deep: false,
};

const number = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(0.5, -1.5, 1e-7, 123456789, 2n ** 60n, 2n ** 60n + 1n));

const valueOf = ({ text, bytes, bool, deep }: Dialect): fc.Arbitrary<unknown> => {
  const scalar = fc.oneof(number, text, bytes, bool, fc.constant(null));
  const set = fc.oneof(
    fc.uniqueArray(fc.constantFrom('x', 'y', 'z'), { minLength: 1, maxLength: 3 }), fc.uniqueArray(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 3 }),
  ).map((members) => new Set<unknown>(members));
  const inner = deep ? fc.oneof(scalar, set, fc.array(scalar, { maxLength: 2 })) : scalar;
  return fc.oneof({ weight: 4, arbitrary: scalar }, set, fc.array(inner, { maxLength: 3 }), fc.dictionary(fc.constantFrom('a', 'b'), inner, { maxKeys: 2, noNullPrototype: true }));
};

const path: fc.Arbitrary<Path> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('a', 'b', 'c', 'd').map((name): Path => [name]) },
  fc.tuple(fc.constantFrom('a', 'b'), fc.oneof(fc.constantFrom<string | number>('a', 'b'), fc.integer({ min: 0, max: 2 }))).map(([name, step]): Path => [name, step]),
);

const equality = fc.constantFrom<Comparator>('=', '<>');
const order = fc.constantFrom<Comparator>('<', '<=', '>', '>=');

const conditionOf = ({ pathsEverywhere, deep }: Dialect): fc.Arbitrary<Condition> => {
  const pathOperand: fc.Arbitrary<Operand> = path.map((one) => ({ type: 'path', path: one }));
  const constants = (...names: string[]): fc.Arbitrary<Operand> => {
    const constant = fc.constantFrom(...names).map((name): Operand => ({ type: 'value', name }));
    return pathsEverywhere ? fc.oneof(pathOperand, constant) : constant;
  };
  // :v and :w have types that have an order, which DynamoDB insists on for constants.
  const ordered = constants(':v', ':w');
  const right = constants(':u', ':v', ':w');
  const size: fc.Arbitrary<Operand> = pathOperand.map((of) => ({ type: 'size', of }));
  const call = (name: FunctionName, ...operands: fc.Arbitrary<Operand>[]): fc.Arbitrary<Condition> =>
    fc.tuple(...operands).map((list) => ({ type: 'function', name, operands: list }));

  const leaf = fc.oneof<fc.Arbitrary<Condition>[]>(
    fc.record({ type: fc.constant('compare' as const), operator: equality, left: pathOperand, right }),
    fc.record({ type: fc.constant('compare' as const), operator: order, left: pathOperand, right: ordered }),
    fc.record({ type: fc.constant('compare' as const), operator: fc.oneof(equality, order), left: size, right: ordered }),
    fc.record({ type: fc.constant('between' as const), operand: pathOperand, low: ordered, high: ordered }),
    fc.record({ type: fc.constant('in' as const), operand: pathOperand, list: fc.array(right, { minLength: 1, maxLength: 3 }) }),
    call('attribute_exists', pathOperand), call('attribute_not_exists', pathOperand), call('begins_with', pathOperand, right), call('contains', pathOperand, deep ? right : ordered),
    call('attribute_type', pathOperand, fc.constantFrom(':S', ':N', ':L', ':M', ':SS', ':BOOL', ':NULL', ':B').map((name) => ({ type: 'value' as const, name }))),
  );
  return fc.letrec<{ condition: Condition }>((tie) => ({
    condition: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc.record({ type: fc.constantFrom('or' as const, 'and' as const), operands: fc.array(tie('condition'), { minLength: 2, maxLength: 3 }) }),
      fc.record({ type: fc.constant('not' as const), operand: tie('condition') }),
    ),
  })).condition;
};

export const caseOf = (dialect: Dialect): fc.Arbitrary<Case> => {
  const value = valueOf(dialect);
  const sortable = fc.oneof(number, number, dialect.text, dialect.bytes);
  return fc.record({
    condition: conditionOf(dialect),
    values: fc.record({ ':u': dialect.deep ? value : fc.oneof(sortable, dialect.bool, fc.constant(null)), ':v': sortable, ':w': sortable }).map((values) => ({
      ...values, ...Object.fromEntries(['S', 'N', 'L', 'M', 'SS', 'BOOL', 'NULL', 'B'].map((type) => [`:${type}`, type])),
    })),
    item: fc.record({ a: value, b: value, c: value }, { requiredKeys: [] }),
  });
};

/** Names and values from other teams and from attackers. */
export const hostileName = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', '#', ':', '#o', ':o', '#n0', 'a.b', 'a[0]', '"', '\'', '`', '\\', ' ', '\n', '\u0000', '😀', 'name', 'SET', 'x = :v REMOVE pk', '_x2d_', '-', 'tags', 'tags_delete'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }),
  fc.integer({ min: 250, max: 300 }).map((length) => '😀'.repeat(length)),
);

export const hostileValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: 'binary' }), fc.double(), fc.integer(), fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), fc.boolean(), fc.constantFrom(null, undefined), fc.uint8Array({ maxLength: 4 }),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(hostileName, tie('value')), { maxLength: 3 }).map((entries) => Object.fromEntries(entries)),
    fc.array(fc.oneof(fc.integer(), fc.string({ maxLength: 2 }), fc.bigInt()), { maxLength: 3 }).map((members) => new Set(members)),
    fc.constantFrom<unknown>(new Date(0), Symbol('x'), () => 1, new Map([['a', 1]]), NaN, Infinity, 2 ** 60),
  ),
})).value;
