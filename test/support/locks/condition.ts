import { evaluate } from '../../../src/oplock/condition/evaluate';
import { parseCondition } from '../../../src/oplock/condition/parse';

type Row = Readonly<Record<string, unknown>>;

/** The part of a request that says when it may be executed. */
export interface Conditional {
  readonly ConditionExpression?: string | undefined;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  readonly ExpressionAttributeValues?: Row | undefined;
}

/** The condition of a write, to be asked of rows. */
export const conditionOf = ({ ConditionExpression = '', ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} }: Conditional): ((row: Row | undefined) => boolean) => {
  const parsed = parseCondition(ConditionExpression);
  if (!parsed) throw new Error(`no condition: ${ConditionExpression}`);
  return (row) => evaluate(parsed, row, { names, values });
};
