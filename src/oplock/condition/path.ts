import type { Path, PathStep } from './ast';
import { SyntaxFault, type Cursor } from './cursor';

const KEYWORDS = ['AND', 'OR', 'NOT', 'BETWEEN', 'IN'];

/** `#a.b[0]` */
export const parsePath = (cursor: Cursor): Path => {
  const path: [string, ...PathStep[]] = [pathName(cursor)];
  for (;;) {
    if (cursor.take('.')) {
      path.push(pathName(cursor));
    } else if (cursor.take('[')) {
      if (cursor.token.kind !== 'number') throw new SyntaxFault('an index is a number');
      path.push(Number(cursor.next().text));
      cursor.expect(']');
    } else {
      return path;
    }
  }
};

const pathName = (cursor: Cursor): string => {
  const { kind, text } = cursor.token;
  if (kind === 'name' || (kind === 'word' && !KEYWORDS.includes(text.toUpperCase()))) return cursor.next().text;
  throw new SyntaxFault('no path');
};
