import type { Database } from './data/database';
import { unsupported } from './fault';
import { batchGet, batchWrite } from './operations/batch';
import { query, scan } from './operations/query';
import { getItem } from './operations/read';
import { createTable, deleteTable, describeTable, describeTimeToLive, listTables, updateTimeToLive } from './operations/tables';
import { batchExecute, executeStatement } from './operations/statements';
import { transactGet, transactWrite } from './operations/transact';
import { writeItem } from './operations/write-item';

const OPERATIONS = {
  GetItem: getItem,
  PutItem: writeItem('Put'),
  UpdateItem: writeItem('Update'),
  DeleteItem: writeItem('Delete'),
  Query: query,
  Scan: scan,
  BatchGetItem: batchGet,
  BatchWriteItem: batchWrite,
  TransactGetItems: transactGet,
  TransactWriteItems: transactWrite,
  ExecuteStatement: executeStatement,
  BatchExecuteStatement: batchExecute,
  CreateTable: createTable,
  DescribeTable: describeTable,
  DeleteTable: deleteTable,
  ListTables: listTables,
  UpdateTimeToLive: updateTimeToLive,
  DescribeTimeToLive: describeTimeToLive,
} as const satisfies Readonly<Record<string, (database: Database, input: never) => object>>;

export type OperationName = keyof typeof OPERATIONS;

const isOperation = (name: string): name is OperationName => Object.hasOwn(OPERATIONS, name);

/**
 * One request, in typed attribute values, and its answer. Throws {@link Fault} for what DynamoDB would refuse, and
 * `MEMORY_ENGINE_UNSUPPORTED` for what this engine has not.
 */
export const execute = (database: Database, operation: string, input: object): object => {
  if (!isOperation(operation)) throw unsupported(`operation ${operation}`);
  const run: (database: Database, input: never) => object = OPERATIONS[operation];
  return run(database, input as never);
};
