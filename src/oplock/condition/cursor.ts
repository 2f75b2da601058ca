import { tokenize, type Token } from './tokens';

/** Deeper than any condition within DynamoDB's 300 operators is written; it keeps hostile text off the stack. */
const MAX_DEPTH = 200;

/** The text is not what the parser reads. Stays inside: {@link attempt} turns it into `undefined`. */
export class SyntaxFault extends Error {}

/** A place in a list of tokens. */
export class Cursor {
  private position = 0;
  depth = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  get token(): Token {
    return this.tokens[this.position] ?? { kind: 'end', text: '' };
  }

  next(): Token {
    const { token } = this;
    this.position += 1;
    return token;
  }

  isSymbol(text: string): boolean {
    return this.token.kind === 'symbol' && this.token.text === text;
  }

  isKeyword(word: string): boolean {
    return this.token.kind === 'word' && this.token.text.toUpperCase() === word;
  }

  /** Takes the symbol or keyword if it is next. */
  take(text: string): boolean {
    const found = this.isSymbol(text) || this.isKeyword(text);
    if (found) this.position += 1;
    return found;
  }

  expect(text: string): void {
    if (!this.take(text)) throw new SyntaxFault(text);
  }
}

/** Runs a parser over the whole of a text; `undefined` when it does not fit. */
export const attempt = <T>(text: string, parser: (cursor: Cursor) => T): T | undefined => {
  const tokens = tokenize(text);
  if (!tokens) return undefined;
  const cursor = new Cursor(tokens);
  try {
    const result = parser(cursor);
    return cursor.token.kind === 'end' ? result : undefined;
  } catch (error) {
    if (error instanceof SyntaxFault) return undefined;
    throw error;
  }
};

/** Runs a parser one level deeper. */
export const nested = <T>(cursor: Cursor, parser: (cursor: Cursor) => T): T => {
  cursor.depth += 1;
  if (cursor.depth > MAX_DEPTH) throw new SyntaxFault('too deep');
  const result = parser(cursor);
  cursor.depth -= 1;
  return result;
};
