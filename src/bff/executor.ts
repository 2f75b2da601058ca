import { randomBytes } from 'node:crypto';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { OplockStreamError } from '../errors';
import { describeFound } from '../found';
import { memberOf } from '../oplock/value/type';
import { defaultClient } from '../sinks/dynamodb/client';
import { budgetOf, type CommandDeadline } from './budget';
import type { CommandOptions, CommandsOptions } from './commands';
import { CommandError } from './errors';
import { invalidCommand } from './plan/attributes-to-set';
import type { Command, CommandContext } from './plan/command';
import { explain } from './plan/explain';
import { storedVersion } from './plan/next';
import { planCommand } from './plan/plan';
import { remembersSince } from './plan/recent-commands';
import type { CommandResult, Item, Key } from './result';
import { callTable, getItem, sendPlanned, type Run } from './send';
import { settingsOf, type Settings } from './settings';
import type { Version } from './version';

/** One command on its way: who it is, and the time it has. */
export interface CommandRun extends Run {
  readonly id: string;
  readonly isNamed: boolean;
  readonly by: string | undefined;
  /** Writes tried. */
  attempts: number;
}

/** A table, the settings, and a client that is made when it is first needed. */
export interface Executor {
  readonly settings: Settings;
  readonly client: () => DynamoDBDocumentClient;
  readonly tableName: () => string;
  readonly now: () => number;
  /** Runs one command of the caller's and cleans up behind it. */
  run<R>(options: CommandOptions & { readonly deadline?: CommandDeadline }, work: (run: CommandRun) => Promise<R>): Promise<R>;
  /** The item, deleted or not, read consistently. */
  read(key: Key, run: Run, consistent?: boolean): Promise<Item | undefined>;
  /** Plans and sends until the table has decided. */
  execute(command: Exclude<Command, { intent: 'check' }>, run: CommandRun): Promise<CommandResult>;
  contextOf(run: CommandRun): CommandContext;
  isDeleted(item: Item): boolean;
}

/** A command that must know the item goes round once more; anything beyond is somebody who deletes and makes it again and again. */
const MAX_ROUNDS = 10;
const MAX_ID_LENGTH = 128;

export const createExecutor = (options: CommandsOptions): Executor => {
  const settings = settingsOf(options);
  const now = options.now ?? Date.now;
  let client = options.client;

  const executor: Executor = {
    settings,
    now,
    client: () => (client ??= defaultClient()),
    tableName: () => tableNameOf(options),
    run: async (given, work) => {
      const budget = budgetOf(given);
      try {
        return await work({ ...idOf(given), by: given.by, attempts: 0, ambiguous: false, remaining: budget.remaining, signal: budget.signal });
      } finally {
        budget.close();
      }
    },
    read: (key, run, consistent = true) => callTable(run, (signal) => getItem(executor.client(), executor.tableName(), key, { consistent, signal })),
    contextOf: ({ id, isNamed, by }) => ({ now: now(), id, isNamed, by }),
    isDeleted: (item) => memberOf(item, settings.names.deleted) === true,
    execute: async (first, run) => {
      let command = first;
      for (let round = 1; round <= MAX_ROUNDS; round += 1) {
        const planned = planCommand(command, executor.contextOf(run), settings, executor.tableName());
        run.attempts += 1;
        const { attempts } = run;
        const { key } = command;
        const answer = await sendPlanned(executor.client(), planned, run);
        if (answer.applied) return { kind: 'applied', key, item: answer.item, version: planned.version as Version, attempts };
        const { old } = answer;
        const why = explain(planned, old, settings);
        const version = old && storedVersion(old, settings);
        if (why === 'again') {
          command = { ...command, known: old };
          continue;
        }
        const expected = 'version' in command && command.version !== undefined ? command.version : [];
        if (why === 'missing' || old === undefined) return { kind: 'missing', key, expected, attempts };
        if (why === 'alreadyApplied') return { kind: 'alreadyApplied', key, item: old, version, attempts };
        if (why === 'alreadyExists') return { kind: 'alreadyExists', key, current: old, version, attempts };
        const uncertain = run.ambiguous && 'version' in command && !remembersSince(old, settings.names.recentCommands, command.version, settings.remember);
        return { kind: 'conflict', key, expected, current: old, version, attempts, ...(uncertain && { uncertain }) };
      }
      throw new CommandError('ITEM_UNSETTLED', 503, `the item kept changing while the command was sent ${MAX_ROUNDS} times: send it again`);
    },
  };
  return executor;
};

const idOf = ({ commandId }: CommandOptions): { readonly id: string; readonly isNamed: boolean } => {
  if (commandId === undefined) return { id: randomBytes(12).toString('base64url'), isNamed: false };
  if (typeof commandId === 'string' && commandId !== '' && commandId.length <= MAX_ID_LENGTH) return { id: commandId, isNamed: true };
  throw invalidCommand(`commandId: found ${describeFound(commandId)} where a text of 1 to ${MAX_ID_LENGTH} characters belongs`);
};

const tableNameOf = ({ tableName }: CommandsOptions): string => {
  const { ENTITY_TABLE_NAME, TABLE_NAME } = process.env;
  const name = tableName ?? ENTITY_TABLE_NAME ?? TABLE_NAME;
  if (name) return name;
  throw new OplockStreamError('NO_TABLE', 'no table name: give `tableName` to createCommands(), or set ENTITY_TABLE_NAME');
};
