import { type Attempt, type Companion, type Item, passes, type Refusal, type Refused, type Result } from '../attempt/attempt';
import type { Requirement } from '../attempt/requirement';
import { verdictOfDeletion } from '../groups/deletion';
import { oldestOf } from '../order';
import type { OplockSettings } from '../settings';
import { olderThan } from '../verdict/kinds';
import type { Write } from '../write';
import { roles, resultOf, type Drop, type Fate } from './fates';
import { sharesOf } from './shares-of';
import type { Share, Told } from './slot';

/**
 * The updates of one item as one write: taken when, in each slot, they are newer than what is stored, and than the
 * newest delete. A refusal tells which are not; the rest is tried again without them.
 */
export const planUpdates = (writes: readonly Write[], settings: OplockSettings): Attempt =>
  attemptOf(fatesOf(writes, settings), settings) as Attempt; // nothing is dropped yet

/** Why the table keeps what it has instead of these events, given what it has. */
export const refusalOf = (writes: readonly Write[], refusal: Refusal, settings: OplockSettings): readonly Result[] =>
  refusedAs(afterwards(fatesOf(writes, settings), refusal, [], settings), refusal);

const attemptOf = (fates: readonly Fate[], settings: OplockSettings): Attempt | Refused => {
  const [only] = fates;
  if (only && fates.length === 1 && isPlain(only, settings)) return plainAttempt(only, settings);
  const live = fates.filter(isLive);
  const given = roles(live);
  const results = fates.map((fate) => resultOf(fate, given.byFate.get(fate) ?? new Map()));
  const [first] = live;
  if (!first) return { kind: 'refused', results };
  const effects = given.slots.map((shares) => (shares[0] as Share).slot.effect(shares));
  const { layout } = settings;
  const companions = [...new Set(effects.flatMap((effect) => effect.companions ?? []))];
  const add = Object.assign({}, ...effects.map((effect) => effect.add)) as NonNullable<Attempt['add']>;
  return {
    kind: 'attempt', how: 'update', key: first.write.key, results,
    set: Object.assign({}, ...effects.map(({ set }) => set)) as Record<string, unknown>,
    // What is newer than the newest delete brings the item back.
    remove: [...(layout ? [layout.deleted, layout.ttl] : []), ...effects.flatMap(({ remove }) => remove)],
    requires: [
      ...(layout ? [{ is: 'older', place: layout.deletion, than: oldestOf(live.map(({ write }) => write)) } satisfies Requirement] : []),
      ...effects.flatMap(({ requires }) => requires ?? []),
    ],
    ...(Object.keys(add).length > 0 && { add }),
    ...(companions.length > 0 && { companions }),
    afterRefusal: (refusal) => {
      const next = afterwards(fates, refusal, companions, settings);
      if (next.some((fate, i) => fate !== fates[i])) return attemptOf(next, settings);
      return { kind: 'refused', results: refusedAs(fates, refusal) };
    },
  };
};

/** Most writes: one event, which without groups and counters says something of one slot. */
const isPlain = ({ whole, dropped }: Fate, { layout, counters }: OplockSettings): boolean => !layout && !counters && whole === undefined && dropped === NOTHING;

/** What `attemptOf` makes of it, without looking for what is not there. */
const plainAttempt = (fate: Fate, settings: OplockSettings): Attempt => {
  const { set, remove, requires } = (fate.shares[0] as Share).slot.effect(fate.shares);
  return {
    kind: 'attempt', how: 'update', key: fate.write.key, results: APPLIED, set, remove, requires: requires ? [requires] : [],
    afterRefusal: (refusal) => {
      const [next] = afterwards([fate], refusal, [], settings) as readonly [Fate];
      return next === fate ? { kind: 'refused', results: refusedAs([fate], refusal) } : attemptOf([next], settings);
    },
  };
};

const APPLIED: readonly Result[] = [{ kind: 'applied' }];

const fatesOf = (writes: readonly Write[], settings: OplockSettings): readonly Fate[] =>
  writes.map((write) => ({ write, shares: sharesOf(write, settings), dropped: NOTHING }));

const NOTHING = {};

const refusedAs = (fates: readonly Fate[], { item }: Refusal): readonly Result[] =>
  fates.map((fate) => (isLive(fate) ? passes(item ? 'the stored oplocks are older than the event' : 'the item does not exist') : resultOf(fate, new Map())));

const isLive = ({ whole, shares, dropped }: Fate): boolean => whole === undefined && shares.some(({ slot }) => !Object.hasOwn(dropped, slot.name));

/**
 * The events, without what is not newer than the stored. It is dropped for good: a stored oplock only ever grows, or
 * falls to a delete that is newer still.
 */
const afterwards = (fates: readonly Fate[], refusal: Refusal, companions: readonly Companion[], settings: OplockSettings): readonly Fate[] => {
  const { item } = refusal;
  const told: Told = { item, refused: (companion) => refusal.companions[companions.indexOf(companion)]?.failed === true };
  return fates.map((fate) => {
    if (!isLive(fate)) return fate;
    const blocked = item && settings.layout && verdictOfDeletion(settings.layout, item, fate.write.oplock);
    if (blocked) return { ...fate, whole: blocked };
    const dropped: Record<string, Drop> = { ...fate.dropped };
    for (const { slot } of fate.shares) {
      if (Object.hasOwn(dropped, slot.name)) continue;
      const standing = slot.standing(told, fate.write);
      if (standing.kind === 'mismatch') return { ...fate, whole: standing };
      if (standing.kind !== 'older') dropped[slot.name] = dropOf(standing, item, settings);
    }
    return Object.keys(dropped).length > Object.keys(fate.dropped).length ? { ...fate, dropped } : fate;
  });
};

const dropOf = (standing: { readonly kind: 'same' | 'newer'; readonly behindMs?: number }, item: Item | undefined, { layout, attributes }: OplockSettings): Drop => {
  if (standing.kind === 'same') return { kind: 'duplicate' };
  return layout || !item ? { ...standing, kind: 'stale' } : olderThan(item, attributes.deleted, standing.behindMs);
};
