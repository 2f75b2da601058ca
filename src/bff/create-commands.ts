import type { Commands, CommandsOptions } from './commands';
import { ATTEMPTS, converge } from './converge';
import { changing, expecting, repairing } from './decisions';
import { createExecutor } from './executor';
import { etagOf } from './http/etag';
import { managedNames } from './plan/attributes-to-set';
import { storedVersion } from './plan/next';
import { checkAttempts, runCommand } from './run';
import { transact } from './transact/transact';
import type { CommandResult, CreateResult, UpdateResult } from './result';
import { ABSENT } from './version';

/**
 * Commands on the items of one table. Make them once, outside the function: they own the client and keep nothing else,
 * so any number of commands may be under way at once.
 *
 * @throws OplockStreamError `INVALID_OPTION`
 */
export const createCommands = <T extends object = Record<string, unknown>>(options: CommandsOptions = {}): Commands<T> => {
  const executor = createExecutor(options);
  const { settings } = executor;

  const commands: Commands<Record<string, unknown>> = {
    get: (key, { consistent = true, includeDeleted = false, signal } = {}) =>
      runCommand(signal ? { signal } : {}, async (run) => {
        const item = await executor.read(key, run, consistent);
        return item && (includeDeleted || !executor.isDeleted(item)) ? item : undefined;
      }),
    create: (key, attributes, given = {}) => created(runCommand(given, (run) => executor.execute({ intent: 'create', key, attributes }, run))),
    update: (key, changes, given) => updated(
      runCommand(given, (run) => expecting(executor, key, given.expected, run, (version, known) => ({ intent: 'update', key, changes, version, known })))),
    upsert: (key, attributes, given) => {
      const { expected } = given;
      return expected === ABSENT ? commands.create(key, attributes, given) : commands.update(key, attributes, { ...given, expected });
    },
    remove: (key, given) => updated(
      runCommand(given, (run) => expecting(executor, key, given.expected, run, (version, known) => ({ intent: 'remove', key, version, known })))),
    force: (key, changes, given = {}) => runCommand(given, (run) => converge(executor, key, repairing(executor, key, changes, run), run)),
    updateWith: (key, change, { attempts = ATTEMPTS, ...given } = {}) => updated(
      runCommand(given, async (run) => converge(executor, key, changing(executor, key, change, run), run, checkAttempts(attempts)))),
    transact: (participants, given = {}) => runCommand(given, (run) => transact(executor, participants, run, given)),
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

// What a refusal can be depends on the intent, see `explain`: only a create finds an item where there should be none.
const created = (result: Promise<CommandResult>): Promise<CreateResult> => result as Promise<CreateResult>;
const updated = (result: Promise<CommandResult>): Promise<UpdateResult> => result as Promise<UpdateResult>;
