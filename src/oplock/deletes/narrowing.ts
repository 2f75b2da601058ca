import type { DroppedGroup } from '../../outcome';
import { passes, stamp, type Attempt, type Item, type Refused } from '../attempt/attempt';
import type { Place, Requirement } from '../attempt/requirement';
import { standingOf } from '../attempt/standing';
import { verdictOfDeletion } from '../groups/deletion';
import type { Group, GroupLayout } from '../groups/layout';
import { memberOf } from '../value/type';
import type { Verdict } from '../verdict/kinds';
import type { Write } from '../write';

/**
 * The delete of an item with groups. First for the usual case, that every group is older: the item becomes a tombstone.
 * The rest's oplock is the delete's from then on, so that the row shows its time where rows show theirs.
 */
export const planNarrowingDelete = (write: Write, layout: GroupLayout): Attempt => {
  const { key, oplock, expiresAt } = write;
  const { rest, deletion, groups, deleted, ttl } = layout;
  return {
    kind: 'attempt', how: 'put', key, remove: [], results: [{ kind: 'applied' }],
    set: { ...stamp(rest, oplock), ...stamp(deletion, oplock), [deleted]: true, ...(expiresAt !== undefined && { [ttl]: expiresAt }) },
    requires: [
      { is: 'older', place: deletion, than: oplock },
      ...[rest, ...groups].map((place): Requirement => ({ is: 'notNewer', place, than: oplock })),
    ],
    afterRefusal: ({ item }) => afterRefusal(write, layout, item, false),
  };
};

const refused = (result: Verdict): Refused => ({ kind: 'refused', results: [result] });

const afterRefusal = (write: Write, layout: GroupLayout, item: Item | undefined, wasNarrowed: boolean): Attempt | Refused => {
  if (item === undefined) return wasNarrowed ? planNarrowingDelete(write, layout) : { kind: 'refused', results: [passes('the item does not exist')] };
  const blocked = verdictOfDeletion(layout, item, write.oplock);
  if (blocked) return refused(blocked);
  const dropped: Record<string, DroppedGroup> = {};
  for (const place of [layout.rest, ...layout.groups]) {
    const standing = standingOf(place, item, write.oplock);
    if (standing.kind === 'mismatch') return refused(standing);
    if (standing.kind === 'newer') dropped[place.name] = { ...standing, kind: 'stale' };
  }
  if (Object.keys(dropped).length > 0) return planNarrowed(write, layout, item, dropped);
  // Whatever was newer has gone since: by hand, or by its time to live.
  return wasNarrowed ? planNarrowingDelete(write, layout) : { kind: 'refused', results: [passes('the stored oplocks are older than the delete')] };
};

/** The item lives on with its newer groups (`dropped`: the delete does not reach them); all the rest of it goes. */
const planNarrowed = (write: Write, layout: GroupLayout, item: Item, dropped: Readonly<Record<string, DroppedGroup>>): Attempt => {
  const { key, oplock } = write;
  const { rest, deletion, groups } = layout;
  const lives = ({ name }: Place): boolean => Object.hasOwn(dropped, name);
  const set = { ...stamp(deletion, oplock), ...(!lives(rest) && stamp(rest, oplock)) };
  return {
    kind: 'attempt', how: 'update', key, set, results: [{ kind: 'narrowed', dropped }],
    remove: toRemove(layout, item, lives).filter((name) => !Object.hasOwn(set, name) && !Object.hasOwn(key, name)),
    requires: [
      { is: 'older', place: deletion, than: oplock },
      ...groups.map((place): Requirement => (lives(place) ? { is: 'there', place } : { is: 'notNewer', place, than: oplock })),
      // Its attributes are known from this item only: another write of the rest may have brought more of them.
      lives(rest) ? { is: 'there', place: rest } : { is: 'unchanged', place: rest, at: memberOf(item, rest.oplock), tie: memberOf(item, rest.tie) },
    ],
    afterRefusal: (refusal) => afterRefusal(write, layout, refusal.item, true),
  };
};

const toRemove = (layout: GroupLayout, item: Item, lives: (place: Place) => boolean): readonly string[] => {
  const { groups, groupOf, rest, deletion, deleted, ttl, managed } = layout;
  const gone = (group: Group): readonly string[] => (lives(group) ? [] : [group.oplock, group.tie, ...group.attributes]);
  const ofRest = lives(rest) ? [] : Object.keys(item).filter((name) => !groupOf.has(name) && !managed.has(name));
  const stays = new Set([deletion.oplock, deletion.tie]);
  return [...new Set([deleted, ttl, ...groups.flatMap(gone), ...ofRest])].filter((name) => !stays.has(name));
};
