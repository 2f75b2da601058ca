import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createCommands, type CommandResult, type CommandsOptions, type Participant, type TransactResult } from '../../src/bff';
import { chaosClient, type Troubles } from './chaos';
import { recordingClient, type RecordedWrite } from './recorded-writes';

/*
 * Many clients at once, with clocks and networks that cannot be relied upon, and what must be true afterwards of
 * whatever they did. Each item carries `log`, the commands of its present life in their order, made from what was
 * read: a change that was lost, made twice, or made to something older shows there.
 */

interface Seat { readonly log?: readonly string[]; readonly forced?: string }

export const INTENTS = ['create', 'update', 'stale', 'upsert', 'updateWith', 'remove', 'removeAny', 'force', 'transact'] as const;
export type Intent = (typeof INTENTS)[number];

export interface Step {
  readonly intent: Intent;
  readonly item: number;
  /** Sent again after its answer, with the same id. */
  readonly again: boolean;
}

export interface Client {
  readonly steps: readonly Step[];
  /** Ms ahead of the others. */
  readonly skew: number;
  /** Ms per look at the clock; may be negative. */
  readonly pace: number;
}

type Ending = CommandResult<Seat> | TransactResult | { readonly kind: 'unknown' } | { readonly kind: 'notSent' };

interface Told {
  readonly by: string;
  readonly items: readonly string[];
  readonly step: Step;
  readonly endings: readonly Ending[];
  /** The version that it must have followed. */
  readonly expected?: number;
}

const T = 1_700_000_000_000;
const ITEMS = 2;
const keyOf = (item: number, run: string) => ({ pk: `${run}-${item % ITEMS}`, sk: 'seat' });

export const playWorld = async (
  real: DynamoDBDocumentClient, tableName: string, run: string, clients: readonly Client[], troubles: Troubles, random: () => number, options: CommandsOptions = {},
): Promise<{ readonly told: readonly Told[]; readonly writes: readonly RecordedWrite[]; readonly items: readonly (Seat | undefined)[]; readonly problems: readonly string[] }> => {
  const { client: recorded, writes } = recordingClient(real);
  const told: Told[] = [];
  await Promise.all(clients.map(async ({ steps, skew, pace }, c) => {
    let looks = 0;
    const { client } = chaosClient(recorded, troubles, random);
    const seats = createCommands<Seat>({ client, tableName, now: () => T + skew + pace * (looks += 1), ...options });
    let stale: number | undefined;
    for (const [s, step] of steps.entries()) {
      const by = `cmd-${c}-${s}`;
      const key = keyOf(step.item, run);
      const other = keyOf(step.item + 1, run);
      const read = await seats.get(key).catch(() => undefined);
      const otherRead = await seats.get(other).catch(() => undefined);
      const version = Number((read && seats.versionOf(read)) ?? 1); // what nothing was read of has no version that it could have
      const expected = step.intent === 'stale' ? stale ?? version : version;
      stale = version;
      const given = { by, ...(step.again && { commandId: by }) };
      const log = [...read?.log ?? [], by];
      const send = (): Promise<CommandResult<Seat> | TransactResult> => {
        switch (step.intent) {
          case 'create': return seats.create(key, { log: [by] }, given);
          case 'update': case 'stale': return seats.update(key, { log }, { ...given, expected });
          case 'upsert': return seats.upsert(key, { log }, { ...given, expected: [expected, expected] });
          case 'updateWith': return seats.updateWith(key, (seat) => ({ log: [...seat.log ?? [], by] }), given);
          case 'remove': return seats.remove(key, { ...given, expected });
          case 'removeAny': return seats.remove(key, { ...given, expected: [expected, T] });
          case 'force': return seats.force(key, { forced: by }, given);
          case 'transact': {
            const part = (one: typeof key, found: typeof read): Participant => found
              ? { intent: 'update', key: one, changes: { log: [...found.log ?? [], by] }, expected: seats.versionOf(found) ?? 0 }
              : { intent: 'create', key: one, attributes: { log: [by] } };
            return seats.transact([part(key, read), part(other, otherRead)], given);
          }
        }
      };
      const endings: Ending[] = [];
      for (let time = 0; time < (step.again ? 2 : 1); time += 1) endings.push(await send().catch(endingOf));
      told.push({ by, items: step.intent === 'transact' ? [key.pk, other.pk] : [key.pk], step, endings, ...(['update', 'stale', 'upsert', 'remove'].includes(step.intent) && { expected }) });
    }
  }));
  const plain = createCommands<Seat>({ client: real, tableName, ...options });
  const items = await Promise.all(Array.from({ length: ITEMS }, (_none, i) => plain.get(keyOf(i, run), { includeDeleted: true })));
  return { told, writes, items, problems: [...problemsOf(told, writes), ...Array.from({ length: ITEMS }, (_none, i) => logProblems(writes, told, keyOf(i, run).pk, items[i])).flat()] };
};

const endingOf = (error: unknown): Ending => {
  const { code, name } = error as { code?: string; name?: string };
  if (code === 'COMMAND_UNANSWERED') return { kind: 'unknown' };
  // The table, or other transactions, had no time for it; nothing was written.
  if (name === 'ThrottlingException' || code === 'TRANSACTION_BUSY') return { kind: 'notSent' };
  // A read had no answer.
  if (name === 'TimeoutError' || name === 'InternalServerError') return { kind: 'notSent' };
  throw error;
};

const isDone = ({ kind }: Ending): boolean => kind === 'applied' || kind === 'alreadyApplied';
const isUnknown = (ending: Ending): boolean => ending.kind === 'unknown' || ('uncertain' in ending && ending.uncertain === true);

const problemsOf = (told: readonly Told[], writes: readonly RecordedWrite[]): readonly string[] => told.flatMap(({ by, items, step, endings, expected }) => {
  const problems: string[] = [];
  const say = (what: string) => problems.push(`${by} (${JSON.stringify(step)}): ${what}; ${JSON.stringify(endings.map(({ kind }) => kind))}`);
  for (const pk of items) {
    const history = writes.filter((write) => write.pk === pk).sort((a, b) => a.timestamp - b.timestamp);
    const mine = history.filter((write) => write.by === by);
    if (mine.length > 1) say(`applied ${mine.length} times to ${pk}`);
    if (endings.some(isDone) && mine.length === 0) say(`told as done, and not in the history of ${pk}`);
    if (!endings.some(isDone) && !endings.some(isUnknown) && mine.length > 0) say(`told as refused, and in the history of ${pk}`);
    const done = endings.findIndex(isDone);
    // DynamoDB repeats its own answer to a transaction that comes again within the same millisecond.
    const same = step.intent === 'transact' ? ['alreadyApplied', 'applied', 'notSent', 'unknown'] : ['alreadyApplied', 'notSent', 'unknown'];
    if (done >= 0 && endings.slice(done + 1).some((later) => !same.includes(later.kind))) say('done, and told otherwise when it came again');
    const [ending] = endings;
    if (ending?.kind === 'applied' && 'version' in ending && ending.version !== mine[0]?.timestamp) say(`told ${ending.version}, written ${mine[0]?.timestamp}`);
    const before = mine[0] && history[history.indexOf(mine[0]) - 1];
    if (mine[0] && expected !== undefined && before?.timestamp !== expected) say(`expected ${expected}, and followed ${before?.timestamp}`);
  }
  return problems;
});

/** The history of an item, told again: what its log must be. */
const logProblems = (writes: readonly RecordedWrite[], told: readonly Told[], pk: string, item: Seat | undefined): readonly string[] => {
  const history = writes.filter((write) => write.pk === pk).sort((a, b) => a.timestamp - b.timestamp);
  const intents = new Map(told.map(({ by, step }) => [by, step.intent]));
  let log: readonly string[] = [];
  let alive = false;
  const problems: string[] = [];
  for (const [i, { by, operation, timestamp }] of history.entries()) {
    if (history[i - 1]?.timestamp === timestamp) problems.push(`${pk}: two writes of version ${timestamp}`);
    if (operation === 'put' ? alive : !alive) problems.push(`${pk}: ${by} is a ${operation} of an item that is ${alive ? 'alive' : 'not'}`);
    alive = operation !== 'remove';
    if (operation === 'put') log = intents.get(by) === 'force' ? [] : [by];
    else if (operation === 'update' && intents.get(by) !== 'force') log = [...log, by];
  }
  if (JSON.stringify(item?.log ?? []) !== JSON.stringify(log)) problems.push(`${pk}: the log is ${JSON.stringify(item?.log)}, its history makes ${JSON.stringify(log)}`);
  return problems;
};
