import { boundValue, type Bindings } from '../../../../oplock/condition/ast';
import { resolvePath } from '../../../../oplock/condition/evaluate';
import type { NumberLike } from '../../../../oplock/value/number';
import { memberOf, typeOf } from '../../../../oplock/value/type';
import { invalid } from '../fault';
import { addNumbers, differenceOf, unionOf } from '../value/add';
import type { PlainItem } from '../value/decode';
import { defineOwn } from '../value/own';
import type { PathTree } from './path-tree';
import type { UpdateAction, UpdateOperand } from './update-ast';

/** What becomes of one path: `undefined` removes it. */
type Outcome = { readonly value: unknown };

const REMOVED: Outcome = { value: undefined };
const badPath = () => invalid('The document path provided in the update expression is invalid for update');
const badOperand = () => invalid('An operand in the update expression has an incorrect data type');

/**
 * The item after the update: `base` with all actions, each computed from what was stored (`undefined`: nothing). Neither
 * is changed. Throws a ValidationException for what does not fit the item.
 */
export const applyUpdate = (tree: PathTree<UpdateAction>, base: PlainItem, stored: PlainItem | undefined, bindings: Bindings): PlainItem =>
  change(base, tree, (action) => outcome(action, stored, bindings)) as PlainItem;

const change = (value: unknown, tree: PathTree<UpdateAction>, outcomeOf: (action: UpdateAction) => Outcome): unknown =>
  (tree.members ? changeMap(value, tree.members, outcomeOf) : changeList(value, tree.elements ?? new Map(), outcomeOf));

const changeMap = (map: unknown, members: ReadonlyMap<string, PathTree<UpdateAction>>, outcomeOf: (action: UpdateAction) => Outcome): unknown => {
  if (typeOf(map) !== 'M') throw badPath();
  const result = { ...(map as Record<string, unknown>) };
  for (const [name, below] of members) {
    if (below.leaf) {
      const { value } = outcomeOf(below.leaf);
      if (value === undefined) delete result[name];
      else defineOwn(result, name, value);
    } else {
      defineOwn(result, name, change(memberOf(map, name), below, outcomeOf));
    }
  }
  return result;
};

/** Indexes are those of the list as it was; what lies beyond its end is appended in their order. */
const changeList = (list: unknown, elements: ReadonlyMap<number, PathTree<UpdateAction>>, outcomeOf: (action: UpdateAction) => Outcome): unknown => {
  if (!Array.isArray(list)) throw badPath();
  const result = [...(list as readonly unknown[])];
  const appended: { readonly index: number; readonly value: unknown }[] = [];
  for (const [index, below] of elements) {
    if (!below.leaf) {
      if (index >= list.length) throw badPath();
      result[index] = change(list[index], below, outcomeOf);
      continue;
    }
    const { value } = outcomeOf(below.leaf);
    if (index < list.length) result[index] = value;
    else if (value !== undefined) appended.push({ index, value });
  }
  return [...result.filter((one) => one !== undefined), ...appended.sort((a, b) => a.index - b.index).map(({ value }) => value)];
};

const outcome = (action: UpdateAction, stored: PlainItem | undefined, bindings: Bindings): Outcome => {
  if (action.clause === 'SET') return { value: compute(action.operand, stored, bindings) };
  if (action.clause === 'REMOVE') return REMOVED;
  const found = resolvePath(action.path, stored, bindings);
  const given = boundValue(action.value, bindings);
  if (action.clause === 'DELETE') return { value: without(found, given) };
  if (found === undefined) return { value: given };
  if (typeOf(found) !== typeOf(given)) throw badOperand();
  return { value: typeOf(given) === 'N' ? addNumbers(found as NumberLike, given as NumberLike, 1) : unionOf(found as ReadonlySet<unknown>, given as ReadonlySet<unknown>) };
};

/** An attribute that has lost its last member is gone. */
const without = (found: unknown, given: unknown): unknown => {
  if (found === undefined) return undefined;
  if (typeOf(found) !== typeOf(given)) throw badOperand();
  const rest = differenceOf(found as ReadonlySet<unknown>, given as ReadonlySet<unknown>);
  return rest.size > 0 ? rest : undefined;
};

const compute = (operand: UpdateOperand, stored: PlainItem | undefined, bindings: Bindings): unknown => {
  switch (operand.type) {
    case 'value': return boundValue(operand.name, bindings);
    case 'path': {
      const found = resolvePath(operand.path, stored, bindings);
      if (found === undefined) throw invalid('The provided expression refers to an attribute that does not exist in the item');
      return found;
    }
    case 'if_not_exists': {
      // Both are looked up: what is missing on the right is an error even where it is not needed.
      const otherwise = compute(operand.otherwise, stored, bindings);
      const found = resolvePath(operand.path, stored, bindings);
      return found === undefined ? otherwise : found;
    }
    case 'list_append': {
      const [first, second] = [compute(operand.first, stored, bindings), compute(operand.second, stored, bindings)];
      if (!Array.isArray(first) || !Array.isArray(second)) throw badOperand();
      return [...(first as unknown[]), ...(second as unknown[])];
    }
    case 'plus': case 'minus': {
      const [left, right] = [compute(operand.left, stored, bindings), compute(operand.right, stored, bindings)];
      if (typeOf(left) !== 'N' || typeOf(right) !== 'N') throw badOperand();
      return addNumbers(left as NumberLike, right as NumberLike, operand.type === 'plus' ? 1 : -1);
    }
  }
};
