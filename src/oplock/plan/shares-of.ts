import type { OplockSettings } from '../settings';
import type { Write } from '../write';
import { counterSlot } from '../reduce/counter-slot';
import { placeSlot } from './place-slot';
import type { Share, Slot } from './slot';

/** What an update does in each slot that it names. One that names no attribute at all is about the item itself, unless it only counts. */
export const sharesOf = (write: Write, settings: OplockSettings): readonly Share[] => {
  if (!write.counts) return placeShares(write, settings);
  const counted = write.counts.additions.map((addition): Share => ({ slot: counterSlot(addition), write, set: {}, remove: [] }));
  return write.counts.only === true ? counted : [...placeShares(write, settings), ...counted];
};

const placeShares = (write: Write, { rest, restSlot, layout }: OplockSettings): readonly Share[] => {
  if (!layout) return [{ slot: write.place ? placeSlot(write.place) : restSlot, write, set: write.set, remove: write.remove }];
  const { groupOf, deleted, ttl } = layout;
  const shares = new Map<string, { slot: Slot; write: Write; set: Record<string, unknown>; remove: string[] }>();
  const shareOf = (name: string | undefined) => {
    const place = (name === undefined ? undefined : groupOf.get(name)) ?? rest;
    const share = shares.get(place.name) ?? { slot: placeSlot(place), write, set: {}, remove: [] };
    shares.set(place.name, share);
    return share;
  };
  for (const [name, value] of Object.entries(write.set)) shareOf(name).set[name] = value;
  for (const name of write.remove) {
    if (name !== deleted && name !== ttl) shareOf(name).remove.push(name); // every update removes these two
  }
  if (shares.size === 0) shareOf(undefined);
  return [...shares.values()];
};
