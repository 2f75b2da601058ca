import { isObject, describeFound } from '../found';
import { equalValues } from '../oplock/value/compare';
import { memberOf } from '../oplock/value/type';
import { isThenable } from '../thenable';
import { candidates } from './candidates';
import type { Changes } from './commands';
import { converge, type Decide } from './converge';
import { copyOf } from './copy';
import { alreadyApplied, type Executor } from './executor';
import { invalidCommand, removes } from './plan/attributes-to-set';
import type { WriteCommand } from './plan/command';
import { storedVersion } from './plan/next';
import { includesCommand } from './plan/recent-commands';
import type { CommandResult, Item, Key } from './result';
import type { CommandRun } from './run';
import { PRESENT, type ExpectedPresent, type Version } from './version';

/** Made by a version, or by the item when that does not say which version it is. */
type Make = (version: Version | undefined, known: Item | undefined) => WriteCommand;

/** A command that expects an item: one version needs no read, anything else goes by the item as it is. */
export const expecting = async (executor: Executor, key: Key, expected: ExpectedPresent, run: CommandRun, make: Make): Promise<CommandResult> => {
  const { settings } = executor;
  const versions = candidates(settings, expected);
  const [only, ...others] = versions ?? [];
  const among: Decide = (current) => {
    const over = whenOver(executor, key, run, current);
    if (over) return over;
    const version = current && storedVersion(current, settings);
    if (!versions || versions.some((one) => one === version)) return make(version, current);
    return { result: { kind: 'conflict', key, expected, current: current as Item, version, attempts: run.attempts } };
  };
  const result = only !== undefined && others.length === 0 ? await executor.execute(make(only, undefined), run) : await converge(executor, key, among, run);
  return result.kind === 'conflict' || result.kind === 'missing' ? { ...result, expected } : result;
};

/** Whatever the item is, and whatever its version has become. */
export const repairing = (executor: Executor, key: Key, changes: object, run: CommandRun): Decide => (current) => {
  const over = whenOver(executor, key, run, current);
  if (over?.result.kind === 'alreadyApplied') return over;
  if (over) return { intent: 'create', key, attributes: changes, known: current, repairs: true };
  return { intent: 'update', key, changes, version: current && storedVersion(current, executor.settings), known: current, repairs: true };
};

/** What a function makes of the item. */
export const changing = (executor: Executor, key: Key, change: (current: Item) => Changes<Record<string, unknown>> | undefined, run: CommandRun): Decide => (current) => {
  const over = whenOver(executor, key, run, current);
  if (over || !current) return over ?? { result: { kind: 'missing', key, expected: PRESENT, attempts: run.attempts } };
  const changes = news(checked(change(copyOf(current) as Item)), current);
  if (Object.keys(changes).length === 0) return { result: alreadyApplied(key, current, run, executor.settings) };
  return { intent: 'update', key, changes, version: storedVersion(current, executor.settings), known: current };
};

/** A command that comes again needs no other write, and one on a deleted item finds none. */
const whenOver = ({ settings, isDeleted }: Executor, key: Key, run: CommandRun, current: Item | undefined): { readonly result: CommandResult } | undefined => {
  if (current && includesCommand(current, settings, run.id)) return { result: alreadyApplied(key, current, run, settings) };
  return !current || isDeleted(current) ? { result: { kind: 'missing', key, expected: PRESENT, attempts: run.attempts } } : undefined;
};

/** Only what differs from the item, so that a function may return the item with its changes in it. */
const news = (changes: object, current: Item): object =>
  Object.fromEntries(Object.entries(changes).filter(([name, value]) => {
    const stored = memberOf(current, name);
    return value !== undefined && !(removes(value) && stored === undefined) && !equalValues(value, stored);
  }));

/** A promise has no attributes: it would pass for a change that changes nothing. */
const checked = (changes: unknown): object => {
  if (changes === undefined) return {};
  const isPromise = isThenable(changes);
  if (!isPromise && isObject(changes) && !(changes instanceof Map) && !ArrayBuffer.isView(changes)) return changes;
  throw invalidCommand(`updateWith: the function returned ${isPromise ? 'a promise' : describeFound(changes)} where an object of changes, or undefined, belongs`);
};
