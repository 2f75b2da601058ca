import { boundName, boundValue, type Bindings } from '../../../../oplock/condition/ast';
import { typeOf, type AttributeType } from '../../../../oplock/value/type';
import { invalid } from '../fault';
import { insertPath, type PathTree } from './path-tree';
import type { UpdateAction, UpdateOperand } from './update-ast';

const ADDED: readonly AttributeType[] = ['N', 'SS', 'NS', 'BS'];
const DELETED: readonly AttributeType[] = ['SS', 'NS', 'BS'];

/** The actions by their paths. Throws what DynamoDB refuses before it looks at any item. */
export const planUpdate = (actions: readonly UpdateAction[], bindings: Bindings, keyNames: readonly string[]): PathTree<UpdateAction> => {
  const tree: PathTree<UpdateAction> = {};
  for (const action of actions) {
    insertPath(tree, action.path, bindings, action);
    if (action.clause === 'SET') checkOperand(action.operand, bindings);
    else if (action.clause !== 'REMOVE') checkType(action.clause, typeOf(boundValue(action.value, bindings)), action.clause === 'ADD' ? ADDED : DELETED);
    if (keyNames.includes(boundName(action.path[0], bindings) ?? '')) throw invalid(`Cannot update attribute ${boundName(action.path[0], bindings)}. This attribute is part of the key`);
  }
  return tree;
};

const checkType = (operator: string, type: AttributeType | undefined, allowed: readonly AttributeType[]): void => {
  if (type === undefined || !allowed.includes(type)) throw invalid(`Incorrect operand type for operator or function; operator: ${operator}, operand type: ${String(type)}`);
};

/** The type that the operand has whatever the item is; `undefined` when it depends. */
const checkOperand = (operand: UpdateOperand, bindings: Bindings): AttributeType | undefined => {
  switch (operand.type) {
    case 'path': return undefined;
    case 'value': return typeOf(boundValue(operand.name, bindings));
    case 'if_not_exists': checkOperand(operand.otherwise, bindings); return undefined;
    case 'list_append': return checkAll(operand.type, [operand.first, operand.second], 'L', bindings);
    case 'plus': case 'minus': return checkAll(operand.type === 'plus' ? '+' : '-', [operand.left, operand.right], 'N', bindings);
  }
};

const checkAll = (operator: string, operands: readonly UpdateOperand[], wanted: AttributeType, bindings: Bindings): AttributeType => {
  for (const one of operands) {
    const type = checkOperand(one, bindings);
    if (type !== undefined) checkType(operator, type, [wanted]);
  }
  return wanted;
};
