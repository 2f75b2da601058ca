import { passes, stamp, type Attempt, type Result } from '../attempt/attempt';
import { standingOf } from '../attempt/standing';
import type { OplockSettings } from '../settings';
import { olderThan } from '../verdict/kinds';
import type { Write } from '../write';

/**
 * The item becomes a tombstone: it is put whole, because an update cannot remove attributes that it does not know, and
 * what stayed would depend on the order of arrival.
 */
export const planTombstone = (write: Write, { rest, attributes }: OplockSettings): Attempt => {
  const { key, oplock, expiresAt } = write;
  return {
    kind: 'attempt', how: 'put', key, remove: [], results: [{ kind: 'applied' }],
    set: { ...write.set, ...stamp(rest, oplock), [attributes.deleted]: true, ...(expiresAt !== undefined && { [attributes.ttl]: expiresAt }) },
    requires: [{ is: 'older', place: rest, than: oplock }],
    afterRefusal: ({ item }) => {
      const refused = (result: Result) => ({ kind: 'refused' as const, results: [result] });
      if (item === undefined) return refused(passes('the item does not exist'));
      const standing = standingOf(rest, item, oplock);
      switch (standing.kind) {
        case 'older': return refused(passes('the stored oplock is older than the delete'));
        case 'same': return refused({ kind: 'duplicate' });
        case 'newer': return refused(olderThan(item, attributes.deleted, standing.behindMs));
        case 'mismatch': return refused(standing);
      }
    },
  };
};
