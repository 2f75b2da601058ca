import { createExpression, type Expression } from '../../oplock/expression';
import { equalityCondition } from '../../oplock/equality';
import { ttl } from '../../time';
import type { Item, Key } from '../result';
import type { Settings } from '../settings';
import { ABSENT, PRESENT, type Version } from '../version';
import { attributesToSet } from './attributes-to-set';
import type { Command, CommandContext } from './command';
import { nextTimestamp, nextVersion, storedVersion } from './next';
import { nextCommands, notAppliedYet, shiftCommands } from './recent-commands';

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

/** Plans the conditional write of one command. Pure. Throws `INVALID_COMMAND`, `ITEM_TOO_LARGE`. */
export const planCommand = (command: Command, context: CommandContext, settings: Settings, tableName: string): Planned => {
  switch (command.intent) {
    case 'create': return planCreate(command, context, settings, tableName);
    case 'update': return planUpdate(command, command.changes, context, settings, tableName);
    case 'remove': return planUpdate(command, {}, context, settings, tableName);
    case 'check': return planCheck(command, context, settings, tableName);
  }
};

/** A deleted item is replaced as it was seen: its version goes on, so that no ETag of the earlier life fits the new one. */
const planCreate = (command: Extract<Command, { intent: 'create' }>, context: CommandContext, settings: Settings, tableName: string): Planned => {
  const { known } = command;
  const { names } = settings;
  const { key, set } = attributesToSet(command.key, command.attributes, names);
  const previous = known && storedVersion(known, settings);
  const timestamp = nextTimestamp(context.now, known, previous, settings);
  const version = nextVersion(previous, timestamp, context.now, settings);
  const expression = createExpression();
  const condition = known
    ? `${expression.name(names.deleted)} = ${expression.value(true)} AND ${equalityCondition(settings.versionName, previous, expression)}`
    : `attribute_not_exists(${expression.name(firstName(key))})`;
  const item = {
    ...Object.fromEntries(set),
    ...managed(timestamp, version, context, settings),
    [names.recentCommands]: nextCommands(known, names.recentCommands, context.id, version, settings.remember),
    ...key,
  };
  return {
    request: { operation: 'put', input: { Item: item, ...conditional(tableName, condition, expression) } },
    command, version, id: context.id, shifts: false,
  };
};

const planUpdate = (command: Extract<Command, { intent: 'update' | 'remove' }>, changes: object, context: CommandContext, settings: Settings, tableName: string): Planned => {
  const { known, version: previous } = command;
  const { names, versionName } = settings;
  const { key, set, remove } = attributesToSet(command.key, changes, names);
  const timestamp = nextTimestamp(context.now, known, previous, settings);
  const version = nextVersion(previous, timestamp, context.now, settings);
  const expression = createExpression();
  const { name, value } = expression;
  const assign = (attribute: string, to: unknown): string => `${name(attribute)}=${value(to)}`;

  const conditions = [
    // An update of what is not there would make an item of the changes alone.
    ...(previous === undefined ? [`attribute_exists(${name(firstName(key))})`] : []),
    equalityCondition(versionName, previous, expression),
    isAlive(settings, expression),
    ...(versionName === names.timestamp ? [] : [`(attribute_not_exists(${name(names.timestamp)}) OR ${name(names.timestamp)} < ${value(timestamp)})`]),
    ...(context.isNamed ? [notAppliedYet(names.recentCommands, context.id, expression)] : []),
  ];
  const assignments = [
    ...[...set].map(([attribute, to]) => assign(attribute, to)),
    ...Object.entries(managed(timestamp, version, context, settings)).map(([attribute, to]) => assign(attribute, to)),
    ...(command.intent === 'remove'
      ? [assign(names.deleted, true), assign(names.ttl, Math.ceil(ttl(Math.max(context.now, timestamp), settings.keepForDays)))]
      : []),
    ...(known
      ? [assign(names.recentCommands, nextCommands(known, names.recentCommands, context.id, version, settings.remember))]
      : shiftCommands(names.recentCommands, context.id, version, settings.remember, expression)),
  ];
  const removals = [...remove, names.latched, names.tie].map(name);
  return {
    request: {
      operation: 'update',
      input: {
        Key: { ...key },
        UpdateExpression: `SET ${assignments.join(',')} REMOVE ${removals.join(',')}`,
        ...conditional(tableName, conditions.join(' AND '), expression),
      },
    },
    command, version, id: context.id, shifts: !known,
  };
};

const planCheck = (command: Extract<Command, { intent: 'check' }>, context: CommandContext, settings: Settings, tableName: string): Planned => {
  const { key } = attributesToSet(command.key, {}, settings.names);
  const { expected } = command;
  const expression = createExpression();
  const { name, value } = expression;
  const exists = name(firstName(key));
  const condition = expected === ABSENT
    ? `attribute_not_exists(${exists}) OR ${name(settings.names.deleted)} = ${value(true)}`
    : `${expected === PRESENT ? `attribute_exists(${exists})` : anyOf(expected, settings, expression)} AND ${isAlive(settings, expression)}`;
  return {
    request: { operation: 'check', input: { Key: { ...key }, ...conditional(tableName, condition, expression) } },
    command, version: undefined, id: context.id, shifts: false,
  };
};

/** `IN` with one version after the other; an empty list is never met. */
const anyOf = (versions: readonly Version[], { versionName }: Settings, expression: Expression): string => {
  const name = expression.name(versionName);
  if (versions.length === 0) return `attribute_type(${name},${expression.value('NULL')})`;
  return `(${versions.map((version) => `${name} = ${expression.value(version)}`).join(' OR ')})`;
};

const isAlive = ({ names }: Settings, { name, value }: Expression): string =>
  `(attribute_not_exists(${name(names.deleted)}) OR ${name(names.deleted)} <> ${value(true)})`;

/** What every write leaves on the item. */
const managed = (timestamp: number, version: Version, context: CommandContext, { names, versionName, discriminator, region }: Settings): Item => {
  const kind = context.discriminator ?? discriminator;
  return {
    [names.timestamp]: timestamp,
    [versionName]: version,
    ...(kind !== undefined && { [names.discriminator]: kind }),
    [names.lastModifiedBy]: context.by ?? 'system',
    ...(region !== undefined && { [names.awsregion]: region }),
  };
};

const firstName = (key: Key): string => Object.keys(key)[0] as string; // planKey has seen to it that there is one

const conditional = (tableName: string, condition: string, expression: Expression): Conditional => ({
  TableName: tableName,
  ConditionExpression: condition,
  ...expression.attributes(),
  ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
});
