import { somePass, type Attempt, type Item, type Refused, type Result } from '../attempt/attempt';
import { oldestOf } from '../order';
import { planUpdates } from '../plan/updates';
import type { OplockSettings } from '../settings';
import { memberOf } from '../value/type';
import type { Write } from '../write';
import type { Sidecar } from './sidecar-key';
import { storedVerdict } from './stored-verdict';

/**
 * The updates of one item that may have a sidecar. An item that is there needs no look at the sidecar, for there is none:
 * so most updates are one write. Only where no item is found does a transaction bring it in, and take its sidecar away.
 */
export const planUpdatesBeside = (writes: readonly Write[], settings: OplockSettings): Attempt => onExisting(writes, planUpdates(writes, settings), settings);

/** @param attempt for these writes, as it is for items without sidecars */
const onExisting = (writes: readonly Write[], attempt: Attempt, settings: OplockSettings): Attempt => ({
  ...attempt,
  requires: [{ is: 'there', place: settings.rest }, ...attempt.requires],
  refusesAbsent: true,
  afterRefusal: (refusal) => {
    const next = attempt.afterRefusal(refusal);
    return changed(next) && !hasOplock(refusal.item, settings) ? onNew(writes, attempt, settings) : onward(writes, next, settings);
  },
});

/**
 * A row that has no oplock is taken for new, too: it may have come from elsewhere while the sidecar was there. And where an
 * item has come in the meantime, it is taken if it is older, as ever.
 */
const onNew = (writes: readonly Write[], attempt: Attempt, settings: OplockSettings): Attempt => {
  const { rest } = settings;
  const sidecar = (writes[0] as Write).sidecar as Sidecar;
  return {
    ...attempt,
    companions: [...attempt.companions ?? [], { ...sidecar, how: 'delete', set: {}, requires: [{ is: 'older', place: rest, than: oldestOf(writes) }] }],
    afterRefusal: ({ item, companions }) => {
      const next = attempt.afterRefusal({ item, companions: companions.slice(0, -1) });
      if (!changed(next)) return onward(writes, next, settings);
      const ends = writes.map(({ oplock }) => storedVerdict(companions.at(-1)?.item, oplock, settings));
      return ends.some(Boolean) ? withoutDeleted(writes, ends, settings) : next;
    },
  };
};

/** What the sidecar refuses is over; what is newer is planned anew. */
const withoutDeleted = (writes: readonly Write[], ends: readonly (Result | undefined)[], settings: OplockSettings): Attempt | Refused => {
  const left = writes.filter((_write, i) => !ends[i]);
  const merged = (results: readonly Result[]): readonly Result[] => {
    const others = [...results];
    return ends.map((end) => end ?? others.shift() as Result);
  };
  if (left.length === 0) return { kind: 'refused', results: merged([]) };
  return mapResults(onNew(left, planUpdates(left, settings), settings), merged);
};

const mapResults = (next: Attempt | Refused, map: (results: readonly Result[]) => readonly Result[]): Attempt | Refused => {
  const results = map(next.results);
  return next.kind === 'refused' ? { ...next, results } : { ...next, results, afterRefusal: (refusal) => mapResults(next.afterRefusal(refusal), map) };
};

/** What is left of an attempt after the item has refused some of it. */
const onward = (writes: readonly Write[], next: Attempt | Refused, settings: OplockSettings): Attempt | Refused =>
  (next.kind === 'attempt' ? onExisting(writes, next, settings) : next);

/** By what was there, the attempt would be taken: so it was refused for something else, or it is another item now. */
const changed = (next: Attempt | Refused): boolean => next.kind === 'refused' && somePass(next.results);

const hasOplock = (item: Item | undefined, { rest }: OplockSettings): boolean => memberOf(item, rest.oplock) !== undefined;
