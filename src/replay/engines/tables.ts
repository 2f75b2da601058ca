import {
  CreateTableCommand, DeleteTableCommand, DescribeTableCommand, ScanCommand,
  type AttributeValue, type DynamoDBClient, type TableDescription,
} from '@aws-sdk/client-dynamodb';
import { OplockStreamError } from '../../errors';
import type { Item } from './engine';
import { keyAttributes, tableKey, type TableKey, type TableSpec } from './table-key';

const isNamed = (error: unknown, name: string): boolean => (error as { name?: string } | undefined)?.name === name;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const describe = async (client: DynamoDBClient, name: string): Promise<TableDescription | undefined> => {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: name }))).Table;
  } catch (error) {
    if (isNamed(error, 'ResourceNotFoundException')) return undefined;
    throw error;
  }
};

const keyText = (key: TableKey): string => keyAttributes(key).map(({ name, type }) => `${name} (${type})`).join(', ');

const actualKeyText = (table: TableDescription): string => (table.KeySchema ?? [])
  .map(({ AttributeName }) => {
    const type = table.AttributeDefinitions?.find((definition) => definition.AttributeName === AttributeName)?.AttributeType;
    return `${AttributeName} (${type})`;
  })
  .join(', ');

const awaitActive = async (client: DynamoDBClient, name: string): Promise<TableDescription | undefined> => {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const table = await describe(client, name);
    if (!table || table.TableStatus === 'ACTIVE') return table;
    await pause(Math.min(50 * (attempt + 1), 500));
  }
  throw new OplockStreamError('TABLE_NOT_ACTIVE', `Table ${name} did not become ACTIVE. Look at it in the engine.`);
};

/** Checks that the table is there, with this key and stream: `TABLE_MISSING`, `TABLE_KEY_DIFFERS`, `TABLE_STREAM_DIFFERS`. */
export const checkTable = async (client: DynamoDBClient, spec: TableSpec): Promise<void> => {
  const table = await awaitActive(client, spec.name);
  if (!table) {
    throw new OplockStreamError('TABLE_MISSING', `There is no table ${spec.name}. Create it first, with the key ${keyText(tableKey(spec))}.`);
  }
  const wanted = keyText(tableKey(spec));
  const found = actualKeyText(table);
  if (found !== wanted) {
    throw new OplockStreamError('TABLE_KEY_DIFFERS', `Table ${spec.name} has the key ${found}, the rules expect ${wanted}. Name another table, or change \`table\` in the rules module.`);
  }
  const stream = viewTypeOf(table);
  if (spec.stream !== undefined && stream !== spec.stream) {
    throw new OplockStreamError('TABLE_STREAM_DIFFERS', `Table ${spec.name} has ${stream === undefined ? 'no stream' : `a stream of ${stream}`}, ${spec.stream} is expected. The embedded engine has no streams: use the local engine; elsewhere, change the stream of the table.`);
  }
};

const viewTypeOf = ({ StreamSpecification: stream }: TableDescription): string | undefined =>
  (stream?.StreamEnabled ? stream.StreamViewType : undefined);

/** Throws `TABLE_MISSING`, `STREAM_MISSING`. */
export const streamArn = async (client: DynamoDBClient, name: string): Promise<string> => {
  const table = await describe(client, name);
  if (!table) throw new OplockStreamError('TABLE_MISSING', `There is no table ${name}. Create it first, with a stream.`);
  // A stream that was switched off keeps its ARN.
  if (!table.LatestStreamArn || viewTypeOf(table) === undefined) {
    throw new OplockStreamError('STREAM_MISSING', `Table ${name} has no stream. Create it with \`stream: 'NEW_AND_OLD_IMAGES'\`, on the local engine: the embedded one has no streams.`);
  }
  return table.LatestStreamArn;
};

export const createTable = async (client: DynamoDBClient, spec: TableSpec): Promise<void> => {
  const key = tableKey(spec);
  try {
    await client.send(new CreateTableCommand({
      TableName: spec.name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: keyAttributes(key).map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
      KeySchema: keyAttributes(key).map(({ name }, at) => ({ AttributeName: name, KeyType: at === 0 ? 'HASH' : 'RANGE' })),
      ...(spec.stream === undefined ? {} : { StreamSpecification: { StreamEnabled: true, StreamViewType: spec.stream } }),
    }));
  } catch (error) {
    if (!isNamed(error, 'ResourceInUseException')) throw error;
  }
  await checkTable(client, spec);
};

export const dropTable = async (client: DynamoDBClient, name: string): Promise<void> => {
  try {
    await client.send(new DeleteTableCommand({ TableName: name }));
  } catch (error) {
    if (!isNamed(error, 'ResourceNotFoundException')) throw error;
  }
};

export const scanTable = async (client: DynamoDBClient, name: string): Promise<readonly Item[]> => {
  const items: Item[] = [];
  let from: Record<string, AttributeValue> | undefined;
  do {
    const page = await client.send(new ScanCommand({
      TableName: name, ConsistentRead: true, ...(from ? { ExclusiveStartKey: from } : {}),
    }));
    for (const item of page.Items ?? []) items.push(item);
    from = page.LastEvaluatedKey;
  } while (from);
  return items;
};
