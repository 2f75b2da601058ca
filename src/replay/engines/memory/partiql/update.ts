import { invalid } from '../fault';
import { malformed, readName, readPair, readPath, readValue, type StatementReader } from './reader';
import { readWhere, type Where } from './where';

export interface UpdateStatement {
  readonly table: string;
  readonly update: string;
  readonly where: Where;
  readonly returns: string;
}

const MEMBERS = { set_add: 'ADD', set_delete: 'DELETE' } as const;

/** ADD would take a number, too. */
const SETS = ['SS', 'NS', 'BS'];

type Clauses = Readonly<Record<'SET' | 'REMOVE' | 'ADD' | 'DELETE', string[]>>;

/** `UPDATE "t" SET … REMOVE … WHERE … RETURNING …`, the word UPDATE being read already. */
export const readUpdate = (reader: StatementReader): UpdateStatement => {
  const table = readName(reader);
  const clauses: Clauses = { SET: [], REMOVE: [], ADD: [], DELETE: [] };
  for (;;) {
    if (reader.take('SET')) {
      do readSet(reader, clauses);
      while (reader.take(','));
    } else if (reader.take('REMOVE')) {
      clauses.REMOVE.push(readPath(reader));
    } else {
      break;
    }
  }
  reader.expect('WHERE');
  const where = readWhere(reader);
  const returns = reader.take('RETURNING') ? readReturning(reader) : 'NONE';
  reader.finish();
  const update = Object.entries(clauses).filter(([, actions]) => actions.length > 0).map(([clause, actions]) => `${clause} ${actions.join(', ')}`).join(' ');
  return { table, update, where, returns };
};

const readReturning = (reader: StatementReader): string => {
  const what = reader.take('ALL') ? 'ALL' : reader.take('MODIFIED') ? 'UPDATED' : undefined;
  const when = reader.take('OLD') ? 'OLD' : reader.take('NEW') ? 'NEW' : undefined;
  if (!what || !when) throw malformed(reader.token());
  reader.expect('*');
  return `${what}_${when}`;
};

const readSet = (reader: StatementReader, clauses: Clauses): void => {
  const target = readPath(reader);
  reader.expect('=');
  const { kind, text } = reader.token();
  const member = kind === 'word' && Object.hasOwn(MEMBERS, text.toLowerCase()) ? MEMBERS[text.toLowerCase() as keyof typeof MEMBERS] : undefined;
  if (!member) {
    clauses.SET.push(`${target} = ${readSum(reader)}`);
    return;
  }
  const [source, value] = readPair(reader, readPath, readValue);
  if (source !== target || value === undefined) throw malformed({ kind, text });
  if (!SETS.some((type) => Object.hasOwn(reader.values[value] as object, type))) throw invalid(`Incorrect operand type for operator or function; operator: ${text}`);
  clauses[member].push(`${target} ${value}`);
};

const readSum = (reader: StatementReader): string => {
  const left = readTerm(reader);
  const sign = reader.take('+') ? '+' : reader.take('-') ? '-' : undefined;
  return sign ? `${left} ${sign} ${readTerm(reader)}` : left;
};

const readTerm = (reader: StatementReader): string => {
  const { kind, text } = reader.token();
  const name = text.toLowerCase();
  if (kind !== 'word' || (name !== 'list_append' && name !== 'if_not_exists')) return readValue(reader) ?? readPath(reader);
  const [first, second] = readPair(reader, readTerm, readTerm);
  return `${name}(${first}, ${second})`;
};
