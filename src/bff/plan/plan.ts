import { equalityCondition } from '../../oplock/equality';
import { createExpression, type Expression } from '../../oplock/expression';
import { memberOf } from '../../oplock/value/type';
import type { Settings } from '../settings';
import { ABSENT, PRESENT, type Version } from '../version';
import { attributesToSet } from './attributes-to-set';
import type { CheckCommand, Command, CommandContext, WriteCommand } from './command';
import { checkItem, nextTimestamp, nextVersion, storedVersion } from './next';
import { planUpdate } from './plan-update';
import { conditional, firstName, isAlive, managed, type Planned } from './planned';
import { nextCommands } from './recent-commands';

export type { Planned, PlannedRequest } from './planned';

/**
 * Plans the conditional write of one command. Pure. Throws `INVALID_COMMAND`, `ITEM_TOO_LARGE`, `COMMAND_TOO_LARGE`,
 * `INVALID_ITEM` for a known item that no version can follow, `INVALID_OPTION` for a version function gone wrong.
 */
export const planCommand = (command: Command, context: CommandContext, settings: Settings, tableName: string): Planned => {
  switch (command.intent) {
    case 'create': return planCreate(command, context, settings, tableName);
    case 'update': case 'remove': return planUpdate(command, context, settings, tableName);
    case 'check': return planCheck(command, context, settings, tableName);
  }
};

/** A deleted item is replaced as it was seen: its version goes on, so that no ETag of the earlier life fits the new one. */
const planCreate = (command: Extract<WriteCommand, { intent: 'create' }>, context: CommandContext, settings: Settings, tableName: string): Planned => {
  const { known } = command;
  const { names, versionName } = settings;
  if (known && !command.repairs) checkItem(known, settings);
  const { key, set } = attributesToSet(command.key, command.attributes, names);
  const previous = known && storedVersion(known, settings);
  const timestamp = nextTimestamp(context.now, known, previous, settings);
  const version = nextVersion(previous, timestamp, context.now, settings);
  const expression = createExpression();
  const { name, value } = expression;
  const oplocks = [...new Set([versionName, names.timestamp])];
  const condition = known
    ? [`${name(names.deleted)} = ${value(true)}`, ...oplocks.map((oplock) => equalityCondition(oplock, memberOf(known, oplock), expression))].join(' AND ')
    : `attribute_not_exists(${name(firstName(key))})`;
  const item = {
    ...Object.fromEntries(set),
    ...managed(timestamp, version, context, settings),
    [names.recentCommands]: nextCommands(known, context.id, version, settings),
    ...key,
  };
  return {
    request: { operation: 'put', input: { Item: item, ...conditional(tableName, condition, expression) } },
    command, version, id: context.id, shifts: false,
  };
};

const planCheck = (command: CheckCommand, context: CommandContext, settings: Settings, tableName: string): Planned => {
  const { key } = attributesToSet(command.key, {}, settings.names);
  const { expected } = command;
  const expression = createExpression();
  const { name, value } = expression;
  const exists = (): string => name(firstName(key)); // a name that no expression uses makes the table refuse
  const condition = expected === ABSENT
    ? `attribute_not_exists(${exists()}) OR ${name(settings.names.deleted)} = ${value(true)}`
    : `${expected === PRESENT ? `attribute_exists(${exists()})` : anyOf(expected, exists, settings, expression)} AND ${isAlive(settings, expression)}`;
  return {
    request: { operation: 'check', input: { Key: { ...key }, ...conditional(tableName, condition, expression) } },
    command, version: undefined, id: context.id, shifts: false,
  };
};

/** One version or the other; an empty list is never met. */
const anyOf = (versions: readonly Version[], exists: () => string, { versionName }: Settings, { name, value }: Expression): string => {
  if (versions.length === 0) return `attribute_exists(${exists()}) AND attribute_not_exists(${exists()})`;
  return `(${versions.map((version) => `${name(versionName)} = ${value(version)}`).join(' OR ')})`;
};
