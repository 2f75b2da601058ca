import type { LockClient } from '../../locks';
import type { LocksArgs } from './args';
import type { LocksWorld } from './world';

/** What each of the commands gets. */
export interface LocksContext<Command extends LocksArgs['command']> {
  readonly args: Extract<LocksArgs, { readonly command: Command }>;
  readonly locks: LockClient;
  readonly world: LocksWorld;
  /** A line on standard output. */
  readonly print: (line: string) => void;
  /** A line on standard error. */
  readonly note: (line: string) => void;
}
