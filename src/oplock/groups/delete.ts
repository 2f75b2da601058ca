import type { DroppedGroup } from '../../outcome';
import { memberOf } from '../value/type';
import type { Verdict } from '../verdict/kinds';
import type { Write } from '../write';
import { stamp, type GroupAttempt, type Requirement } from './attempt';
import type { Group, GroupLayout, Place } from './layout';
import { standingOf, verdictOfDeletion, type Item } from './standing';

/**
 * The delete of an item with groups. First for the usual case, that every group is older: the item becomes a tombstone.
 * The rest's oplock is the delete's from then on, so that the row shows its time where rows show theirs.
 */
export const planDelete = (write: Write, layout: GroupLayout): GroupAttempt => {
  const { key, oplock, expiresAt } = write;
  const { rest, deletion, groups, deleted, ttl } = layout;
  return {
    kind: 'attempt', how: 'put', key, oplock, dropped: {}, remove: [],
    set: { ...stamp(rest, oplock), ...stamp(deletion, oplock), [deleted]: true, ...(expiresAt !== undefined && { [ttl]: expiresAt }) },
    requires: [{ place: deletion, is: 'older' }, ...[rest, ...groups].map((place): Requirement => ({ place, is: 'notNewer' }))],
    afterRefusal: (oldItem) => afterRefusal(write, layout, oldItem, false),
  };
};

const afterRefusal = (write: Write, layout: GroupLayout, item: Item | undefined, wasNarrowed: boolean): GroupAttempt | Verdict => {
  if (item === undefined) return wasNarrowed ? planDelete(write, layout) : { kind: 'conflict', reason: 'the item does not exist' };
  const blocked = verdictOfDeletion(layout, item, write.oplock);
  if (blocked) return blocked;
  const dropped: Record<string, DroppedGroup> = {};
  for (const place of [layout.rest, ...layout.groups]) {
    const standing = standingOf(place, item, write.oplock);
    if (standing.kind === 'mismatch') return standing;
    if (standing.kind === 'newer') dropped[place.name] = { ...standing, kind: 'stale' };
  }
  if (Object.keys(dropped).length > 0) return planNarrowed(write, layout, item, dropped);
  // Whatever was newer has gone since: by hand, or by its time to live.
  return wasNarrowed ? planDelete(write, layout) : { kind: 'conflict', reason: 'the stored oplocks are older than the event' };
};

/** The item lives on with its newer groups (`dropped`: the delete does not reach them); all the rest of it goes. */
const planNarrowed = (write: Write, layout: GroupLayout, item: Item, dropped: Readonly<Record<string, DroppedGroup>>): GroupAttempt => {
  const { key, oplock } = write;
  const { rest, deletion, groups } = layout;
  const lives = ({ name }: Place): boolean => Object.hasOwn(dropped, name);
  const set = { ...stamp(deletion, oplock), ...(!lives(rest) && stamp(rest, oplock)) };
  return {
    kind: 'attempt', how: 'update', key, oplock, dropped, set,
    remove: toRemove(layout, item, lives).filter((name) => !Object.hasOwn(set, name) && !Object.hasOwn(key, name)),
    requires: [
      { place: deletion, is: 'older' },
      ...groups.map((place): Requirement => ({ place, is: lives(place) ? 'there' : 'notNewer' })),
      // Its attributes are known from this item only: another write of the rest may have brought more of them.
      lives(rest) ? { place: rest, is: 'there' } : { place: rest, is: 'unchanged', at: memberOf(item, rest.oplock), tie: memberOf(item, rest.tie) },
    ],
    afterRefusal: (oldItem) => afterRefusal(write, layout, oldItem, true),
  };
};

const toRemove = (layout: GroupLayout, item: Item, lives: (place: Place) => boolean): readonly string[] => {
  const { groups, groupOf, rest, deletion, deleted, ttl, managed } = layout;
  const gone = (group: Group): readonly string[] => (lives(group) ? [] : [group.oplock, group.tie, ...group.attributes]);
  const ofRest = lives(rest) ? [] : Object.keys(item).filter((name) => !groupOf.has(name) && !managed.has(name));
  const stays = new Set([deletion.oplock, deletion.tie]);
  return [...new Set([deleted, ttl, ...groups.flatMap(gone), ...ofRest])].filter((name) => !stays.has(name));
};
