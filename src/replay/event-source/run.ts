import type { Invoker } from './invoke';
import type { Settings } from './settings';
import type { Counts } from './stats';

/** What all lanes of a mapping share. */
export interface Run<R> {
  readonly settings: Settings<R>;
  readonly counts: Counts;
  /** Aborts when the mapping is to stop: the invocation under way ends, no other begins. */
  readonly signal: AbortSignal;
  readonly streamArn: string;
  readonly invoker: Invoker;
  /** Something was read, or has ended. */
  readonly onActivity: () => void;
}
