import { memberOf } from '../oplock/value/type';
import { equalValues } from '../oplock/value/compare';
import { candidates } from './candidates';
import type { Changes, Commands, CommandsOptions } from './commands';
import { converge } from './converge';
import { copyOf } from './copy';
import { createExecutor, type CommandRun, type Executor } from './executor';
import { etagOf } from './http/etag';
import { managedNames } from './plan/attributes-to-set';
import type { Command } from './plan/command';
import { storedVersion } from './plan/next';
import { includesCommand } from './plan/recent-commands';
import type { CommandResult, Item, Key } from './result';
import { transact } from './transact/transact';
import { ABSENT, PRESENT, type ExpectedPresent, type Version } from './version';

/** Tries of a command that goes by the item as it finds it. */
const ATTEMPTS = 8;

/**
 * Commands on the items of one table. Make them once, outside the function: they own the client and keep nothing else.
 *
 * @throws OplockStreamError `INVALID_OPTION`
 */
export const createCommands = <T extends object = Record<string, unknown>>(options: CommandsOptions = {}): Commands<T> => {
  const executor = createExecutor(options);
  const { settings } = executor;

  const commands: Commands<Record<string, unknown>> = {
    get: (key, { consistent = true, includeDeleted = false, signal } = {}) =>
      executor.run(signal ? { signal } : {}, async (run) => {
        const item = await executor.read(key, run, consistent);
        return item && (includeDeleted || !executor.isDeleted(item)) ? item : undefined;
      }),
    create: (key, attributes, given = {}) => executor.run(given, (run) => executor.execute({ intent: 'create', key, attributes }, run)),
    update: (key, changes, given) =>
      executor.run(given, (run) => expecting(executor, key, given.expected, run, (version, known) => ({ intent: 'update', key, changes, version, known }))),
    upsert: (key, attributes, given) => {
      const { expected } = given;
      return expected === ABSENT ? commands.create(key, withoutNulls(attributes), given) : commands.update(key, attributes, { ...given, expected });
    },
    remove: (key, given) =>
      executor.run(given, (run) => expecting(executor, key, given.expected, run, (version, known) => ({ intent: 'remove', key, version, known }))),
    force: (key, changes, given = {}) =>
      executor.run(given, (run) => converge(executor, key, (current) => repair(executor, key, changes, run, current), run, ATTEMPTS)),
    updateWith: (key, change, { attempts = ATTEMPTS, ...given } = {}) =>
      executor.run(given, (run) => converge(executor, key, (current) => changing(executor, key, change, run, current), run, attempts)),
    transact: (participants, given = {}) => executor.run(given, (run) => transact(executor, participants, run, given)),
    versionOf: (item) => storedVersion(item, settings),
    etagOf: (item) => {
      const version = storedVersion(item, settings);
      return version === undefined ? undefined : etagOf(version);
    },
    withoutManaged: (item) => {
      const managed = managedNames(settings.names);
      return Object.fromEntries(Object.entries(item).filter(([name]) => !managed.includes(name)));
    },
  };
  return commands as unknown as Commands<T>; // the table does not know T: what it gives is taken for one
};

/** Made by a version, or by the item when that does not say which version it is. */
type Make = (version: Version | undefined, known: Item | undefined) => Exclude<Command, { intent: 'check' }>;

const expecting = async (executor: Executor, key: Key, expected: ExpectedPresent, run: CommandRun, make: Make): Promise<CommandResult> => {
  const versions = candidates(executor.settings, expected);
  const [only, ...others] = versions ?? [];
  const result = only !== undefined && others.length === 0
    ? await executor.execute(make(only, undefined), run)
    : await converge(executor, key, (current) => among(executor, key, versions, run, make, current), run, ATTEMPTS);
  return result.kind === 'conflict' || result.kind === 'missing' ? { ...result, expected } : result;
};

const among = (executor: Executor, key: Key, versions: readonly Version[] | undefined, run: CommandRun, make: Make, current: Item | undefined): ReturnType<typeof make> | { result: CommandResult } => {
  const over = seenBefore(executor, key, run, current);
  if (over) return over;
  if (!current || executor.isDeleted(current)) return { result: { kind: 'missing', key, expected: PRESENT, attempts: run.attempts } };
  const version = storedVersion(current, executor.settings);
  if (versions === undefined || versions.some((one) => one === version)) return make(version, current);
  return { result: { kind: 'conflict', key, expected: versions, current, version, attempts: run.attempts } };
};

/** A command that comes again needs no other write. */
const seenBefore = ({ settings }: Executor, key: Key, run: CommandRun, current: Item | undefined): { result: CommandResult } | undefined =>
  current && includesCommand(current, settings.names.recentCommands, run.id)
    ? { result: { kind: 'alreadyApplied', key, item: current, version: storedVersion(current, settings), attempts: run.attempts } }
    : undefined;

const repair = (executor: Executor, key: Key, changes: object, run: CommandRun, current: Item | undefined): ReturnType<Make> | { result: CommandResult } => {
  const over = seenBefore(executor, key, run, current);
  if (over) return over;
  if (!current || executor.isDeleted(current)) return { intent: 'create', key, attributes: withoutNulls(changes), known: current };
  return { intent: 'update', key, changes, version: storedVersion(current, executor.settings), known: current };
};

const changing = (executor: Executor, key: Key, change: (current: Item) => Changes<Record<string, unknown>> | undefined, run: CommandRun, current: Item | undefined): ReturnType<Make> | { result: CommandResult } => {
  const over = seenBefore(executor, key, run, current);
  if (over) return over;
  if (!current || executor.isDeleted(current)) return { result: { kind: 'missing', key, expected: PRESENT, attempts: run.attempts } };
  const changes = news(change(copyOf(current) as Item) ?? {}, current);
  const version = storedVersion(current, executor.settings);
  if (Object.keys(changes).length > 0) return { intent: 'update', key, changes, version, known: current };
  return { result: { kind: 'alreadyApplied', key, item: current, version, attempts: run.attempts } };
};

/** Only what differs from the item, so that a function may return the item with its changes in it. */
const news = (changes: object, current: Item): object =>
  Object.fromEntries(Object.entries(changes).filter(([name, value]) => {
    const stored = memberOf(current, name);
    const removes = value === null || (value instanceof Set && value.size === 0);
    return value !== undefined && !(removes && stored === undefined) && !equalValues(value, stored);
  }));

const withoutNulls = (attributes: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== null && !(value instanceof Set && value.size === 0)));

