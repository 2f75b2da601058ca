import { OplockStreamError } from '../../errors';
import { inverseCondition } from '../inverse';
import type { Write } from '../write';

/** Fields that both inputs share; as loose as the document client's own, so that either fits where the other does. */
interface ConditionalInput {
  TableName: string | undefined;
  ConditionExpression?: string | undefined;
  ExpressionAttributeNames?: Record<string, string> | undefined;
  ExpressionAttributeValues?: Record<string, unknown> | undefined;
  ReturnValuesOnConditionCheckFailure?: 'ALL_OLD' | 'NONE' | undefined;
}

/** Fits `UpdateCommandInput` of the document client, and is fitted by it. */
export interface UpdateInput extends ConditionalInput {
  Key: Record<string, unknown> | undefined;
  UpdateExpression?: string | undefined;
}

/** Fits `PutCommandInput` of the document client. */
export interface PutInput extends ConditionalInput {
  Item: Record<string, unknown> | undefined;
}

export type RenderedWrite = { readonly command: 'update'; readonly input: UpdateInput } | { readonly command: 'put'; readonly input: PutInput };

/** DynamoDB's limit for one expression. */
const MAX_EXPRESSION_BYTES = 4096;

/**
 * The request for a write. Every name and value stands behind a placeholder that is made here. A failed condition
 * returns the old item, for the verdict. A tombstone puts the whole item, because an update cannot remove attributes
 * that it does not know, and what stayed would depend on the order of arrival.
 *
 * @throws OplockStreamError `INVALID_WRITE` when the write names more attributes than an expression has room for
 */
export const renderWrite = (write: Write, tableName: string): RenderedWrite =>
  write.kind === 'tombstone' ? { command: 'put', input: renderPut(write, tableName) } : { command: 'update', input: renderUpdate(write, tableName) };

const renderUpdate = (write: Write, tableName: string): UpdateInput => {
  const { expression, names: oplockNames, values: oplockValues } = inverseCondition(write.oplock, write.attributes);
  const names: Record<string, string> = { ...oplockNames };
  const values: Record<string, unknown> = { ...oplockValues };
  const assignments = ['#o=:o', '#t=:t'];
  let count = 0;
  for (const [name, value] of Object.entries(write.set)) {
    const index = (count++).toString(36);
    names[`#n${index}`] = name;
    values[`:v${index}`] = value;
    assignments.push(`#n${index}=:v${index}`);
  }
  const removals = write.remove.map((name) => {
    const placeholder = `#n${(count++).toString(36)}`;
    names[placeholder] = name;
    return placeholder;
  });
  return {
    TableName: tableName,
    Key: { ...write.key },
    UpdateExpression: withinLimit(`SET ${assignments.join(',')}${removals.length > 0 ? ` REMOVE ${removals.join(',')}` : ''}`, count),
    ConditionExpression: expression,
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  };
};

export const withinLimit = (expression: string, count: number): string => {
  if (expression.length <= MAX_EXPRESSION_BYTES) return expression;
  throw new OplockStreamError(
    'INVALID_WRITE',
    `set: the write names ${count} attributes, more than the ${MAX_EXPRESSION_BYTES} bytes of an UpdateExpression can hold. Put some of them into a map under one attribute`,
  );
};

const renderPut = (write: Write, tableName: string): PutInput => {
  const { expression, names, values } = inverseCondition(write.oplock, write.attributes);
  const { oplock, tie, deleted, ttl } = write.attributes;
  return {
    TableName: tableName,
    Item: {
      ...write.set,
      ...write.key,
      [oplock]: write.oplock.at,
      [tie]: write.oplock.tie,
      [deleted]: true,
      ...(write.expiresAt !== undefined && { [ttl]: write.expiresAt }),
    },
    ConditionExpression: expression,
    ExpressionAttributeNames: { ...names },
    ExpressionAttributeValues: { ...values },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  };
};
