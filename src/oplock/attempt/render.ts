import { OplockStreamError } from '../../errors';
import { createExpression, type Expression } from '../expression';
import type { Attempt, Companion } from './attempt';
import { conditionOf, type Requirement } from './requirement';

/** Fields that the inputs share; as loose as the document client's own, so that either fits where the other does. */
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

/** Fits `DeleteCommandInput` of the document client. */
export interface DeleteInput extends ConditionalInput {
  Key: Record<string, unknown> | undefined;
}

type RenderedOne =
  | { readonly command: 'update'; readonly input: UpdateInput }
  | { readonly command: 'put'; readonly input: PutInput }
  | { readonly command: 'delete'; readonly input: DeleteInput };

/** Fits a member of `TransactItems`. */
export interface TransactItem {
  Update?: UpdateInput & { UpdateExpression: string | undefined };
  Put?: PutInput;
  Delete?: DeleteInput;
}

export type RenderedWrite = RenderedOne | { readonly command: 'transact'; readonly input: { readonly TransactItems: TransactItem[] } };

/** DynamoDB's limit for one expression. */
const MAX_EXPRESSION_BYTES = 4096;

/**
 * The request for an attempt. Every name and value stands behind a placeholder that is made here. A failed condition
 * returns the old item, for the verdict.
 *
 * @throws OplockStreamError `INVALID_WRITE` when the write names more attributes than an expression has room for
 */
export const renderAttempt = (attempt: Attempt, tableName: string): RenderedWrite => {
  const main = renderOne(attempt, tableName);
  const companions = attempt.companions ?? [];
  return companions.length === 0 ? main : { command: 'transact', input: { TransactItems: [transactItem(main), ...companions.map((one) => renderCompanion(one, tableName))] } };
};

const renderOne = (attempt: Attempt, tableName: string): RenderedOne => {
  const expression = createExpression();
  const condition = render(attempt.requires, tableName, expression);
  const Key = { ...attempt.key };
  switch (attempt.how) {
    case 'put': return { command: 'put', input: { ...condition, ...expression.attributes(), Item: { ...attempt.set, ...Key } } };
    case 'delete': return { command: 'delete', input: { ...condition, ...expression.attributes(), Key } };
    case 'update': {
      const UpdateExpression = updateOf(attempt, expression);
      return { command: 'update', input: { ...condition, ...expression.attributes(), Key, UpdateExpression } };
    }
  }
};

const render = (requires: readonly Requirement[], TableName: string, expression: Expression) => {
  const conditions = requires.map((requirement) => conditionOf(requirement, expression));
  return {
    TableName,
    ...(conditions.length > 0 && { ConditionExpression: conditions.length === 1 ? conditions[0] : conditions.map((one) => `(${one})`).join(' AND ') }),
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
  };
};

const updateOf = (attempt: Attempt, expression: Expression): string => {
  const text = updateText(attempt, expression);
  if (fitsExpression(text)) return text;
  const { set, remove, add = {} } = attempt;
  const count = Object.keys(set).length + remove.length + Object.keys(add).length;
  throw new OplockStreamError(
    'INVALID_WRITE',
    `set: the write names ${count} attributes, more than the ${MAX_EXPRESSION_BYTES} bytes of an UpdateExpression can hold. Put some of them into a map under one attribute`,
  );
};

/** The UpdateExpression of an effect, however long. */
export const updateText = ({ set, remove, add = {} }: Pick<Attempt, 'set' | 'remove' | 'add'>, { name, value }: Expression): string => {
  const assignments = Object.entries(set).map(([attribute, content]) => `${name(attribute)}=${value(content)}`);
  const removals = remove.map(name);
  const additions = Object.entries(add).map(([attribute, content]) => `${name(attribute)} ${value(content)}`);
  const clauses = [['SET', assignments], ['REMOVE', removals], ['ADD', additions]] as const;
  return clauses.flatMap(([word, parts]) => (parts.length > 0 ? [`${word} ${parts.join(',')}`] : [])).join(' ');
};

export const fitsExpression = (expression: string): boolean => expression.length <= MAX_EXPRESSION_BYTES;

const transactItem = (rendered: RenderedOne): TransactItem => {
  switch (rendered.command) {
    case 'update': return { Update: { ...rendered.input, UpdateExpression: rendered.input.UpdateExpression } };
    case 'put': return { Put: rendered.input };
    case 'delete': return { Delete: rendered.input };
  }
};

const renderCompanion = ({ tableName, key, how, set, requires }: Companion, ownTable: string): TransactItem => {
  const expression = createExpression();
  const condition = render(requires, tableName ?? ownTable, expression);
  const conditional = { ...condition, ...expression.attributes() };
  return how === 'put' ? { Put: { ...conditional, Item: { ...set, ...key } } } : { Delete: { ...conditional, Key: { ...key } } };
};
