import { fullJitter, sleep } from '../retry';
import type { Executor } from './executor';
import type { WriteCommand } from './plan/command';
import type { CommandResult, Item, Key } from './result';
import type { CommandRun } from './run';

/** What to do about the item as it is: a command for exactly that state, or the result. `current` is absent when there is none; it may be deleted. */
export type Decide = (current: Item | undefined) => WriteCommand | { readonly result: CommandResult };

/** Tries of a command that goes by the item as it finds it. */
export const ATTEMPTS = 8;

const BACKOFF = { baseMs: 20, capMs: 1000 };

/** Reads, decides, writes; and decides again about what it found when somebody was faster, which saves the next read. */
export const converge = async (executor: Executor, key: Key, decide: Decide, run: CommandRun, maxAttempts: number = ATTEMPTS): Promise<CommandResult> => {
  let current = await executor.read(key, run);
  for (let tries = 1; ; tries += 1) {
    const decision = decide(current);
    if ('result' in decision) return decision.result;
    const result = await executor.execute(decision, run);
    if (result.kind !== 'conflict' && result.kind !== 'alreadyExists') return result;
    // It may hide that the change was made: to make it again would be wrong.
    if (result.uncertain) return result;
    const wait = fullJitter(tries, BACKOFF);
    if (tries >= maxAttempts || run.signal.aborted || wait >= run.remaining()) return result;
    await sleep(wait, run.signal);
    if (run.signal.aborted) return result;
    // This try is known to be in vain, and can no longer succeed: its version is gone for good.
    run.ambiguous = false;
    current = result.current;
  }
};
