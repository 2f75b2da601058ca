/** A condition as dynalite has parsed it: operators with arguments, paths as arrays of names, attribute values. */
export type Expression = { readonly type?: unknown; readonly args?: readonly Expression[] } | readonly string[];

const SURROGATE = /[\ud800-\udfff]/;

const toBytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

const valueToBytes = <T>(value: T): T =>
  JSON.parse(JSON.stringify(value), (_name, one: unknown) => (typeof one === 'string' ? toBytes(one) : one)) as T;

const expressionToBytes = (expression: Expression): Expression => {
  if ('args' in expression && expression.args) return { ...expression, args: expression.args.map(expressionToBytes) };
  // A path is an array: its names are looked up, not compared.
  return Array.isArray(expression) ? expression : valueToBytes(expression);
};

/**
 * dynalite compares strings as JavaScript does, by UTF-16 units; DynamoDB by UTF-8 bytes. They differ only where a
 * character beyond U+FFFF takes part. Then item and condition are handed over with each string as its bytes, one
 * character each, which compare as they should in either way.
 */
export const comparableAsBytes = <T>(expression: Expression, item: T): { readonly expression: Expression; readonly item: T } => {
  const plain = { expression, item };
  if (!SURROGATE.test(JSON.stringify(plain))) return plain;
  return { expression: expressionToBytes(expression), item: valueToBytes(item) };
};
