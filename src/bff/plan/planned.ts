import type { Expression } from '../../oplock/expression';
import { CommandError } from '../errors';
import type { Item, Key } from '../result';
import type { Settings } from '../settings';
import type { Version } from '../version';
import type { Command, CommandContext } from './command';

interface Conditional {
  readonly TableName: string;
  readonly ConditionExpression: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, unknown>;
  readonly ReturnValuesOnConditionCheckFailure: 'ALL_OLD';
}

/** A conditional request; its fields are those of the document client's commands and of a transaction's items. */
export type PlannedRequest =
  | { readonly operation: 'put'; readonly input: Conditional & { readonly Item: Record<string, unknown> } }
  | { readonly operation: 'update'; readonly input: Conditional & { readonly Key: Record<string, unknown>; readonly UpdateExpression: string } }
  | { readonly operation: 'check'; readonly input: Conditional & { readonly Key: Record<string, unknown> } };

export interface Planned {
  readonly request: PlannedRequest;
  readonly command: Command;
  /** Of the item after the write; `undefined` for a check, which writes nothing. */
  readonly version: Version | undefined;
  readonly id: string;
  /** The item must have a list of recent commands: one without makes the table refuse the request as invalid. */
  readonly shifts: boolean;
}

/** DynamoDB's limit of one expression. Names and values stand outside of it. */
const MAX_EXPRESSION_BYTES = 4096;

/** Throws `COMMAND_TOO_LARGE` (413). */
export const checkExpression = (expression: string, what: string): string => {
  if (expression.length <= MAX_EXPRESSION_BYTES) return expression;
  throw new CommandError(
    'COMMAND_TOO_LARGE', 413,
    `${what} makes an expression of ${expression.length} bytes: DynamoDB takes ${MAX_EXPRESSION_BYTES}. Keep attributes that change together in one map, or make two commands of it`,
  );
};

export const conditional = (tableName: string, condition: string, expression: Expression): Conditional => ({
  TableName: tableName,
  ConditionExpression: checkExpression(condition, 'what the command expects'),
  ...expression.attributes(),
  ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
});

/** What every write leaves on the item. */
export const managed = (timestamp: number, version: Version, context: CommandContext, { names, versionName, discriminator, region }: Settings): Item => {
  const kind = context.discriminator ?? discriminator;
  return {
    [names.timestamp]: timestamp,
    [versionName]: version,
    ...(kind !== undefined && { [names.discriminator]: kind }),
    [names.lastModifiedBy]: context.by ?? 'system',
    ...(region !== undefined && { [names.awsregion]: region }),
  };
};

/** The item is there, and is not marked as deleted. */
export const isAlive = ({ names }: Settings, { name, value }: Expression): string =>
  `(attribute_not_exists(${name(names.deleted)}) OR ${name(names.deleted)} <> ${value(true)})`;

export const firstName = (key: Key): string => Object.keys(key)[0] as string; // planKey has seen to it that there is one
