import { quote } from '../../found';
import { compareBytes } from '../order';
import { compareValues } from '../value/compare';
import { memberOf } from '../value/type';
import type { Write } from '../write';
import { difference, olderThan, typeName, type Verdict } from './kinds';

/**
 * Why the table refused a structured write, from the item that was there. `conflict` says that the oplock would let
 * the write pass: then somebody else's condition failed, or the item has changed since.
 */
export const verdictOfWrite = (write: Write, oldItem: Readonly<Record<string, unknown>> | undefined): Verdict => {
  if (oldItem === undefined) return { kind: 'conflict', reason: 'the item does not exist' };
  const { oplock, attributes } = write;
  const stored = memberOf(oldItem, attributes.oplock);
  if (stored === undefined) return { kind: 'conflict', reason: `the item has no oplock in ${quote(attributes.oplock)}` };
  const order = compareValues(stored, oplock.at);
  if (order === undefined) {
    return { kind: 'mismatch', reason: `${quote(attributes.oplock)} holds ${typeName(stored)}, the event's oplock is ${typeName(oplock.at)}` };
  }
  const behindMs = difference(stored, oplock.at);
  if (order > 0) return olderThan(oldItem, attributes.deleted, behindMs);
  if (order < 0) return { kind: 'conflict', reason: 'the stored oplock is older than the event' };
  return verdictOfTie(write, oldItem, behindMs);
};

/** The oplocks are equal. */
const verdictOfTie = ({ oplock, attributes }: Write, oldItem: Readonly<Record<string, unknown>>, behindMs: number | undefined): Verdict => {
  const tie = memberOf(oldItem, attributes.tie);
  // Without a tie the row is from a writer that knows none, and whoever came first stays.
  const order = typeof tie === 'string' ? compareBytes(tie, oplock.tie) : 1;
  if (order === 0) return { kind: 'duplicate' };
  return order > 0 ? olderThan(oldItem, attributes.deleted, behindMs) : { kind: 'conflict', reason: 'the stored event of the same time has the lower tie' };
};
