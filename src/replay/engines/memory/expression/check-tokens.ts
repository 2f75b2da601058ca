import { tokenize, type Token } from '../../../../oplock/condition/tokens';

const MAX_OPERATORS = 300;
const CONNECTIVES: readonly string[] = ['AND', 'OR', 'NOT', 'BETWEEN'];
const COMPARATORS: readonly string[] = ['=', '<>', '<', '<=', '>', '>='];

/**
 * What DynamoDB refuses, although the parser, which reads expressions of other people's for their meaning, takes it. A
 * test double must not: the request would fail in production. The reason, or `undefined`.
 */
export const tokenProblem = (text: string, isCondition: boolean): string | undefined => {
  const tokens = tokenize(text) ?? [];
  if (tokens.some(({ kind, text: word }) => (kind === 'word' && word.startsWith('_')) || (kind === 'number' && /^0\d/.test(word)))) return 'Syntax error';
  if (hasRedundantParentheses(tokens)) return 'The expression has redundant parentheses';
  if (isCondition && tokens.filter(isOperator).length > MAX_OPERATORS) return `The expression contains too many operators; the maximum is ${MAX_OPERATORS}`;
  return undefined;
};

const isWordOf = (token: Token | undefined, words: readonly string[]): boolean => token?.kind === 'word' && words.includes(token.text.toUpperCase());

const isSymbol = (token: Token | undefined, text: string): boolean => token?.kind === 'symbol' && token.text === text;

/** Functions and IN are known by the parenthesis behind them. */
const isOperator = (token: Token, at: number, tokens: readonly Token[]): boolean =>
  (token.kind === 'symbol' && COMPARATORS.includes(token.text)) || isWordOf(token, CONNECTIVES) || (token.kind === 'word' && isSymbol(tokens[at + 1], '('));

/** `((…))`; the parentheses of a call are none of these. */
const hasRedundantParentheses = (tokens: readonly Token[]): boolean => {
  const open: number[] = [];
  const closedBy = new Map<number, number>();
  tokens.forEach((token, at) => {
    if (isSymbol(token, '(')) open.push(at);
    else if (isSymbol(token, ')')) closedBy.set(open.pop() ?? -1, at);
  });
  return [...closedBy].some(([from, to]) => {
    const before = tokens[from - 1];
    const isCall = before?.kind === 'word' && !isWordOf(before, CONNECTIVES);
    return !isCall && closedBy.get(from + 1) === to - 1;
  });
};
