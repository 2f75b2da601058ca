import type { Terminal } from '../replay/progress';
import type { LocksWorld } from './locks/world';

/** What the command touches of the outside world; tests put their own in its place. */
export interface Io {
  readonly stdout: (text: string) => void;
  /** Messages and, when it is a terminal, progress. */
  readonly stderr: Terminal;
  /** Of this package. */
  readonly version: string;
  /** Loads a user's module by absolute path; gives its namespace. */
  readonly importModule: (path: string) => Promise<unknown>;
  /** In place of the SDK, the clock and Ctrl-C, for `oplock locks`. */
  readonly locks?: Partial<LocksWorld>;
}

export const EXIT = { right: 0, mismatch: 1, usage: 2 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
