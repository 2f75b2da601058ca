import type { Progress } from './progress';
import type { Result, Skipped } from './result';

/** What a row is run with. */
export interface Bench {
  /** Measured, of each side. */
  readonly rounds: number;
  readonly progress: Progress;
  /** Folder for CPU profiles of the sides' processes. */
  readonly profile?: string;
}

export interface Row {
  readonly id: string;
  readonly title: string;
  readonly run: (bench: Bench) => Promise<Result | Skipped>;
}
