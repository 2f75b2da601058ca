import type { CommandOptions, Changes } from './commands';
import type { Item, Key } from './result';
import type { Expected, ExpectedPresent, Version } from './version';

/** What every participant says. */
export interface ParticipantItem {
  /** How the result names this participant. Default: its place, `'0'`, `'1'`, … */
  readonly name?: string;
  readonly key: Key;
  /** Default: the table of the commands. */
  readonly tableName?: string;
  /** Default: the discriminator of the commands. */
  readonly discriminator?: string;
}

/** One item of a transaction, with what is expected of it. */
export type Participant =
  | (ParticipantItem & { readonly intent: 'create'; readonly attributes: object })
  | (ParticipantItem & { readonly intent: 'update'; readonly changes: Changes<Record<string, unknown>>; readonly expected: ExpectedPresent })
  | (ParticipantItem & { readonly intent: 'upsert'; readonly attributes: Changes<Record<string, unknown>>; readonly expected: Expected })
  | (ParticipantItem & { readonly intent: 'remove'; readonly expected: ExpectedPresent })
  /** Nothing is written: the others are only when this one is as expected. */
  | (ParticipantItem & { readonly intent: 'check'; readonly expected: Expected });

export interface TransactOptions extends CommandOptions {
  /** Tries when another transaction holds one of the items, or when the service does not answer. Default 8. */
  readonly attempts?: number;
}

/** Why a participant refused. */
export interface Refusal {
  readonly name: string;
  readonly key: Key;
  readonly kind: 'conflict' | 'missing' | 'alreadyExists';
  readonly current?: Item;
  readonly version?: Version;
}

export type TransactResult =
  /** `versions`: the new version of each participant that was written, by name. */
  | { readonly kind: 'applied'; readonly versions: Readonly<Record<string, Version>>; readonly attempts: number }
  /**
   * This very command was applied before. `versions`: those that it made, of the participants whose items said so. One
   * is enough to know: a command id belongs to one command, so that what one item remembers was done to all of them.
   */
  | { readonly kind: 'alreadyApplied'; readonly versions: Readonly<Record<string, Version>>; readonly attempts: number }
  /** Nothing was written: all participants that refused, in their order. */
  | { readonly kind: 'rejected'; readonly refusals: readonly [Refusal, ...Refusal[]]; readonly attempts: number };
