import { boundName, boundValue, type Bindings, type Condition, type Operand, type Path } from '../../../../oplock/condition/ast';
import { compareValues } from '../../../../oplock/value/compare';
import { typeOf, type AttributeType } from '../../../../oplock/value/type';
import { invalid } from '../fault';

const ORDERED: readonly AttributeType[] = ['S', 'N', 'B'];
const SIZED: readonly AttributeType[] = ['S', 'B', 'SS', 'NS', 'BS', 'L', 'M'];
const TYPES: readonly unknown[] = ['S', 'N', 'B', 'BOOL', 'NULL', 'SS', 'NS', 'BS', 'L', 'M'];
const MAX_IN = 100;

/** What DynamoDB refuses before it looks at any item: constants of a type that the operator cannot take, and the like. */
export const checkCondition = (condition: Condition, bindings: Bindings): void => {
  switch (condition.type) {
    case 'or': case 'and':
      for (const one of condition.operands) checkCondition(one, bindings);
      return;
    case 'not': return checkCondition(condition.operand, bindings);
    case 'compare':
      checkOperands(condition.operator, [condition.left, condition.right], bindings);
      if (condition.operator !== '=' && condition.operator !== '<>') checkTypes(condition.operator, [condition.left, condition.right], ORDERED, bindings);
      return;
    case 'between': return checkBetween(condition.operand, condition.low, condition.high, bindings);
    case 'in':
      if (condition.list.length > MAX_IN) throw invalid(`The IN operator is provided with too many operands; number of operands: ${condition.list.length}`);
      return checkOperands('IN', [condition.operand, ...condition.list], bindings);
    case 'function': return checkFunction(condition.name, condition.operands, bindings);
  }
};

const checkBetween = (operand: Operand, low: Operand, high: Operand, bindings: Bindings): void => {
  const all = [operand, low, high];
  checkOperands('BETWEEN', all, bindings);
  checkTypes('BETWEEN', all, ORDERED, bindings);
  if (low.type !== 'value' || high.type !== 'value') return;
  const order = compareValues(boundValue(low.name, bindings), boundValue(high.name, bindings));
  if (order === undefined) throw invalid('The BETWEEN operator requires same data type for lower and upper bounds');
  if (order > 0) throw invalid('The BETWEEN operator requires upper bound to be greater than or equal to lower bound');
};

const checkFunction = (name: string, operands: readonly Operand[], bindings: Bindings): void => {
  const [first, second] = operands;
  switch (name) {
    case 'attribute_exists': case 'attribute_not_exists':
      if (first?.type !== 'path') throw invalid(`Operator or function requires a document path; operator or function: ${name}`);
      return;
    case 'attribute_type': {
      if (second?.type !== 'value') throw invalid('The second operand of attribute_type must be a value');
      const type = boundValue(second.name, bindings);
      if (!TYPES.includes(type)) throw invalid('Invalid attribute type name found');
      return checkOperands(name, operands, bindings);
    }
    case 'begins_with':
      checkOperands(name, operands, bindings);
      return checkTypes(name, operands, ['S', 'B'], bindings);
    default: return checkOperands(name, operands, bindings);
  }
};

const checkOperands = (operator: string, operands: readonly Operand[], bindings: Bindings): void => {
  for (const one of operands) checkSize(one, bindings);
  const [first, ...others] = operands;
  if (first && others.some((other) => isSame(first, other, bindings))) {
    throw invalid(`The first operand must be distinct from the remaining operands for this operator or function; operator: ${operator}`);
  }
};

const isSame = (a: Operand, b: Operand, bindings: Bindings): boolean => {
  if (a.type === 'value') return false;
  if (a.type === 'size') return b.type === 'size' && isSame(a.of, b.of, bindings);
  return b.type === 'path' && samePath(a.path, b.path, bindings);
};

export const samePath = (a: Path, b: Path, bindings: Bindings): boolean => a.length === b.length && a.every((step, i) => {
  const other = b[i];
  return typeof step === 'string' && typeof other === 'string' ? boundName(step, bindings) === boundName(other, bindings) : step === other;
});

const checkSize = (operand: Operand, bindings: Bindings): void => {
  if (operand.type !== 'size') return;
  if (operand.of.type === 'size') throw invalid('The function is not allowed to be used this way in an expression; function: size');
  checkTypes('size', [operand.of], SIZED, bindings);
};

/** Of constants, and of what size() gives. */
const checkTypes = (operator: string, operands: readonly Operand[], allowed: readonly AttributeType[], bindings: Bindings): void => {
  for (const operand of operands) {
    if (operand.type === 'path') continue;
    const type = operand.type === 'size' ? 'N' : typeOf(boundValue(operand.name, bindings));
    if (type === undefined || !allowed.includes(type)) throw invalid(`Incorrect operand type for operator or function; operator or function: ${operator}, operand type: ${String(type)}`);
  }
};
