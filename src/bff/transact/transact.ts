import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { fromAttributeMap, type AttributeMap } from '../../attribute-value';
import { sleep } from '../../retry';
import type { CommandRun, Executor } from '../executor';
import { CommandError } from '../errors';
import { invalidCommand } from '../plan/attributes-to-set';
import { explain } from '../plan/explain';
import { storedVersion } from '../plan/next';
import { planCommand, type Planned, type PlannedRequest } from '../plan/plan';
import type { Item } from '../result';
import { callTable, getItem } from '../send';
import type { Participant, Refusal, TransactOptions, TransactResult } from '../transaction';
import type { Version } from '../version';
import { clientToken } from './client-token';
import { checkParticipants, toPart, type Part } from './participants';

/** Why DynamoDB cancelled, for one participant; their order is that of the request. */
interface Reason {
  readonly Code?: string;
  readonly Message?: string;
  readonly Item?: AttributeMap;
}

const BASE_MS = 25;
const CAP_MS = 1000;

/** All of them or none: each with its own expectation. Throws `INVALID_COMMAND`, `TRANSACTION_BUSY`, and what the service throws. */
export const transact = async (executor: Executor, participants: readonly Participant[], run: CommandRun, { attempts: maxAttempts = 8 }: TransactOptions): Promise<TransactResult> => {
  const checked = checkParticipants(participants, executor.tableName);
  const found = await Promise.all(checked.map((one) => toPart(executor, run, one)));
  // All or none: when one item remembers the command, it was applied to all of them.
  const applied = found.flatMap((one, i) => ('applied' in one ? [[checked[i]?.name ?? '', storedVersion(one.applied, executor.settings)] as const] : []));
  if (applied.length > 0) return { kind: 'alreadyApplied', versions: defined(applied), attempts: 0 };
  const early = found.flatMap((one) => ('refusal' in one ? [one.refusal] : []));
  let parts = found.filter((one): one is Part => 'command' in one);

  for (let attempts = 1; ; attempts += 1) {
    const planned = parts.map((part) => planCommand(part.command, { ...executor.contextOf(run), discriminator: part.discriminator }, executor.settings, part.tableName));
    if (early.length > 0) return rejected(early, attempts); // found out by a read: checked first, so that what is wrong with a command is told all the same
    const reasons = await send(executor, planned, run);
    if (!reasons) return { kind: 'applied', versions: versionsOf(parts, planned), attempts };

    const verdict = await judge(executor, run, parts, planned, reasons);
    if ('versions' in verdict) return { kind: 'alreadyApplied', versions: verdict.versions, attempts };
    if ('refusals' in verdict) return rejected(verdict.refusals, attempts);
    parts = verdict.parts;
    const wait = Math.random() * Math.min(CAP_MS, BASE_MS * 2 ** (attempts - 1));
    if (attempts >= maxAttempts || wait >= run.remaining() || run.signal.aborted) {
      throw new CommandError('TRANSACTION_BUSY', 503, `other transactions held the items ${attempts} times: send the command again`, { details: { reasons: reasons.map(({ Code }) => Code) } });
    }
    await sleep(wait, run.signal);
  }
};

/** @returns why it was cancelled; `undefined` when it was executed */
const send = (executor: Executor, planned: readonly Planned[], run: CommandRun): Promise<readonly Reason[] | undefined> => {
  const input = { TransactItems: planned.map(({ request }) => toItem(request)), ClientRequestToken: clientToken(run.id, planned) };
  return callTable(run, async (abortSignal) => {
    try {
      await executor.client().send(new TransactWriteCommand(input), { abortSignal });
      return undefined;
    } catch (error) {
      const { name, CancellationReasons: reasons } = error as { name?: unknown; CancellationReasons?: readonly Reason[] };
      if (name === 'TransactionCanceledException' && reasons?.length === planned.length) return reasons;
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

type Judgement = { readonly versions: Readonly<Record<string, Version>> } | { readonly refusals: readonly Refusal[] } | { readonly parts: Part[] };

/** What the reasons mean: it is done already, it is refused, or it may be tried again, knowing more. */
const judge = async (executor: Executor, run: CommandRun, parts: readonly Part[], planned: readonly Planned[], reasons: readonly Reason[]): Promise<Judgement> => {
  const { settings } = executor;
  const refusals: Refusal[] = [];
  const over: (readonly [string, Version | undefined])[] = [];
  const next: Part[] = [];
  for (const [i, part] of parts.entries()) {
    const { Code: code = 'None', Message: message, Item: item } = reasons[i] ?? {};
    const plan = planned[i] as Planned;
    const lacksList = plan.shifts && code === 'ValidationError' && /document path/i.test(message ?? '');
    if (code === 'ValidationError' && !lacksList) throw invalidCommand(`transact: DynamoDB does not take "${part.name}": ${message ?? 'no reason given'}`);
    if (code !== 'ConditionalCheckFailed' && !lacksList) {
      next.push(part);
      continue;
    }
    const old = item ? fromAttributeMap(item) : lacksList ? await read(executor, part, run) : undefined;
    const version = old && storedVersion(old, settings);
    const why = explain(plan, old, settings);
    if (why === 'alreadyApplied') {
      over.push([part.name, version]);
    } else if (why === 'again') {
      next.push({ ...part, command: { ...part.command, known: old } });
    } else {
      refusals.push({ name: part.name, key: part.command.key, kind: why, ...(old && why !== 'missing' && { current: old }), ...(version !== undefined && { version }) });
    }
  }
  if (over.length > 0) return { versions: defined(over) };
  return refusals.length > 0 ? { refusals } : { parts: next };
};

const read = (executor: Executor, { tableName, command }: Part, run: CommandRun): Promise<Item | undefined> =>
  callTable(run, (signal) => getItem(executor.client(), tableName, command.key, { consistent: true, signal }));

const versionsOf = (parts: readonly Part[], planned: readonly Planned[]): Readonly<Record<string, Version>> =>
  defined(parts.map(({ name }, i) => [name, planned[i]?.version] as const));

const defined = (versions: readonly (readonly [string, Version | undefined])[]): Readonly<Record<string, Version>> =>
  Object.fromEntries(versions.filter((one): one is readonly [string, Version] => one[1] !== undefined));

const rejected = (refusals: readonly Refusal[], attempts: number): TransactResult => {
  const [first, ...rest] = refusals;
  if (!first) throw new TypeError('a rejection has a refusal');
  return { kind: 'rejected', refusals: [first, ...rest], attempts };
};
