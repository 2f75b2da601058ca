import { passes, stamp, type Attempt } from '../attempt/attempt';
import type { OplockSettings } from '../settings';
import type { Write } from '../write';
import { storedVerdict } from './stored-verdict';

/**
 * The item becomes a tombstone: it is put whole, because an update cannot remove attributes that it does not know, and
 * what stayed would depend on the order of arrival.
 */
export const planTombstone = (write: Write, settings: OplockSettings): Attempt => {
  const { key, oplock, expiresAt } = write;
  const { rest, attributes } = settings;
  return {
    kind: 'attempt', how: 'put', key, remove: [], results: [{ kind: 'applied' }],
    set: { ...write.set, ...stamp(rest, oplock), [attributes.deleted]: true, ...(expiresAt !== undefined && { [attributes.ttl]: expiresAt }) },
    requires: [{ is: 'older', place: rest, than: oplock }],
    afterRefusal: ({ item }) => ({
      kind: 'refused',
      results: [storedVerdict(item, oplock, settings) ?? passes(item ? 'the stored oplock is older than the delete' : 'the item does not exist')],
    }),
  };
};

/** The item is removed, and its oplock with it. */
export const planPhysicalDelete = (write: Write, settings: OplockSettings): Attempt => ({ ...planTombstone(write, settings), how: 'delete', set: {} });
