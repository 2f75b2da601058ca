import type { Condition, Operand, Path } from '../../../../oplock/condition/ast';
import { attempt } from '../../../../oplock/condition/cursor';
import { parseCondition } from '../../../../oplock/condition/parse';
import { parsePath } from '../../../../oplock/condition/path';
import { isReservedWord } from '../../../../oplock/reserved-words';
import { invalid } from '../fault';
import { tokenProblem } from './check-tokens';
import { parseUpdate } from './parse-update';
import type { UpdateAction, UpdateOperand } from './update-ast';

/** An expression that reads well, with the placeholders that it needs. */
export interface Compiled<T> {
  readonly ast: T;
  readonly names: readonly string[];
  readonly values: readonly string[];
}

export interface Compiler {
  readonly condition: (text: string) => Compiled<Condition>;
  readonly update: (text: string) => Compiled<readonly UpdateAction[]>;
  readonly projection: (text: string) => Compiled<readonly Path[]>;
}

const MAX_EXPRESSION_BYTES = 4_096;
const MAX_CACHED = 1_000;

/** Programs send a few texts over and over: each is read once. */
export const createCompiler = (): Compiler => ({
  condition: cached('ConditionExpression', parseCondition, (ast, found) => visitCondition(ast, found)),
  update: cached('UpdateExpression', parseUpdate, (ast, found) => ast.forEach((action) => visitAction(action, found))),
  projection: cached('ProjectionExpression', parseProjection, (ast, found) => ast.forEach(found.path)),
});

interface Visitor {
  readonly path: (path: Path) => void;
  readonly value: (name: string) => void;
}

const cached = <T>(what: string, parse: (text: string) => T | undefined, visit: (ast: T, visitor: Visitor) => void) => {
  const known = new Map<string, Compiled<T>>();
  return (text: string): Compiled<T> => {
    const found = known.get(text);
    if (found) return found;
    if (typeof text !== 'string' || text.trim() === '') throw invalid(`Invalid ${what}: The expression can not be empty;`);
    if (Buffer.byteLength(text) > MAX_EXPRESSION_BYTES) throw invalid(`Invalid ${what}: Expression size has exceeded the maximum allowed size;`);
    const ast = parse(text);
    const problem = ast === undefined ? 'Syntax error' : tokenProblem(text, what === 'ConditionExpression');
    if (ast === undefined || problem !== undefined) throw invalid(`Invalid ${what}: ${problem ?? ''}; ${text.slice(0, 200)}`);
    const compiled = { ast, ...placeholders(what, (visitor) => visit(ast, visitor)) };
    if (known.size >= MAX_CACHED) known.clear();
    known.set(text, compiled);
    return compiled;
  };
};

const placeholders = (what: string, visit: (visitor: Visitor) => void): { readonly names: readonly string[]; readonly values: readonly string[] } => {
  const [names, values] = [new Set<string>(), new Set<string>()];
  visit({
    path: (path) => path.forEach((step) => {
      if (typeof step === 'number') return;
      if (step.startsWith('#')) names.add(step);
      else if (isReservedWord(step)) throw invalid(`Invalid ${what}: Attribute name is a reserved keyword; reserved keyword: ${step}`);
    }),
    value: (name) => values.add(name),
  });
  return { names: [...names], values: [...values] };
};

const parseProjection = (text: string): readonly Path[] | undefined => attempt(text, (cursor) => {
  const paths: Path[] = [];
  do paths.push(parsePath(cursor));
  while (cursor.take(','));
  return paths;
});

const visitCondition = (condition: Condition, visitor: Visitor): void => {
  const operand = (one: Operand): void => {
    if (one.type === 'path') visitor.path(one.path);
    else if (one.type === 'value') visitor.value(one.name);
    else operand(one.of);
  };
  switch (condition.type) {
    case 'or': case 'and': return condition.operands.forEach((one) => visitCondition(one, visitor));
    case 'not': return visitCondition(condition.operand, visitor);
    case 'compare': return [condition.left, condition.right].forEach(operand);
    case 'between': return [condition.operand, condition.low, condition.high].forEach(operand);
    case 'in': return [condition.operand, ...condition.list].forEach(operand);
    case 'function': return condition.operands.forEach(operand);
  }
};

const visitAction = (action: UpdateAction, visitor: Visitor): void => {
  visitor.path(action.path);
  if (action.clause === 'SET') visitOperand(action.operand, visitor);
  else if (action.clause !== 'REMOVE') visitor.value(action.value);
};

const visitOperand = (operand: UpdateOperand, visitor: Visitor): void => {
  const each = (...operands: readonly UpdateOperand[]): void => operands.forEach((one) => visitOperand(one, visitor));
  switch (operand.type) {
    case 'path': return visitor.path(operand.path);
    case 'value': return visitor.value(operand.name);
    case 'if_not_exists': visitor.path(operand.path); return each(operand.otherwise);
    case 'list_append': return each(operand.first, operand.second);
    case 'plus': case 'minus': return each(operand.left, operand.right);
  }
};
