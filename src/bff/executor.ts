import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { OplockStreamError } from '../errors';
import { describeFound } from '../found';
import { equalValues } from '../oplock/value/compare';
import { memberOf } from '../oplock/value/type';
import { refuseCaching, refuseCachingNow } from '../sinks/dynamodb/caching';
import { defaultClient } from '../sinks/dynamodb/client';
import { callTable, unanswered, type Run } from './call-table';
import type { CommandsOptions } from './commands';
import { CommandError } from './errors';
import type { CommandContext, WriteCommand } from './plan/command';
import { explain } from './plan/explain';
import { MAX_VERSION, storedVersion } from './plan/next';
import { planCommand } from './plan/plan';
import { versionMadeBy, wouldRemember } from './plan/recent-commands';
import type { CommandResult, Item, Key } from './result';
import type { CommandRun } from './run';
import { getItem, sendPlanned } from './send';
import { settingsOf, type Settings } from './settings';
import type { Version } from './version';

/** A table, the settings, and a client that is made when it is first needed. */
export interface Executor {
  readonly settings: Settings;
  readonly client: () => DynamoDBDocumentClient;
  readonly tableName: () => string;
  /** The item, deleted or not, read consistently. */
  read(key: Key, run: Run, consistent?: boolean): Promise<Item | undefined>;
  /**
   * Plans and sends until the table has decided. A command for a known item is over when the item is another by now:
   * what was decided may be wrong for that one.
   */
  execute(command: WriteCommand, run: CommandRun): Promise<CommandResult>;
  contextOf(run: CommandRun): CommandContext;
  isDeleted(item: Item): boolean;
}

/** A command that must know the item goes round once more; anything beyond is somebody who deletes and makes it again and again. */
const MAX_ROUNDS = 10;

export const createExecutor = (options: CommandsOptions): Executor => {
  const settings = settingsOf(options);
  const now = clockOf(options.now ?? Date.now);
  let client = options.client;
  refuseCaching(client, 'createCommands({ client })');

  const executor: Executor = {
    settings,
    client: () => {
      client ??= defaultClient();
      refuseCachingNow(client);
      return client;
    },
    tableName: () => tableNameOf(options),
    read: (key, run, consistent = true) => callTable(run, (signal) => getItem(executor.client(), executor.tableName(), key, { consistent, signal })),
    contextOf: ({ id, isNamed, by }) => ({ now: now(), id, isNamed, by }),
    isDeleted: (item) => memberOf(item, settings.names.deleted) === true,
    execute: async (first, run) => {
      let command = first;
      let made: Version | undefined;
      for (let round = 1; round <= MAX_ROUNDS; round += 1) {
        const planned = planCommand(command, executor.contextOf(run), settings, executor.tableName());
        // Of all that was sent, the earliest: that one may have been executed.
        made ??= planned.version;
        if (typeof made === 'number' && typeof planned.version === 'number') made = Math.min(made, planned.version);
        run.attempts += 1;
        const answer = await sendPlanned(executor.client(), planned, run);
        if (answer.applied) return { kind: 'applied', key: command.key, item: answer.item, version: planned.version as Version, attempts: run.attempts };
        const { old } = answer;
        const decided = first.known && first.intent !== 'create' ? differs(first.known, old, settings) : false;
        const why = explain(planned, old, settings);
        if (why !== 'again' || decided) return refusal(why === 'again' ? 'conflict' : why, { command, old, made }, run, settings);
        // Nobody can tell whether the item was made by this command and deleted since.
        if (run.ambiguous && command.intent === 'create' && old && !wouldRemember(old, settings, undefined, made)) throw unanswered(run);
        if (old && command.known && equalValues(old, command.known)) break;
        command = { ...command, known: old };
      }
      throw new CommandError('ITEM_UNSETTLED', 503, `the item kept the command from being written, or kept changing, ${run.attempts} times: send the command again`, { details: { commandId: run.id } });
    },
  };
  return executor;
};

/** Whether the item is not the one that was decided about. */
const differs = (known: Item, old: Item | undefined, { names, versionName }: Settings): boolean =>
  !old || [names.timestamp, versionName].some((name) => {
    const [before, after] = [memberOf(known, name), memberOf(old, name)];
    return before === undefined ? after !== undefined : !equalValues(before, after);
  });

const refusal = (
  why: 'alreadyApplied' | 'conflict' | 'missing' | 'alreadyExists',
  { command, old, made }: { readonly command: WriteCommand; readonly old: Item | undefined; readonly made: Version | undefined },
  { id, ambiguous, attempts }: CommandRun,
  settings: Settings,
): CommandResult => {
  const { key } = command;
  const expected = command.intent !== 'create' && command.version !== undefined ? command.version : [];
  const uncertain = ambiguous && !(old && wouldRemember(old, settings, command.intent === 'create' ? undefined : command.version, made)) ? { uncertain: true as const } : {};
  if (!old || why === 'missing') return { kind: 'missing', key, expected, attempts, ...uncertain };
  const version = storedVersion(old, settings);
  if (why === 'alreadyApplied') return alreadyApplied(key, old, { id, attempts }, settings);
  if (why === 'alreadyExists') return { kind: 'alreadyExists', key, current: old, version, attempts, ...uncertain };
  return { kind: 'conflict', key, expected, current: old, version, attempts, ...uncertain };
};

/** The item remembers the command, or is as the command wants it. */
export const alreadyApplied = (key: Key, item: Item, { id, attempts }: Pick<CommandRun, 'id' | 'attempts'>, settings: Settings): CommandResult => {
  const madeVersion = versionMadeBy(item, settings, id);
  return { kind: 'alreadyApplied', key, item, version: storedVersion(item, settings), attempts, ...(madeVersion !== undefined && { madeVersion }) };
};

/** Whole milliseconds. Throws `INVALID_OPTION` for a clock that gives no time. */
const clockOf = (now: () => number) => (): number => {
  const time: unknown = now();
  if (typeof time === 'number' && time >= 0 && time <= MAX_VERSION) return Math.floor(time);
  throw new OplockStreamError('INVALID_OPTION', `createCommands({ now }): the clock gave ${describeFound(time)} where epoch milliseconds belong`);
};

const tableNameOf = ({ tableName }: CommandsOptions): string => {
  const { ENTITY_TABLE_NAME, TABLE_NAME } = process.env;
  const name = tableName ?? ENTITY_TABLE_NAME ?? TABLE_NAME;
  if (name) return name;
  throw new OplockStreamError('NO_TABLE', 'no table name: give `tableName` to createCommands(), or set ENTITY_TABLE_NAME');
};
