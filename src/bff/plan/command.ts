import type { Item, Key } from '../result';
import type { ABSENT, PRESENT, Version } from '../version';

interface Target {
  readonly key: Key;
  /**
   * The item as it was last seen, when it was: the command is for exactly this state of it. Without it the command is
   * planned from the expected version alone, which saves the read.
   */
  readonly known?: Item | undefined;
  /** Write even over a stored version or timestamp that is none. */
  readonly repairs?: boolean;
}

/** One command on one item, with the one version that it goes by: `undefined` for an item that has none. */
export type WriteCommand =
  | (Target & { readonly intent: 'create'; readonly attributes: object })
  | (Target & { readonly intent: 'update'; readonly changes: object; readonly version: Version | undefined })
  | (Target & { readonly intent: 'remove'; readonly version: Version | undefined });

export interface CheckCommand extends Target {
  readonly intent: 'check';
  readonly expected: readonly Version[] | typeof PRESENT | typeof ABSENT;
}

export type Command = WriteCommand | CheckCommand;

/** What is true of the command whatever it does. */
export interface CommandContext {
  /** Epoch ms. */
  readonly now: number;
  /** Names this command among the item's recent ones. */
  readonly id: string;
  /** The caller named it: it may come again at any time, and must not be applied again. */
  readonly isNamed: boolean;
  /** For `lastModifiedBy`. */
  readonly by: string | undefined;
  /** Instead of the settings' own. */
  readonly discriminator?: string | undefined;
}
