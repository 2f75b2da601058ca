export type TokenKind = 'name' | 'value' | 'word' | 'number' | 'symbol' | 'end';

export interface Token {
  /** `name`: `#n`; `value`: `:v`; `word`: a bare name, keyword or function. */
  readonly kind: TokenKind;
  readonly text: string;
}

/** DynamoDB takes 4,096 bytes; its emulators take more. Beyond this nothing is read, so that the work is bounded. */
const MAX_TEXT = 65_536;

const TOKEN = /\s*(?:(#\w+)|(:\w+)|([A-Za-z_]\w*)|(\d+)|(<>|<=|>=|[=<>(),.[\]+-]))/y;
const KINDS = ['name', 'value', 'word', 'number', 'symbol'] as const;

/** The tokens of an expression, with an `end` behind them; `undefined` when there is something else in it. */
export const tokenize = (text: string): readonly Token[] | undefined => {
  if (text.length > MAX_TEXT) return undefined;
  const pattern = new RegExp(TOKEN);
  const end = text.trimEnd().length;
  const tokens: Token[] = [];
  while (pattern.lastIndex < end) {
    const match = pattern.exec(text);
    if (!match) return undefined;
    const index = match.findIndex((part, i) => i > 0 && part !== undefined);
    tokens.push({ kind: KINDS[index - 1] ?? 'symbol', text: match[index] ?? '' });
  }
  tokens.push({ kind: 'end', text: '' });
  return tokens;
};
