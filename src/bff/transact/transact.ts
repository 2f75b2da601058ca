import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { fullJitter, sleep } from '../../retry';
import { callTable, sendWrite, stopped } from '../call-table';
import type { Executor } from '../executor';
import { CommandError } from '../errors';
import { planCommand, type Planned, type PlannedRequest } from '../plan/plan';
import { includesCommand, versionMadeBy } from '../plan/recent-commands';
import type { Item } from '../result';
import { checkAttempts, type CommandRun } from '../run';
import { getItem, lacksList } from '../send';
import type { Participant, TransactOptions, TransactResult } from '../transaction';
import type { Version } from '../version';
import { clientToken } from './client-token';
import { judge, judgeItem, type Judgement, type Reason } from './judge';
import { checkParticipants, commandFor, commandOf, type Named, type Part } from './participants';

const BACKOFF = { baseMs: 25, capMs: 1000 };

/**
 * All of them or none: each with its own expectation. Throws `INVALID_COMMAND`, `ITEM_TOO_LARGE`, `COMMAND_TOO_LARGE`,
 * `TRANSACTION_BUSY`, `TRANSACTION_FAILED`, `COMMAND_STOPPED`, `COMMAND_UNANSWERED`, and what else the service throws.
 */
export const transact = async (executor: Executor, participants: readonly Participant[], run: CommandRun, options: TransactOptions): Promise<TransactResult> => {
  const maxAttempts = checkAttempts(options.attempts ?? 8);
  const named = checkParticipants(participants, executor.tableName);
  let verdict = judgeAll(named, await Promise.all(named.map((one) => begin(executor, run, one))));

  for (let attempts = 1; ; attempts += 1) {
    if ('kind' in verdict) return { ...verdict, attempts: attempts - 1 };
    const { parts } = verdict;
    const planned = parts.map((part) => planCommand(part.command, { ...executor.contextOf(run), discriminator: part.participant.discriminator }, executor.settings, part.tableName));
    run.attempts = attempts;
    const answer = await send(executor, planned, run);
    if (answer === 'applied') return { kind: 'applied', versions: defined(parts.map(({ name }, i) => [name, planned[i]?.version] as const)), attempts };

    verdict = judgeAll(named, await Promise.all(parts.map((part, i) => judgeOne(executor, run, part, planned[i] as Planned, answer === 'lacksList' ? answer : answer[i] ?? {}))));
    if ('kind' in verdict) return { ...verdict, attempts };
    const wait = fullJitter(attempts, BACKOFF);
    if (run.signal.aborted || wait >= run.remaining()) throw stopped(run);
    if (attempts >= maxAttempts) {
      throw new CommandError('TRANSACTION_BUSY', 503, `other writers held the items ${attempts} times: send the command again`, {
        details: { commandId: run.id, reasons: answer === 'lacksList' ? [] : answer.map(({ Code }) => Code) },
      });
    }
    await sleep(wait, run.signal);
  }
};

/** Reads the item where the expectation does not say which version it has. */
const begin = async (executor: Executor, run: CommandRun, one: Named): Promise<Judgement> => {
  const { settings } = executor;
  const command = commandOf(one.participant, settings);
  if (command) return { next: { ...one, command } };
  const current = await read(executor, run, one);
  if (current && includesCommand(current, settings, run.id)) return { applied: versionMadeBy(current, settings, run.id) };
  const found = commandFor(one, current, settings);
  return 'intent' in found ? { next: { ...one, command: found } } : { refusal: found };
};

const judgeOne = async (executor: Executor, run: CommandRun, part: Part, planned: Planned, reason: Reason | 'lacksList'): Promise<Judgement> => {
  const { settings } = executor;
  // DynamoDB Local says of the whole request that an item lacks the list, not of which one.
  const judgement = reason !== 'lacksList' ? judge(part, planned, reason, settings) : planned.shifts ? { read: part } : { next: part };
  return 'read' in judgement ? judgeItem(part, planned, await read(executor, run, part), settings) : judgement;
};

type Verdict =
  | Omit<Extract<TransactResult, { kind: 'alreadyApplied' }>, 'attempts'>
  | Omit<Extract<TransactResult, { kind: 'rejected' }>, 'attempts'>
  | { readonly parts: readonly Part[] };

/** Together: done before when one item remembers the command, because it was applied to all or none. */
const judgeAll = (named: readonly Named[], judgements: readonly Judgement[]): Verdict => {
  const applied = judgements.flatMap((one, i) => ('applied' in one ? [[named[i]?.name ?? '', one.applied] as const] : []));
  if (applied.length > 0) return { kind: 'alreadyApplied', versions: defined(applied) };
  const [first, ...rest] = judgements.flatMap((one) => ('refusal' in one ? [one.refusal] : []));
  if (first) return { kind: 'rejected', refusals: [first, ...rest] };
  return { parts: judgements.flatMap((one) => ('next' in one ? [one.next] : [])) };
};

/** @returns the reasons when it was cancelled */
const send = (executor: Executor, planned: readonly Planned[], run: CommandRun): Promise<'applied' | 'lacksList' | readonly Reason[]> => {
  const input = { TransactItems: planned.map(({ request }) => toItem(request)), ClientRequestToken: clientToken(run.id, planned) };
  return callTable(run, async (abortSignal) => {
    const client = executor.client();
    try {
      await sendWrite(run, () => client.send(new TransactWriteCommand(input), { abortSignal }));
      return 'applied';
    } catch (error) {
      const { name, CancellationReasons: reasons } = error as { name?: unknown; CancellationReasons?: readonly Reason[] };
      if (name === 'TransactionCanceledException' && reasons?.length === planned.length) return reasons;
      if (lacksList(error) && planned.some(({ shifts }) => shifts)) return 'lacksList';
      throw error;
    }
  });
};

const toItem = (request: PlannedRequest) => {
  switch (request.operation) {
    case 'put': return { Put: request.input };
    case 'update': return { Update: request.input };
    case 'check': return { ConditionCheck: request.input };
  }
};

const read = (executor: Executor, run: CommandRun, { tableName, participant }: Named): Promise<Item | undefined> =>
  callTable(run, (signal) => getItem(executor.client(), tableName, participant.key, { consistent: true, signal }));

const defined = (versions: readonly (readonly [string, Version | undefined])[]): Readonly<Record<string, Version>> =>
  Object.fromEntries(versions.filter((one): one is readonly [string, Version] => one[1] !== undefined));
