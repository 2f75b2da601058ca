import { compareOplocks } from '../order';
import type { Write } from '../write';

/**
 * The events of one item, in runs that are written one after the other, each as one write: what is not newer than
 * the newest delete, and what is. In the order of their oplocks; where that is no order, each event by itself.
 */
export const runsOf = <T>(events: readonly T[], writeOf: (event: T) => Write): readonly (readonly T[])[] => {
  if (events.length === 1) return [events];
  const sorted = events.toSorted((a, b) => compareOplocks(writeOf(a).oplock, writeOf(b).oplock));
  const writes = sorted.map(writeOf);
  // Of two events with one oplock the first to come stays, which only writes one after the other can tell.
  if (writes.some((write, i) => isRival(writes[i - 1], write))) return events.map((event) => [event]);
  const newestDelete = writes.findLastIndex(({ kind }) => kind === 'tombstone');
  return [sorted.slice(0, newestDelete + 1), sorted.slice(newestDelete + 1)].filter(({ length }) => length > 0);
};

const isRival = (before: Write | undefined, write: Write): boolean =>
  before !== undefined && before.eventId !== write.eventId && compareOplocks(before.oplock, write.oplock) === 0;
