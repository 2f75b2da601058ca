import { boundValue } from '../../../../oplock/condition/ast';
import { tableNamed, type Database } from '../data/database';
import { invalid, unsupported } from '../fault';
import { planWrite, type Write } from '../operations/write';
import { defineOwn } from '../value/own';
import { malformed, readName, readStatement, readValue, type StatementReader } from './reader';
import { readUpdate } from './update';
import { joined, type Where } from './where';

export interface StatementInput {
  readonly Statement?: string | undefined;
  readonly Parameters?: readonly unknown[] | undefined;
  readonly ReturnValuesOnConditionCheckFailure?: string | undefined;
}

export interface StatementPlan {
  readonly kind: 'update' | 'insert';
  readonly write: Write;
  readonly returns: string;
}

const MAX_STATEMENT = 8_192;

/** What an UPDATE or INSERT comes to as UpdateItem or PutItem: the item must be there, or must not. */
export const planStatement = (database: Database, { Statement: statement = '', Parameters: parameters, ReturnValuesOnConditionCheckFailure }: StatementInput): StatementPlan => {
  if (statement === '' || statement.length > MAX_STATEMENT) throw invalid(`A statement has 1 to ${MAX_STATEMENT} characters`);
  const reader = readStatement(statement, parameters ?? []);
  if (reader.take('UPDATE')) return planUpdate(database, reader, ReturnValuesOnConditionCheckFailure);
  if (reader.take('INSERT')) return planInsert(database, reader);
  throw unsupported('PartiQL statements but UPDATE and INSERT');
};

const planUpdate = (database: Database, reader: StatementReader, onFailure: string | undefined): StatementPlan => {
  const { table: TableName, update, where, returns } = readUpdate(reader);
  const { keyNames } = tableNamed(database, TableName);
  const parts = where.type === 'and' ? where.parts ?? [] : [where];
  const isKey = ({ equality }: Where): boolean => equality !== undefined && keyNames.includes(reader.names[equality.name] ?? '');
  const keys = parts.filter(isKey);
  if (keys.length !== keyNames.length) throw invalid('Where clause does not contain a mandatory equality on all key attributes');
  const Key: Record<string, unknown> = {};
  for (const { equality } of keys) if (equality) defineOwn(Key, reader.names[equality.name] ?? '', boundValue(equality.value, reader));
  const there: Where = { type: 'one', text: `attribute_exists(${reader.name(keyNames[0] ?? '')})` };
  const condition = joined([there, ...parts.filter((part) => !isKey(part))], 'and').text;
  const texts = `${update} ${condition}`;
  const write = planWrite(database, 'Update', {
    TableName, Key, UpdateExpression: update, ConditionExpression: condition, ReturnValuesOnConditionCheckFailure: onFailure,
    ExpressionAttributeNames: used(reader.names, texts), ExpressionAttributeValues: used(reader.values, texts),
  });
  return { kind: 'update', write, returns };
};

/** Names and values of the key are in no expression. */
const used = <T>(placeholders: Readonly<Record<string, T>>, texts: string): Readonly<Record<string, T>> | undefined => {
  const found = Object.entries(placeholders).filter(([placeholder]) => new RegExp(`${placeholder}(?!\\d)`).test(texts));
  return found.length > 0 ? Object.fromEntries(found) : undefined;
};

/** `INSERT INTO "t" VALUE {'a': ?}` */
const planInsert = (database: Database, reader: StatementReader): StatementPlan => {
  reader.expect('INTO');
  const TableName = readName(reader);
  reader.expect('VALUE');
  reader.expect('{');
  const members: (readonly [string, unknown])[] = [];
  do {
    const name = reader.next();
    reader.expect(':');
    const value = readValue(reader);
    if (name.kind !== 'text' || value === undefined) throw malformed(name);
    members.push([name.text, boundValue(value, reader)]);
  } while (reader.take(','));
  reader.expect('}');
  reader.finish();
  const [key = ''] = tableNamed(database, TableName).keyNames;
  const write = planWrite(database, 'Put', { TableName, Item: Object.fromEntries(members), ConditionExpression: 'attribute_not_exists(#k)', ExpressionAttributeNames: { '#k': key } });
  return { kind: 'insert', write, returns: 'NONE' };
};
