import type { DroppedGroup } from '../../outcome';
import type { Oplock } from '../order';
import type { NumberLike } from '../value/number';
import type { Verdict } from '../verdict/kinds';
import type { KeyValue } from '../write';
import type { Place, Requirement } from './requirement';

export type Item = Readonly<Record<string, unknown>>;

export type ItemKey = Readonly<Record<string, KeyValue>>;

/** One conditional write of an item for one event, or for several that were folded; engine-neutral. */
export interface Attempt {
  readonly kind: 'attempt';
  readonly key: ItemKey;
  /** `put`: the item is replaced as a whole. */
  readonly how: 'put' | 'update' | 'delete';
  /** All that is stored beside the key: oplocks, too. Empty for `delete`. */
  readonly set: Readonly<Record<string, unknown>>;
  /** Attributes that an `update` removes. */
  readonly remove: readonly string[];
  /** What an `update` adds to numbers and sets. */
  readonly add?: Readonly<Record<string, NumberLike | ReadonlySet<string>>>;
  /** All of them. */
  readonly requires: readonly Requirement[];
  /** Writes of other items, all or nothing with this one: then it is a transaction. */
  readonly companions?: readonly Companion[];
  /** The condition fails where there is no item: a refusal without an old item needs no second look. */
  readonly refusesAbsent?: true;
  /** What the events end in when the table takes it, in the order of the events. */
  readonly results: readonly Result[];
  /** What to do when the table refuses: another attempt, or nothing more. Throws nothing. */
  readonly afterRefusal: (refusal: Refusal) => Attempt | Refused;
}

/** Another item's part in a transaction. */
export interface Companion {
  /** Default: the table of the attempt. */
  readonly tableName?: string | undefined;
  readonly key: ItemKey;
  readonly how: 'put' | 'delete';
  /** All that a `put` stores beside the key. */
  readonly set: Readonly<Record<string, unknown>>;
  readonly requires: readonly Requirement[];
}

/** What was there when the table refused. */
export interface Refusal {
  /** `undefined`: no item. */
  readonly item: Item | undefined;
  /** Of each companion, whether its condition failed, and the item that was there. */
  readonly companions: readonly { readonly failed: boolean; readonly item: Item | undefined }[];
}

/** Nothing is left to be tried. */
export interface Refused {
  readonly kind: 'refused';
  readonly results: readonly Result[];
}

/** What one event of an attempt ends in. */
export type Result =
  | { readonly kind: 'applied' }
  | { readonly kind: 'narrowed'; readonly dropped: Readonly<Record<string, DroppedGroup>> }
  /** What the event says is in the table, or covered there, by a newer event that was written together with it. */
  | { readonly kind: 'superseded'; readonly by: string }
  /** The item says it already, and stays as it is. */
  | { readonly kind: 'unchanged' }
  | Verdict;

/** An oplock as it is stored in a place. */
export const stamp = ({ oplock, tie }: Place, event: Oplock): Record<string, unknown> => ({ [oplock]: event.at, [tie]: event.tie });

/** Against the condition, the old item would let the write pass: it has changed since. */
export const passes = (reason: string): Result => ({ kind: 'passes', reason });

export const somePass = (results: readonly Result[]): boolean => results.some(({ kind }) => kind === 'passes');
