import type { Path } from './ast';
import { attempt, type Cursor } from './cursor';
import { parsePath } from './path';

/** What an update does to one path: `value` is a placeholder with its colon, absent where it is computed. */
export interface UpdatePart {
  readonly clause: 'SET' | 'REMOVE' | 'ADD' | 'DELETE';
  readonly path: Path;
  readonly value?: string;
  /** How it is computed from what is stored, where that makes another value each time. */
  readonly computes?: 'arithmetic' | 'list_append';
}

const CLAUSES = ['SET', 'REMOVE', 'ADD', 'DELETE'] as const;

/**
 * The parts of an UpdateExpression, as far as they matter to a verdict: what is assigned a constant, and which other
 * paths are touched. `undefined` when the text does not read as one.
 */
export const parseUpdateParts = (text: string): readonly UpdatePart[] | undefined =>
  attempt(text, (cursor) => {
    const parts: UpdatePart[] = [];
    for (let clause = takeClause(cursor); clause; clause = takeClause(cursor)) {
      do parts.push(part(clause, cursor));
      while (cursor.take(','));
    }
    return parts;
  });

const takeClause = (cursor: Cursor) => CLAUSES.find((word) => cursor.take(word));

const part = (clause: UpdatePart['clause'], cursor: Cursor): UpdatePart => {
  const path = parsePath(cursor);
  if (clause === 'REMOVE') return { clause, path };
  if (clause === 'SET') cursor.expect('=');
  const value = cursor.token.kind === 'value' ? cursor.next().text : undefined;
  if (isEndOfPart(cursor) && value !== undefined) return { clause, path, value };
  const computes = skipPart(cursor);
  return { clause, path, ...(computes && { computes }) };
};

const isEndOfPart = (cursor: Cursor): boolean =>
  cursor.token.kind === 'end' || cursor.isSymbol(',') || CLAUSES.some((word) => cursor.isKeyword(word));

/** Over a computed value: `if_not_exists(#a, :b) + :c`. */
const skipPart = (cursor: Cursor): UpdatePart['computes'] => {
  const found = { list: false, arithmetic: false, path: false };
  for (let open = 0; cursor.token.kind !== 'end' && (open > 0 || !isEndOfPart(cursor)); cursor.next()) {
    const { kind, text } = cursor.token;
    if (text === '(') open += 1;
    if (text === ')') open -= 1;
    if (text === '+' || text === '-') found.arithmetic = true;
    if (kind === 'word' && text === 'list_append') found.list = true;
    else if (kind === 'name' || (kind === 'word' && text !== 'if_not_exists')) found.path = true;
  }
  // Of values alone, the result is always the same.
  if (!found.path) return undefined;
  return found.list ? 'list_append' : found.arithmetic ? 'arithmetic' : undefined;
};
