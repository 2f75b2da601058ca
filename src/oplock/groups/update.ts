import type { DroppedGroup } from '../../outcome';
import type { Verdict } from '../verdict/kinds';
import type { Write } from '../write';
import { stamp, type GroupAttempt } from './attempt';
import type { GroupLayout, Place } from './layout';
import { standingOf, verdictOfDeletion, type Item } from './standing';

/** What a write does to the attributes of one group. */
export interface Part {
  readonly place: Place;
  readonly set: Readonly<Record<string, unknown>>;
  readonly remove: readonly string[];
}

interface Grouped {
  readonly write: Write;
  readonly layout: GroupLayout;
}

type Dropped = Readonly<Record<string, DroppedGroup>>;

/** The update of these groups: taken when the event is newer than what each of them holds, and than the newest delete. */
export const planUpdate = (grouped: Grouped, parts: readonly Part[], dropped: Dropped): GroupAttempt => {
  const { write: { key, oplock }, layout: { deletion, deleted, ttl } } = grouped;
  return {
    kind: 'attempt', how: 'update', key, oplock, dropped,
    set: Object.assign({}, ...parts.flatMap(({ place, set }) => [stamp(place, oplock), set])) as Record<string, unknown>,
    // What is newer than the newest delete brings the item back.
    remove: [deleted, ttl, ...parts.flatMap(({ remove }) => remove)],
    requires: [deletion, ...parts.map(({ place }) => place)].map((place) => ({ place, is: 'older' })),
    afterRefusal: (oldItem) => afterRefusal(grouped, parts, dropped, oldItem),
  };
};

/**
 * The groups that are newer in the table are dropped for good: a stored oplock only ever grows, or falls to a delete
 * that is newer still. So each attempt has fewer groups than the one before.
 */
const afterRefusal = (grouped: Grouped, parts: readonly Part[], before: Dropped, item: Item | undefined): GroupAttempt | Verdict => {
  if (item === undefined) return { kind: 'conflict', reason: 'the item does not exist' };
  const { write: { oplock }, layout } = grouped;
  const blocked = verdictOfDeletion(layout, item, oplock);
  if (blocked) return blocked;
  const left: Part[] = [];
  const dropped: Record<string, DroppedGroup> = { ...before };
  for (const part of parts) {
    const standing = standingOf(part.place, item, oplock);
    if (standing.kind === 'mismatch') return standing;
    if (standing.kind === 'older') left.push(part);
    else dropped[part.place.name] = standing.kind === 'same' ? { kind: 'duplicate' } : { ...standing, kind: 'stale' };
  }
  if (left.length === parts.length) return { kind: 'conflict', reason: 'the stored oplocks are older than the event' };
  return left.length > 0 ? planUpdate(grouped, left, dropped) : verdictOfAll(Object.values(dropped));
};

/** No group is left. When the very event is in one of them, it was here before; others may have been overtaken since. */
const verdictOfAll = (dropped: readonly DroppedGroup[]): Verdict => {
  if (dropped.some(({ kind }) => kind === 'duplicate')) return { kind: 'duplicate' };
  const behind = dropped.flatMap(({ behindMs }) => (behindMs === undefined ? [] : [behindMs]));
  return { kind: 'stale', ...(behind.length > 0 && { behindMs: Math.max(...behind) }) };
};
