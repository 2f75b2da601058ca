import type { Event } from '../event';
import { own } from '../found';
import { leaveOut } from './leave-out';

/**
 * Leaves out the changes of a table that are no news: `fromDynamodb(event).through(outLatched)`. They end as `filtered`.
 * - a row with `latched: true` was written by a listener from somebody else's event: to announce it would send that
 *   event round in circles
 * - a row that was marked `deleted` is removed: its delete was announced when it was marked
 *
 * Other events, without images, go on.
 */
export const outLatched = <U extends { readonly event: Event }>(source: Highland.Stream<U>): Highland.Stream<U> =>
  leaveOut<U>(({ event }) => noNews(event))(source);

const noNews = ({ type, raw }: Event): string | undefined => {
  const image: unknown = raw?.new ?? raw?.old;
  // Under a view of old images only, every change has just that one; a type tells what happened.
  const removed = raw?.new === undefined && /-deleted$/.test(type);
  if (own(image, 'latched') === true && (raw?.new !== undefined || removed)) return 'latched';
  return removed && own(image, 'deleted') === true ? 'removed after a soft delete' : undefined;
};
