import { memberOf } from '../../oplock/value/type';
import type { Item } from '../result';
import type { Settings } from '../settings';
import { ABSENT, PRESENT } from '../version';
import type { CheckCommand, Command } from './command';
import { storedVersion } from './next';
import { includesCommand } from './recent-commands';

/**
 * Why the table refused.
 * - `alreadyApplied`: the item remembers this very command
 * - `again`: the command may go on once it knows the item: a deleted one to be replaced, a clock that is behind the item's,
 *   or an item that has changed between the refusal and the read that stood in for the missing old item
 */
export type Explanation = 'alreadyApplied' | 'conflict' | 'missing' | 'alreadyExists' | 'again';

/** From the item that was there; `undefined` when there was none. Pure. */
export const explain = ({ command, id }: { readonly command: Command; readonly id: string }, old: Item | undefined, settings: Settings): Explanation => {
  const alive = old !== undefined && memberOf(old, settings.names.deleted) !== true;
  if (command.intent === 'check') return explainCheck(command.expected, alive ? old : undefined, settings);
  if (includesCommand(old, settings, id)) return 'alreadyApplied';
  if (command.intent === 'create') return alive ? 'alreadyExists' : 'again';
  if (!alive) return 'missing';
  return storedVersion(old, settings) === command.version ? 'again' : 'conflict';
};

const explainCheck = (expected: CheckCommand['expected'], alive: Item | undefined, settings: Settings): Explanation => {
  if (expected === ABSENT) return alive ? 'alreadyExists' : 'again';
  if (!alive) return 'missing';
  if (expected === PRESENT) return 'again';
  const version = storedVersion(alive, settings);
  return expected.some((one) => one === version) ? 'again' : 'conflict';
};
