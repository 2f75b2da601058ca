import { attempt, nested, SyntaxFault, type Cursor } from '../../../../oplock/condition/cursor';
import { parsePath } from '../../../../oplock/condition/path';
import type { UpdateAction, UpdateOperand } from './update-ast';

const CLAUSES = ['SET', 'REMOVE', 'ADD', 'DELETE'] as const;
type Clause = (typeof CLAUSES)[number];

/** `undefined` when the text is no update expression, or has a clause twice. */
export const parseUpdate = (text: string): readonly UpdateAction[] | undefined =>
  attempt(text, (cursor) => {
    const actions: UpdateAction[] = [];
    const seen = new Set<Clause>();
    for (let clause = takeClause(cursor); clause; clause = takeClause(cursor)) {
      if (seen.has(clause)) throw new SyntaxFault('a clause twice');
      seen.add(clause);
      do actions.push(action(clause, cursor));
      while (cursor.take(','));
    }
    if (actions.length === 0) throw new SyntaxFault('no action');
    return actions;
  });

const takeClause = (cursor: Cursor): Clause | undefined => CLAUSES.find((word) => cursor.take(word));

const action = (clause: Clause, cursor: Cursor): UpdateAction => {
  const path = parsePath(cursor);
  if (clause === 'REMOVE') return { clause, path };
  if (clause === 'SET') {
    cursor.expect('=');
    return { clause, path, operand: expression(cursor) };
  }
  return { clause, path, value: placeholder(cursor) };
};

const placeholder = (cursor: Cursor): string => {
  if (cursor.token.kind !== 'value') throw new SyntaxFault('a value is expected');
  return cursor.next().text;
};

/** At most one `+` or `-`. */
const expression = (cursor: Cursor): UpdateOperand => {
  const left = operand(cursor);
  const type = cursor.take('+') ? 'plus' : cursor.take('-') ? 'minus' : undefined;
  return type ? { type, left: simple(left), right: simple(operand(cursor)) } : left;
};

/** Parentheses do not help either. */
const simple = (one: UpdateOperand): UpdateOperand => {
  if (one.type === 'plus' || one.type === 'minus') throw new SyntaxFault('a sum of sums');
  return one;
};

const operand = (cursor: Cursor): UpdateOperand => {
  if (cursor.take('(')) {
    const inner = nested(cursor, expression);
    cursor.expect(')');
    return inner;
  }
  if (cursor.token.kind === 'value') return { type: 'value', name: placeholder(cursor) };
  const path = parsePath(cursor);
  return cursor.isSymbol('(') ? call(path, cursor) : { type: 'path', path };
};

const call = ([name, ...more]: readonly unknown[], cursor: Cursor): UpdateOperand => {
  cursor.expect('(');
  const first = nested(cursor, operand);
  cursor.expect(',');
  const second = nested(cursor, operand);
  cursor.expect(')');
  if (more.length > 0) throw new SyntaxFault('no such function');
  if (name === 'if_not_exists' && first.type === 'path') return { type: name, path: first.path, otherwise: second };
  if (name === 'list_append') return { type: name, first, second };
  throw new SyntaxFault('no such function');
};
