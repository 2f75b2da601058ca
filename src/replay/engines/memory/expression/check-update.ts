import { boundValue, type Bindings } from '../../../../oplock/condition/ast';
import { typeOf, type AttributeType } from '../../../../oplock/value/type';
import { invalid } from '../fault';
import { samePath } from './check-condition';
import { insertPath, type PathTree } from './path-tree';
import type { UpdateAction, UpdateOperand } from './update-ast';

const ADDED: readonly AttributeType[] = ['N', 'SS', 'NS', 'BS'];
const DELETED: readonly AttributeType[] = ['SS', 'NS', 'BS'];

/** The actions by their paths. Throws what DynamoDB refuses before it looks at any item. */
export const planUpdate = (actions: readonly UpdateAction[], bindings: Bindings): PathTree<UpdateAction> => {
  const tree: PathTree<UpdateAction> = {};
  for (const action of actions) {
    insertPath(tree, action.path, bindings, action);
    if (action.clause === 'SET') checkOperand(action.operand, bindings);
    else if (action.clause !== 'REMOVE') checkType(action.clause, typeOf(boundValue(action.value, bindings)), action.clause === 'ADD' ? ADDED : DELETED);
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
    case 'if_not_exists':
      if (operand.otherwise.type === 'path' && samePath(operand.path, operand.otherwise.path, bindings)) throw invalid('The first operand must be distinct from the remaining operands for this operator or function; operator: if_not_exists');
      noListAppend(operand.otherwise);
      checkOperand(operand.otherwise, bindings);
      return undefined;
    case 'list_append':
      noListAppend(operand.first, operand.second);
      return checkAll(operand.type, [operand.first, operand.second], 'L', bindings);
    case 'plus': case 'minus': return checkAll(operand.type === 'plus' ? '+' : '-', [operand.left, operand.right], 'N', bindings);
  }
};

const noListAppend = (...operands: readonly UpdateOperand[]): void => {
  if (operands.some(({ type }) => type === 'list_append')) throw invalid('The function is not allowed to be used this way in an expression; function: list_append');
};

const checkAll = (operator: string, operands: readonly UpdateOperand[], wanted: AttributeType, bindings: Bindings): AttributeType => {
  for (const one of operands) {
    const type = checkOperand(one, bindings);
    if (type !== undefined) checkType(operator, type, [wanted]);
  }
  return wanted;
};
