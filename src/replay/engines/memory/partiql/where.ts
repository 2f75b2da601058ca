import { malformed, readPair, readPath, readValue, type StatementReader } from './reader';

/** A condition as DynamoDB's expressions have it. */
export interface Where {
  readonly text: string;
  readonly type: 'or' | 'and' | 'one';
  /** Of an `and`. */
  readonly parts?: readonly Where[];
  /** Of `name = value`, by their placeholders. */
  readonly equality?: { readonly name: string; readonly value: string };
}

const COMPARATORS = ['=', '<>', '<=', '>=', '<', '>'];
const FUNCTIONS = ['begins_with', 'contains', 'attribute_type'];

export const readWhere = (reader: StatementReader): Where => series(reader, 'OR', 'or', conjunction);

const series = (reader: StatementReader, keyword: string, type: 'or' | 'and', member: (reader: StatementReader) => Where): Where => {
  const parts = [member(reader)];
  while (reader.take(keyword)) parts.push(member(reader));
  const [only] = parts;
  return parts.length === 1 && only ? only : joined(parts, type);
};

/** The parts by `and` (or `or`), in parentheses where they need them. */
export const joined = (parts: readonly Where[], type: 'or' | 'and'): Where =>
  ({ type, parts, text: parts.map((part) => (part.type === 'one' ? part.text : `(${part.text})`)).join(type === 'or' ? ' OR ' : ' AND ') });

const conjunction = (reader: StatementReader): Where => series(reader, 'AND', 'and', negation);

const negation = (reader: StatementReader): Where => {
  if (!reader.take('NOT')) return primary(reader);
  const { text, type } = negation(reader);
  return { type: 'one', text: type === 'one' ? `NOT ${text}` : `NOT (${text})` };
};

const primary = (reader: StatementReader): Where => {
  if (reader.take('(')) {
    const inner = readWhere(reader);
    reader.expect(')');
    return inner;
  }
  const call = readCall(reader);
  return call ?? comparison(reader, readOperand(reader));
};

const readCall = (reader: StatementReader): Where | undefined => {
  const { kind, text } = reader.token();
  const name = kind === 'word' ? FUNCTIONS.find((one) => one === text.toLowerCase()) : undefined;
  if (name === undefined) return undefined;
  const [first, second] = readPair(reader, readOperand, readOperand);
  return { type: 'one', text: `${name}(${first}, ${second})` };
};

const readOperand = (reader: StatementReader): string => {
  const { kind, text } = reader.token();
  if (kind === 'word' && text.toLowerCase() === 'size') {
    reader.next();
    reader.expect('(');
    const path = readPath(reader);
    reader.expect(')');
    return `size(${path})`;
  }
  return readValue(reader) ?? readPath(reader);
};

const comparison = (reader: StatementReader, left: string): Where => {
  if (reader.take('IS')) {
    const not = reader.take('NOT');
    reader.expect('MISSING');
    return { type: 'one', text: `${not ? 'attribute_exists' : 'attribute_not_exists'}(${left})` };
  }
  if (reader.take('BETWEEN')) {
    const low = readOperand(reader);
    reader.expect('AND');
    return { type: 'one', text: `${left} BETWEEN ${low} AND ${readOperand(reader)}` };
  }
  if (reader.take('IN')) return { type: 'one', text: `${left} IN (${readList(reader).join(', ')})` };
  const operator = COMPARATORS.find((one) => reader.take(one));
  if (!operator) throw malformed(reader.token());
  const right = readOperand(reader);
  const isEquality = operator === '=' && /^#p\d+$/.test(left) && right.startsWith(':');
  return { type: 'one', text: `${left} ${operator} ${right}`, ...(isEquality && { equality: { name: left, value: right } }) };
};

const readList = (reader: StatementReader): readonly string[] => {
  const close = reader.take('[') ? ']' : ')';
  if (close === ')') reader.expect('(');
  const list: string[] = [];
  do list.push(readOperand(reader));
  while (reader.take(','));
  reader.expect(close);
  return list;
};
