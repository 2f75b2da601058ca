import { stamp } from '../attempt/attempt';
import type { Place } from '../attempt/requirement';
import { standingOf } from '../attempt/standing';
import type { Effect, Share, Slot } from './slot';

/** Attributes under one oplock: the newest event has the last word. */
export const placeSlot = (place: Place): Slot => ({
  name: place.name,
  effect: (shares) => fold(place, shares),
  standing: ({ item }, { oplock }) => (item ? standingOf(place, item, oplock) : { kind: 'older' }),
});

/**
 * One effect for several events, which leaves what they would have left one after the other. When the newest writes
 * whatever the others write, it may stand for them all: they would be overwritten, or are stale with it. Else all of
 * them must be newer than what is stored: an older one among them would bring its outdated attributes along.
 */
const fold = (place: Place, shares: readonly Share[]): Effect => {
  const [oldest, newest] = [shares[0] as Share, shares.at(-1) as Share];
  const alone = shares.length === 1 || shares.every((share) => covers(newest, share));
  const { set, remove } = alone ? newest : merge(shares);
  return {
    requires: { is: 'older', place, than: (alone ? newest : oldest).write.oplock },
    set: Object.assign(stamp(place, newest.write.oplock), set),
    remove,
  };
};

const covers = (newer: Share, older: Share): boolean =>
  newer === older || [...Object.keys(older.set), ...older.remove].every((name) => Object.hasOwn(newer.set, name) || newer.remove.includes(name));

const merge = (shares: readonly Share[]): Pick<Share, 'set' | 'remove'> => {
  const set = new Map<string, unknown>();
  const remove = new Set<string>();
  for (const share of shares) {
    for (const [name, value] of Object.entries(share.set)) {
      set.set(name, value);
      remove.delete(name);
    }
    for (const name of share.remove) {
      set.delete(name);
      remove.add(name);
    }
  }
  return { set: Object.fromEntries(set), remove: [...remove] };
};
