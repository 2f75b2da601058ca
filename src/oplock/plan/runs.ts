import { compareOplocks } from '../order';
import type { Write } from '../write';

/**
 * The events of one item, in runs that are written one after the other, each as one write: what is not newer than
 * the newest delete, and what is. In the order of their oplocks; where that is no order, each event by itself.
 */
export const runsOf = <T>(events: readonly T[], writeOf: (event: T) => Write): readonly (readonly T[])[] => {
  if (events.length === 1) return [events];
  const scopes = new Set(events.map((event) => writeOf(event).place?.name));
  // They have no order among each other, and what they write is not each other's.
  if (scopes.size > 1) return [...scopes].flatMap((scope) => runsOf(events.filter((event) => writeOf(event).place?.name === scope), writeOf));
  const sorted = events.toSorted((a, b) => compareOplocks(writeOf(a).oplock, writeOf(b).oplock));
  const writes = sorted.map(writeOf);
  // Of two events with one oplock the first to come stays, or the delete: only writes one after the other can tell.
  if (writes.some((write, i) => isRival(writes[i - 1], write))) return events.map((event) => [event]);
  const newestDelete = writes.findLastIndex(({ kind }) => kind === 'tombstone');
  return [sorted.slice(0, newestDelete + 1), sorted.slice(newestDelete + 1)].filter(({ length }) => length > 0);
};

/** Has the oplock of the one before, and is not just that event's second delivery. */
const isRival = (before: Write | undefined, { oplock, eventId, kind }: Write): boolean =>
  before !== undefined && compareOplocks(before.oplock, oplock) === 0 && (before.eventId !== eventId || before.kind !== kind);
