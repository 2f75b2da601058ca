import { boundName, type Bindings, type Condition, type Operand, type Path } from './ast';

const PLAIN = /^[A-Za-z_]\w*$/;
const MAX_NAME = 60;

/** The condition with the names of its attributes in place of their placeholders. Values stay behind theirs: it goes to logs. */
export const conditionText = (condition: Condition, bindings: Bindings): string => {
  const operand = (one: Operand): string => operandText(one, bindings);
  switch (condition.type) {
    case 'or': case 'and':
      return condition.operands.map((one) => enclosed(one, bindings)).join(condition.type === 'or' ? ' OR ' : ' AND ');
    case 'not': return `NOT ${enclosed(condition.operand, bindings)}`;
    case 'compare': return `${operand(condition.left)} ${condition.operator} ${operand(condition.right)}`;
    case 'between': return `${operand(condition.operand)} BETWEEN ${operand(condition.low)} AND ${operand(condition.high)}`;
    case 'in': return `${operand(condition.operand)} IN (${condition.list.map(operand).join(', ')})`;
    case 'function': return `${condition.name}(${condition.operands.map(operand).join(', ')})`;
  }
};

const enclosed = (condition: Condition, bindings: Bindings): string => {
  const text = conditionText(condition, bindings);
  return condition.type === 'or' || condition.type === 'and' ? `(${text})` : text;
};

const operandText = (operand: Operand, bindings: Bindings): string => {
  switch (operand.type) {
    case 'path': return pathText(operand.path, bindings);
    case 'value': return operand.name;
    case 'size': return `size(${operandText(operand.of, bindings)})`;
  }
};

/** Odd names are quoted, long ones cut. */
export const pathText = (path: Path, bindings: Bindings): string =>
  path.map((step, i) => (typeof step === 'number' ? `[${step}]` : `${i === 0 ? '' : '.'}${nameText(boundName(step, bindings) ?? step)}`)).join('');

const nameText = (name: string): string => {
  if (name.length > MAX_NAME) return JSON.stringify(`${name.slice(0, MAX_NAME)}…`);
  return PLAIN.test(name) ? name : JSON.stringify(name);
};
