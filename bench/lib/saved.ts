import type { Result, Skipped } from './result';

/** What `--save` keeps: the results, and what they were measured on. */
export interface Saved {
  /** `2026-01-31` */
  readonly date: string;
  readonly node: string;
  readonly machine: string;
  readonly rounds: number;
  readonly results: readonly (Result | Skipped)[];
}
