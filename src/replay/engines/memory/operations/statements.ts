import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Database } from '../data/database';
import { Fault, invalid } from '../fault';
import { planStatement, type StatementInput, type StatementPlan } from '../partiql/plan';
import { noDuplicates } from './batch';
import { perform } from './write-item';

const MAX_STATEMENTS = 25;

const run = ({ kind, write, returns }: StatementPlan): Record<string, AttributeValue> | undefined => {
  try {
    return perform(write, returns);
  } catch (error) {
    if (kind !== 'insert' || !(error instanceof Fault) || error.name !== 'ConditionalCheckFailedException') throw error;
    throw new Fault('DuplicateItemException', 'Duplicate primary key exists in table');
  }
};

/** One UPDATE or INSERT in PartiQL. */
export const executeStatement = (database: Database, input: StatementInput): object => {
  const item = run(planStatement(database, input));
  return { Items: item ? [item] : [] };
};

const CODES: Readonly<Record<string, string>> = {
  ConditionalCheckFailedException: 'ConditionalCheckFailed', DuplicateItemException: 'DuplicateItem', ResourceNotFoundException: 'ResourceNotFound', ValidationException: 'ValidationError',
};

const attempt = <T>(action: () => T): T | Fault => {
  try {
    return action();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
};

const failure = ({ name, message, fields }: Fault, TableName?: string): object => ({ ...(TableName !== undefined && { TableName }), Error: { Code: CODES[name] ?? name, Message: message, ...fields } });

/** Up to 25 of them: each for itself, in their order. */
export const batchExecute = (database: Database, { Statements = [] }: { readonly Statements?: readonly StatementInput[] }): object => {
  if (Statements.length < 1 || Statements.length > MAX_STATEMENTS) throw invalid(`A batch has 1 to ${MAX_STATEMENTS} statements, found ${Statements.length}`);
  const plans = Statements.map((input) => attempt(() => planStatement(database, input)));
  const check = noDuplicates('Provided list of item keys contains duplicates');
  for (const plan of plans) if (!(plan instanceof Fault)) check(plan.write.table, plan.write.place);
  return {
    Responses: plans.map((plan) => {
      if (plan instanceof Fault) return failure(plan);
      const { name: TableName } = plan.write.table;
      const Item = attempt(() => run(plan));
      if (Item instanceof Fault) return failure(Item, TableName);
      return { TableName, ...(Item && { Item }) };
    }),
  };
};
