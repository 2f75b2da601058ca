import { equalityCondition } from '../../oplock/equality';
import { createExpression, type Expression } from '../../oplock/expression';
import { memberOf } from '../../oplock/value/type';
import { ttl } from '../../time';
import type { Settings } from '../settings';
import type { Version } from '../version';
import { attributesToSet } from './attributes-to-set';
import type { CommandContext, WriteCommand } from './command';
import { checkItem, nextTimestamp, nextVersion } from './next';
import { checkExpression, conditional, firstName, isAlive, managed, type Planned } from './planned';
import { nextCommands, notAppliedYet, remembersCommands, removeForgotten, shiftCommands } from './recent-commands';

type UpdateCommand = Extract<WriteCommand, { intent: 'update' | 'remove' }>;

/** Changes of an item, or the mark that it is deleted. */
export const planUpdate = (command: UpdateCommand, context: CommandContext, settings: Settings, tableName: string): Planned => {
  const { known, version: previous } = command;
  const { names } = settings;
  if (known && !command.repairs) checkItem(known, settings);
  const { key, set, remove } = attributesToSet(command.key, command.intent === 'update' ? command.changes : {}, names);
  const timestamp = nextTimestamp(context.now, known, previous, settings);
  const version = nextVersion(previous, timestamp, context.now, settings);
  const expression = createExpression();
  const { name, value } = expression;
  const assign = (attribute: string, to: unknown): string => `${name(attribute)}=${value(to)}`;

  const assignments = [
    ...[...set].map(([attribute, to]) => assign(attribute, to)),
    ...Object.entries(managed(timestamp, version, context, settings)).map(([attribute, to]) => assign(attribute, to)),
    ...(command.intent === 'remove' ? [assign(names.deleted, true), assign(names.ttl, Math.ceil(ttl(timestamp, settings.keepForDays)))] : []),
    ...(known ? [assign(names.recentCommands, nextCommands(known, context.id, version, settings))] : shiftCommands(context.id, version, settings, expression)),
  ];
  const removals = [...[...remove, names.latched, names.tie].map(name), ...(known ? [] : removeForgotten(settings, expression))];
  const conditions = [
    // An update of what is not there would make an item of the changes alone.
    ...(previous === undefined ? [`attribute_exists(${name(firstName(key))})`] : []),
    isAlive(settings, expression),
    ...isAsExpected(command, timestamp, settings, expression),
    // What is no list of ours says nothing; it is replaced.
    ...(context.isNamed && (!known || remembersCommands(known, settings)) ? [notAppliedYet(context.id, settings, expression)] : []),
  ];
  const update = checkExpression(`SET ${assignments.join(',')} REMOVE ${removals.join(',')}`, `a command of ${set.size + remove.length} attributes`);
  return {
    request: { operation: 'update', input: { Key: { ...key }, UpdateExpression: update, ...conditional(tableName, conditions.join(' AND '), expression) } },
    command, version, id: context.id, shifts: !known,
  };
};

/**
 * The equality oplock. Where the version is not the timestamp, the timestamp is guarded as well: a listener's write
 * moves only that one. Of an item that was read it must be the same; else it must be older than the new one.
 */
const isAsExpected = ({ known, version }: UpdateCommand, timestamp: number, { names, versionName }: Settings, expression: Expression): readonly string[] => {
  // As it is stored: it may be something that is no version, and that is to be repaired.
  const stored: unknown = known ? memberOf(known, versionName) : version satisfies Version | undefined;
  const oplock = equalityCondition(versionName, stored, expression);
  if (versionName === names.timestamp) return [oplock];
  const { name, value } = expression;
  return [
    oplock,
    known
      ? equalityCondition(names.timestamp, memberOf(known, names.timestamp), expression)
      : `(attribute_not_exists(${name(names.timestamp)}) OR ${name(names.timestamp)} < ${value(timestamp)})`,
  ];
};
