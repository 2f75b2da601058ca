import { boundName, boundValue, type Bindings, type Comparator, type Condition, type Operand } from '../../../../oplock/condition/ast';
import { flatten } from '../../../../oplock/condition/oplock-clause';
import { keyText, partitionId } from '../data/key';
import type { Table } from '../data/table';
import { invalid } from '../fault';

/** Equality of the partition key, and at most one condition of the sort key: the partition, and what to test its items with. */
export const planKeyCondition = (table: Table, condition: Condition, bindings: Bindings): { readonly partition: string; readonly sort?: Condition } => {
  const { partitionKey, sortKey } = table.key;
  const parts = flatten(condition, 'and').map(pathFirst);
  const of = (name: string | undefined): readonly Condition[] => parts.filter((part) => attributeOf(part, bindings) === name);
  const [first, ...more] = of(partitionKey.name);
  const [sort, ...moreSort] = sortKey ? of(sortKey.name) : [];
  if (more.length > 0 || moreSort.length > 0) throw invalid('KeyConditionExpressions must only contain one condition per key');
  if (first?.type !== 'compare' || first.operator !== '=' || first.right.type !== 'value') throw invalid('Query key condition not supported: the partition key needs an equality');
  if (parts.length !== (sort ? 2 : 1)) throw invalid('Query condition missed key schema element, or has something else');
  if (sort && sortKey) for (const value of valuesOf(sort, bindings)) keyText(sortKey, value, 1_024);
  return { partition: partitionId(table.key, boundValue(first.right.name, bindings)), ...(sort && { sort }) };
};

const FLIPPED: Readonly<Record<Comparator, Comparator>> = { '=': '=', '<>': '<>', '<': '>', '>': '<', '<=': '>=', '>=': '<=' };

/** `:v < sk` is `sk > :v`. */
const pathFirst = (part: Condition): Condition => {
  if (part.type !== 'compare' || part.left.type !== 'value') return part;
  return { type: 'compare', operator: FLIPPED[part.operator], left: part.right, right: part.left };
};

const nameOf = (operand: Operand | undefined, bindings: Bindings): string | undefined => {
  if (operand?.type !== 'path' || operand.path.length > 1) throw invalid('Invalid operator or operand used in KeyConditionExpression');
  return boundName(operand.path[0], bindings);
};

const attributeOf = (condition: Condition, bindings: Bindings): string | undefined => {
  if (condition.type === 'compare' && condition.operator !== '<>') return nameOf(condition.left, bindings);
  if (condition.type === 'between') return nameOf(condition.operand, bindings);
  if (condition.type === 'function' && condition.name === 'begins_with') return nameOf(condition.operands[0], bindings);
  throw invalid('Invalid operator used in KeyConditionExpression');
};

const valuesOf = (condition: Condition, bindings: Bindings): readonly unknown[] => {
  const operands = condition.type === 'compare' ? [condition.right]
    : condition.type === 'between' ? [condition.low, condition.high]
      : condition.type === 'function' ? condition.operands.slice(1) : [];
  return operands.map((operand) => {
    if (operand.type !== 'value') throw invalid('Invalid operand used in KeyConditionExpression: a value is expected');
    return boundValue(operand.name, bindings);
  });
};
