import type { Uow } from '../../uow';
import { invalidWrite } from '../value/invalid';
import { planWrite, type PlanContext, type Write, type WriteRequest } from '../write';
import type { GroupAttempt } from './attempt';
import { planDelete } from './delete';
import type { GroupLayout, Place } from './layout';
import { planUpdate, type Part } from './update';

/**
 * Plans the first attempt of the write that an event asks for, with all groups that it names. Pure.
 *
 * @throws OplockStreamError as {@link planWrite}
 */
export const planGroups = (request: WriteRequest, uow: Uow, context: PlanContext, layout: GroupLayout): GroupAttempt => {
  const write = planWrite(request, uow, context);
  for (const name of Object.keys(write.key)) {
    if (layout.managed.has(name)) throw invalidWrite(['key', name], 'the oplock options use this attribute, too. Give theirs another name');
  }
  for (const name of Object.keys(write.set)) {
    if (layout.managed.has(name)) throw invalidWrite(['set', name], 'with groups, the toolkit alone writes this attribute. Leave it out');
    // It would need an oplock of its own, to be left or removed with the delete that brought it.
    if (write.kind === 'tombstone') throw invalidWrite(['set', name], 'with groups, a delete stores nothing of its own. Leave it out');
  }
  return write.kind === 'tombstone' ? planDelete(write, layout) : planUpdate({ write, layout }, partsOf(write, layout), {});
};

/** What the write does in each group that it names. One that names no attribute at all is about the item itself. */
const partsOf = ({ set, remove }: Write, { groupOf, rest, deleted, ttl, managed }: GroupLayout): readonly Part[] => {
  const parts = new Map<Place, { place: Place; set: Record<string, unknown>; remove: string[] }>();
  const partOf = (place: Place) => {
    const part = parts.get(place) ?? { place, set: {}, remove: [] };
    parts.set(place, part);
    return part;
  };
  for (const [name, value] of Object.entries(set)) partOf(groupOf.get(name) ?? rest).set[name] = value;
  for (const name of remove) {
    if (name === deleted || name === ttl) continue; // every update removes these
    if (managed.has(name)) throw invalidWrite(['remove', name], 'the oplock stays with the item: without it an older event would win');
    partOf(groupOf.get(name) ?? rest).remove.push(name);
  }
  if (parts.size === 0) partOf(rest);
  return [...parts.values()];
};
