import { quote } from '../../found';
import type { Mismatch, Standing } from '../attempt/standing';
import type { Effect, Slot, Told } from '../plan/slot';
import { compareValues } from '../value/compare';
import { memberOf } from '../value/type';
import { typeName } from '../verdict/kinds';
import type { Addition } from './additions';

/** A counter admits an event by itself, whatever the oplock says: once. Writes that count are never folded. */
export const counterSlot = (addition: Addition): Slot => ({
  name: addition.attribute,
  effect: () => effectOf(addition),
  standing: (told) => standingOf(addition, told),
});

const effectOf = ({ attribute, amount, once }: Addition): Effect => {
  const nothing = { set: {}, remove: [] };
  switch (once.by) {
    case 'sequence':
      return { set: { [once.marker]: once.sequence }, remove: [], add: { [attribute]: amount }, requires: { is: 'lower', attribute: once.marker, than: once.sequence } };
    case 'dedupeSet':
      return { ...nothing, add: { [attribute]: amount, [once.marker]: new Set([once.eventId]) }, requires: { is: 'without', attribute: once.marker, member: once.eventId } };
    case 'dedupeItem':
      return { ...nothing, add: { [attribute]: amount }, companions: [once.row] };
  }
};

const standingOf = ({ once }: Addition, { item, refused }: Told): Standing | Mismatch => {
  switch (once.by) {
    case 'sequence': return standingOfSequence(once, item === undefined ? undefined : memberOf(item, once.marker));
    case 'dedupeSet': {
      const seen = item === undefined ? undefined : memberOf(item, once.marker);
      return { kind: seen instanceof Set && seen.has(once.eventId) ? 'same' : 'older' };
    }
    case 'dedupeItem': return { kind: refused(once.row) ? 'same' : 'older' };
  }
};

const standingOfSequence = ({ marker, sequence }: { readonly marker: string; readonly sequence: string | number }, stored: unknown): Standing | Mismatch => {
  if (stored === undefined) return { kind: 'older' };
  const order = compareValues(stored, sequence);
  if (order === undefined) return { kind: 'mismatch', reason: `${quote(marker)} holds ${typeName(stored)}, the event's sequence is ${typeName(sequence)}` };
  return { kind: order < 0 ? 'older' : order === 0 ? 'same' : 'newer' };
};
