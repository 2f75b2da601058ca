import { quote } from '../../found';
import { compareBytes, type Oplock } from '../order';
import { compareValues } from '../value/compare';
import { memberOf } from '../value/type';
import { difference, typeName, type Verdict } from '../verdict/kinds';
import type { Item } from './attempt';
import type { Place } from './requirement';

/** How what is stored in a place stands to an event's oplock. */
export type Standing =
  /** Nothing is stored, or something older: the event may write here. */
  | { readonly kind: 'older' }
  | { readonly kind: 'same' }
  | { readonly kind: 'newer'; readonly behindMs?: number };

export type Mismatch = Extract<Verdict, { kind: 'mismatch' }>;

export const standingOf = ({ oplock, tie }: Place, item: Item, event: Oplock): Standing | Mismatch => {
  const stored = memberOf(item, oplock);
  if (stored === undefined) return { kind: 'older' };
  const at = compareValues(stored, event.at);
  if (at === undefined) return { kind: 'mismatch', reason: `${quote(oplock)} holds ${typeName(stored)}, the event's oplock is ${typeName(event.at)}` };
  const storedTie = memberOf(item, tie);
  // Without a tie the row is from a writer that knows none, and whoever came first stays.
  const order = at !== 0 ? at : typeof storedTie === 'string' ? compareBytes(storedTie, event.tie) : 1;
  if (order < 0) return { kind: 'older' };
  if (order === 0) return { kind: 'same' };
  const behindMs = difference(stored, event.at);
  return { kind: 'newer', ...(behindMs !== undefined && { behindMs }) };
};
