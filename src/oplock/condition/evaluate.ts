import { compareValues, equalValues } from '../value/compare';
import { isBytes, memberOf, typeOf } from '../value/type';
import { boundName, boundValue, type Bindings, type Comparator, type Condition, type FunctionName, type Operand, type Path } from './ast';

/** A table item as plain values. */
export type Item = Readonly<Record<string, unknown>>;

/**
 * Whether the condition holds on the item (`undefined`: there is none), as DynamoDB would say. What is missing, or of
 * another type, makes every comparison false, except `<>`. Never throws: placeholders without a value count as missing.
 */
export const evaluate = (condition: Condition, item: Item | undefined, bindings: Bindings = {}): boolean => {
  const value = (operand: Operand): unknown => resolveOperand(operand, item, bindings);
  switch (condition.type) {
    case 'or': return condition.operands.some((one) => evaluate(one, item, bindings));
    case 'and': return condition.operands.every((one) => evaluate(one, item, bindings));
    case 'not': return !evaluate(condition.operand, item, bindings);
    case 'compare': return compare(condition.operator, value(condition.left), value(condition.right));
    case 'between': return isBetween(value(condition.operand), value(condition.low), value(condition.high));
    case 'in': return condition.list.some((one) => equalValues(value(condition.operand), value(one)));
    case 'function': return call(condition.name, condition.operands.map(value));
  }
};

const isBetween = (value: unknown, low: unknown, high: unknown): boolean => compare('>=', value, low) && compare('<=', value, high);

const compare = (operator: Comparator, left: unknown, right: unknown): boolean => {
  if (operator === '=') return equalValues(left, right);
  if (operator === '<>') return !equalValues(left, right);
  const order = compareValues(left, right);
  if (order === undefined) return false;
  switch (operator) {
    case '<': return order < 0;
    case '<=': return order <= 0;
    case '>': return order > 0;
    case '>=': return order >= 0;
  }
};

const call = (name: FunctionName, [first, second]: readonly unknown[]): boolean => {
  switch (name) {
    case 'attribute_exists': return first !== undefined;
    case 'attribute_not_exists': return first === undefined;
    case 'attribute_type': return first !== undefined && typeOf(first) === second;
    case 'begins_with': return beginsWith(first, second);
    case 'contains': return contains(first, second);
  }
};

const beginsWith = (value: unknown, prefix: unknown): boolean => {
  if (typeof value === 'string') return typeof prefix === 'string' && value.startsWith(prefix);
  return isBytes(value) && isBytes(prefix) && Buffer.compare(value.subarray(0, prefix.length), prefix) === 0;
};

/** Part of a string or of bytes, or a member of a set or list. */
const contains = (value: unknown, part: unknown): boolean => {
  if (typeof value === 'string') return typeof part === 'string' && value.includes(part);
  if (isBytes(value)) return isBytes(part) && Buffer.from(value).includes(Buffer.from(part));
  if (Array.isArray(value)) return value.some((one) => equalValues(one, part));
  return value instanceof Set && typeOf(value) !== undefined && [...value].some((one) => equalValues(one, part));
};

const resolveOperand = (operand: Operand, item: Item | undefined, bindings: Bindings): unknown => {
  switch (operand.type) {
    case 'path': return resolvePath(operand.path, item, bindings);
    case 'value': return boundValue(operand.name, bindings);
    case 'size': return sizeOf(resolveOperand(operand.of, item, bindings));
  }
};

/** What the item has at the path; `undefined` for nothing. Own members only: `constructor` is nobody's by default. */
export const resolvePath = (path: Path, item: Item | undefined, bindings: Bindings): unknown => {
  let value: unknown = item;
  for (const step of path) {
    if (typeof step === 'number') {
      value = Array.isArray(value) ? (value as readonly unknown[])[step] : undefined;
    } else {
      const name = boundName(step, bindings);
      value = name === undefined ? undefined : memberOf(value, name);
    }
    if (value === undefined) return undefined;
  }
  return value;
};

/** Characters (UTF-16 units, as DynamoDB counts them), bytes, or members; other types have no size. */
const sizeOf = (value: unknown): number | undefined => {
  switch (typeOf(value)) {
    case 'S': case 'L': return (value as string | readonly unknown[]).length;
    case 'B': return (value as Uint8Array).length;
    case 'SS': case 'NS': case 'BS': return (value as ReadonlySet<unknown>).size;
    case 'M': return value instanceof Map ? value.size : Object.keys(value as object).length;
    default: return undefined;
  }
};
