import { sleep } from '../retry';
import type { CommandRun, Executor } from './executor';
import type { Command } from './plan/command';
import type { CommandResult, Item, Key } from './result';

/** What to do about the item as it is: a command that goes by it, or the result. `current` is absent when there is none; it may be deleted. */
export type Decide = (current: Item | undefined) => Exclude<Command, { intent: 'check' }> | { readonly result: CommandResult };

const BASE_MS = 20;
const CAP_MS = 1000;

/** Reads, decides, writes; and decides again about what it found when somebody was faster, which saves the next read. */
export const converge = async (executor: Executor, key: Key, decide: Decide, run: CommandRun, maxAttempts: number): Promise<CommandResult> => {
  let current = await executor.read(key, run);
  for (let tries = 1; ; tries += 1) {
    const decision = decide(current);
    if ('result' in decision) return decision.result;
    const result = await executor.execute(decision, run);
    if (result.kind !== 'conflict' && result.kind !== 'alreadyExists') return result;
    // An uncertain conflict may hide that the change was made: to make it again would be wrong.
    if (result.kind === 'conflict' && result.uncertain) return result;
    const wait = Math.random() * Math.min(CAP_MS, BASE_MS * 2 ** (tries - 1));
    if (tries >= maxAttempts || run.signal.aborted || wait >= run.remaining()) return result;
    await sleep(wait, run.signal);
    if (run.signal.aborted) return result;
    current = result.current;
  }
};
