import type { DroppedGroup } from '../../outcome';
import type { Oplock } from '../order';
import type { Verdict } from '../verdict/kinds';
import type { KeyValue } from '../write';
import type { Place } from './layout';
import type { Item } from './standing';

/** What must hold in a place for an attempt to be taken. */
export type Requirement =
  /** Nothing, or something older than the event. */
  | { readonly place: Place; readonly is: 'older' }
  /** Nothing, or something older than the event, or the event's own oplock. */
  | { readonly place: Place; readonly is: 'notNewer' }
  | { readonly place: Place; readonly is: 'there' }
  /** Exactly what was read; `undefined`: nothing. */
  | { readonly place: Place; readonly is: 'unchanged'; readonly at: unknown; readonly tie: unknown };

/** One conditional write of an item with groups, engine-neutral. */
export interface GroupAttempt {
  readonly kind: 'attempt';
  readonly key: Readonly<Record<string, KeyValue>>;
  /** `put`: the item is replaced as a whole. */
  readonly how: 'put' | 'update';
  /** All that is stored beside the key: oplocks, too. */
  readonly set: Readonly<Record<string, unknown>>;
  readonly remove: readonly string[];
  readonly requires: readonly Requirement[];
  readonly oplock: Oplock;
  /** The groups that were left out, by name. */
  readonly dropped: Readonly<Record<string, DroppedGroup>>;
  /** What to do when the table refuses, given the item that was there: a smaller attempt, or nothing more. */
  readonly afterRefusal: (oldItem: Item | undefined) => GroupAttempt | Verdict;
}

/** An oplock as it is stored in a place. */
export const stamp = ({ oplock, tie }: Place, event: Oplock): Record<string, unknown> => ({ [oplock]: event.at, [tie]: event.tie });
