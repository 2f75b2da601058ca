import { invalid } from '../fault';

export interface PartiqlToken {
  /** `name`: a quoted or bare identifier; `text`: a string; `parameter`: `?`. */
  readonly kind: 'name' | 'word' | 'text' | 'number' | 'parameter' | 'symbol' | 'end';
  readonly text: string;
}

const TOKEN = /\s*(?:"((?:[^"]|"")*)"|'((?:[^']|'')*)'|([A-Za-z_]\w*)|(\d+(?:\.\d+)?)|(\?)|(<>|<=|>=|[=<>(),.[\]{}:*+-]))/y;
const KINDS = ['name', 'text', 'word', 'number', 'parameter', 'symbol'] as const;

/** A statement's tokens, with quotes undone. Throws a ValidationException for anything else. */
export const tokenizeStatement = (statement: string): readonly PartiqlToken[] => {
  const pattern = new RegExp(TOKEN);
  const end = statement.trimEnd().length;
  const tokens: PartiqlToken[] = [];
  while (pattern.lastIndex < end) {
    const at = pattern.lastIndex;
    const match = pattern.exec(statement);
    if (!match) throw invalid(`Statement wasn't well formed, can't be processed: unexpected ${statement.slice(at, at + 20)}`);
    const index = match.findIndex((part, i) => i > 0 && part !== undefined);
    const kind = KINDS[index - 1] ?? 'symbol';
    const text = match[index] ?? '';
    tokens.push({ kind, text: kind === 'name' ? text.replaceAll('""', '"') : kind === 'text' ? text.replaceAll('\'\'', '\'') : text });
  }
  tokens.push({ kind: 'end', text: '' });
  return tokens;
};
