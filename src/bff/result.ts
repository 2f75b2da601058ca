import type { KeyValue } from '../oplock/write';
import type { Expected, Version } from './version';

/** The key of an item: attribute names and values. */
export type Key = Readonly<Record<string, KeyValue>>;

/** An item as the table has it: the caller's attributes and those that the toolkit keeps. */
export type Item<T extends object = Record<string, unknown>> = T & Readonly<Record<string, unknown>>;

/** How a command ended. Exactly one, whatever the engine, the network and the other writers did. */
export type CommandResult<T extends object = Record<string, unknown>> = Done<T> | Refused<T>;

/** The item is as the command wants it. */
export type Done<T extends object = Record<string, unknown>> =
  /** Written now. */
  | { readonly kind: 'applied'; readonly key: Key; readonly item: Item<T>; readonly version: Version; readonly attempts: number }
  /**
   * Written before: by this very command, whose response was lost or which was sent twice (same `commandId`), or
   * there was nothing to change. `item` is the item as it is now, which others may have changed or deleted since;
   * `version` is its version, and `madeVersion` the one that the command made, when the item remembers it.
   */
  | { readonly kind: 'alreadyApplied'; readonly key: Key; readonly item: Item<T>; readonly version: Version | undefined; readonly attempts: number; readonly madeVersion?: Version };

/** In a refusal: see {@link Refused}. */
export interface Uncertain {
  readonly uncertain?: true;
}

/**
 * Nothing was written. With `uncertain: true` that is not known: a response of this command was lost, and so much has
 * happened to the item since that it cannot tell whether the command was applied in between.
 */
export type Refused<T extends object = Record<string, unknown>> =
  /** The item has another version: look at `current`, decide again. */
  | { readonly kind: 'conflict'; readonly key: Key; readonly expected: Expected; readonly current: Item<T>; readonly version: Version | undefined; readonly attempts: number } & Uncertain
  /** There is no such item, or it is deleted. */
  | { readonly kind: 'missing'; readonly key: Key; readonly expected: Expected; readonly attempts: number } & Uncertain
  /** There is one already. */
  | { readonly kind: 'alreadyExists'; readonly key: Key; readonly current: Item<T>; readonly version: Version | undefined; readonly attempts: number } & Uncertain;

/** What `create` ends in: nothing is expected, so nothing can differ or be missing. */
export type CreateResult<T extends object = Record<string, unknown>> = Done<T> | Extract<Refused<T>, { kind: 'alreadyExists' }>;

/** What commands on an item that is there end in: `update`, `updateWith`, `remove`. */
export type UpdateResult<T extends object = Record<string, unknown>> = Done<T> | Exclude<Refused<T>, { kind: 'alreadyExists' }>;
