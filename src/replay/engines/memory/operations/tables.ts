import type { AttributeDefinition, KeySchemaElement, StreamSpecification, TableDescription, TimeToLiveSpecification } from '@aws-sdk/client-dynamodb';
import { keyAttributes, type KeyAttribute } from '../../table-key';
import { tableNamed, type Database } from '../data/database';
import { createTableData, type Table } from '../data/table';
import { Fault, invalid, refuse, unsupported } from '../fault';
import { itemSize } from '../value/size';

export interface CreateTableInput {
  readonly TableName?: string | undefined;
  readonly KeySchema?: readonly KeySchemaElement[] | undefined;
  readonly AttributeDefinitions?: readonly AttributeDefinition[] | undefined;
  readonly StreamSpecification?: StreamSpecification | undefined;
  readonly BillingMode?: string | undefined;
  readonly ProvisionedThroughput?: object | undefined;
}

const NAME = /^[\w.-]{3,255}$/;

export const createTable = (database: Database, input: CreateTableInput): object => {
  refuse(input, ['GlobalSecondaryIndexes', 'LocalSecondaryIndexes']);
  if (input.StreamSpecification?.StreamEnabled) throw unsupported('streams');
  const { TableName: name = '', KeySchema: schema = [], AttributeDefinitions: definitions = [] } = input;
  if (!NAME.test(name)) throw invalid(`The table name ${JSON.stringify(name)} must have 3 to 255 letters, digits, _, - or .`);
  if (input.BillingMode !== 'PAY_PER_REQUEST' && !input.ProvisionedThroughput) throw invalid('No provisioned throughput specified for the table');
  const key = readKey(schema, definitions);
  if (database.tables.has(name)) throw new Fault('ResourceInUseException', `Table already exists: ${name}`);
  const table = createTableData(name, key);
  database.tables.set(name, table);
  return { TableDescription: describe(table) };
};

const readKey = (schema: readonly KeySchemaElement[], definitions: readonly AttributeDefinition[]): Table['key'] => {
  const [partition, sort, ...more] = schema;
  if (partition?.KeyType !== 'HASH' || (sort && sort.KeyType !== 'RANGE') || more.length > 0) throw invalid('Invalid KeySchema: the first element is a HASH key, the second, if any, a RANGE key');
  if (definitions.length !== schema.length) throw invalid('The number of attributes in KeySchema must match the number of attributes in AttributeDefinitions');
  const attribute = (name = ''): KeyAttribute => {
    const type = definitions.find((one) => one.AttributeName === name)?.AttributeType;
    if (type === 'S' || type === 'N' || type === 'B') return { name, type };
    throw invalid(`Hash Key or Range Key not specified in Attribute Definitions: ${name}`);
  };
  return { partitionKey: attribute(partition.AttributeName), ...(sort && { sortKey: attribute(sort.AttributeName) }) };
};

const describe = (table: Table, TableStatus: 'ACTIVE' | 'DELETING' = 'ACTIVE'): TableDescription => ({
  TableName: table.name,
  TableStatus,
  TableArn: `arn:aws:dynamodb:local:000000000000:table/${table.name}`,
  CreationDateTime: table.created,
  KeySchema: table.keyNames.map((AttributeName, at) => ({ AttributeName, KeyType: at === 0 ? 'HASH' : 'RANGE' })),
  AttributeDefinitions: keyAttributes(table.key).map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
  BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
  ItemCount: table.count(),
  TableSizeBytes: table.all().reduce((sum, item) => sum + itemSize(item), 0),
});

export const describeTable = (database: Database, input: { readonly TableName?: string }): object => ({ Table: describe(tableNamed(database, input.TableName)) });

export const deleteTable = (database: Database, input: { readonly TableName?: string }): object => {
  const table = tableNamed(database, input.TableName);
  database.tables.delete(table.name);
  database.timeToLive.delete(table.name);
  return { TableDescription: describe(table, 'DELETING') };
};

const MAX_LISTED = 100;

export const listTables = ({ tables }: Database, input: { readonly ExclusiveStartTableName?: string; readonly Limit?: number }): object => {
  const from = input.ExclusiveStartTableName;
  const names = [...tables.keys()].sort().filter((name) => from === undefined || name > from);
  const TableNames = names.slice(0, input.Limit ?? MAX_LISTED);
  return { TableNames, ...(TableNames.length < names.length && { LastEvaluatedTableName: TableNames.at(-1) }) };
};

/** Remembered for {@link describeTimeToLive}; nothing ever expires here. */
export const updateTimeToLive = (database: Database, input: { readonly TableName?: string; readonly TimeToLiveSpecification?: TimeToLiveSpecification }): object => {
  const { name } = tableNamed(database, input.TableName);
  const { Enabled, AttributeName } = input.TimeToLiveSpecification ?? {};
  if (!AttributeName) throw invalid('TimeToLiveSpecification needs an AttributeName');
  if (database.timeToLive.has(name) === Boolean(Enabled)) throw invalid(`TimeToLive is already ${Enabled ? 'enabled' : 'disabled'}`);
  if (Enabled) database.timeToLive.set(name, AttributeName);
  else database.timeToLive.delete(name);
  return { TimeToLiveSpecification: { Enabled, AttributeName } };
};

export const describeTimeToLive = (database: Database, input: { readonly TableName?: string }): object => {
  const AttributeName = database.timeToLive.get(tableNamed(database, input.TableName).name);
  return { TimeToLiveDescription: AttributeName === undefined ? { TimeToLiveStatus: 'DISABLED' } : { TimeToLiveStatus: 'ENABLED', AttributeName } };
};
