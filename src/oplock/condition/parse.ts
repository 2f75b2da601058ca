import { FUNCTIONS, type Comparator, type Condition, type FunctionName, type Operand, type Path } from './ast';
import { attempt, nested, SyntaxFault, type Cursor } from './cursor';
import { parsePath } from './path';

type Node = Condition | Operand;

const COMPARATORS: ReadonlySet<string> = new Set<Comparator>(['=', '<>', '<', '<=', '>', '>=']);

const isOperand = (node: Node): node is Operand => node.type === 'path' || node.type === 'value' || node.type === 'size';

/** `undefined` when the text is not a condition expression; never throws. Unknown placeholders are the evaluator's affair. */
export const parseCondition = (text: string): Condition | undefined => attempt(text, (cursor) => condition(disjunction(cursor)));

const condition = (node: Node): Condition => {
  if (isOperand(node)) throw new SyntaxFault('an operand where a condition belongs');
  return node;
};

const operand = (node: Node): Operand => {
  if (!isOperand(node)) throw new SyntaxFault('a condition where an operand belongs');
  return node;
};

const series = (keyword: 'OR' | 'AND', type: 'or' | 'and', member: (cursor: Cursor) => Node) => (cursor: Cursor): Node => {
  const first = member(cursor);
  if (!cursor.isKeyword(keyword)) return first;
  const operands = [condition(first)];
  while (cursor.take(keyword)) operands.push(condition(member(cursor)));
  return { type, operands };
};

const negation = (cursor: Cursor): Node =>
  cursor.take('NOT') ? { type: 'not', operand: condition(nested(cursor, negation)) } : comparison(cursor);

const conjunction = /* @__PURE__ */ series('AND', 'and', negation);
const disjunction = /* @__PURE__ */ series('OR', 'or', conjunction);

const comparison = (cursor: Cursor): Node => {
  const left = primary(cursor);
  if (cursor.token.kind === 'symbol' && COMPARATORS.has(cursor.token.text)) {
    const operator = cursor.next().text as Comparator;
    return { type: 'compare', operator, left: operand(left), right: operand(primary(cursor)) };
  }
  if (cursor.take('BETWEEN')) {
    const low = operand(primary(cursor));
    cursor.expect('AND');
    return { type: 'between', operand: operand(left), low, high: operand(primary(cursor)) };
  }
  return cursor.take('IN') ? { type: 'in', operand: operand(left), list: operands(cursor) } : left;
};

/** `( operand, … )` */
const operands = (cursor: Cursor): Operand[] => {
  cursor.expect('(');
  const list: Operand[] = [];
  do list.push(operand(nested(cursor, primary)));
  while (cursor.take(','));
  cursor.expect(')');
  return list;
};

const primary = (cursor: Cursor): Node => {
  if (cursor.take('(')) {
    const inner = nested(cursor, disjunction);
    cursor.expect(')');
    return inner;
  }
  if (cursor.token.kind === 'value') return { type: 'value', name: cursor.next().text };
  const path = parsePath(cursor);
  return cursor.isSymbol('(') ? call(path, cursor) : { type: 'path', path };
};

const ARITY: Readonly<Record<FunctionName, number>> = {
  attribute_exists: 1, attribute_not_exists: 1, attribute_type: 2, begins_with: 2, contains: 2,
};

const call = ([name, ...more]: Path, cursor: Cursor): Node => {
  const list = operands(cursor);
  const [first] = list;
  if (name === 'size' && first && list.length === 1 && more.length === 0) return { type: 'size', of: first };
  const known = FUNCTIONS.find((one) => one === name);
  if (!known || more.length > 0 || list.length !== ARITY[known]) throw new SyntaxFault('no such function');
  return { type: 'function', name: known, operands: list };
};
