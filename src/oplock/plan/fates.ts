import { furthestBehind } from '../../outcome';
import type { Result } from '../attempt/attempt';
import { compareOplocks } from '../order';
import type { Verdict } from '../verdict/kinds';
import type { Write } from '../write';
import type { Share } from './slot';

/** Why an event is left out of a slot. */
export type Drop = Extract<Verdict, { kind: 'duplicate' | 'stale' | 'tombstoned' }>;

/** What has become of an event so far. */
export interface Fate {
  readonly write: Write;
  readonly shares: readonly Share[];
  /** The slots that it is left out of, by name. */
  readonly dropped: Readonly<Record<string, Drop>>;
  /** Nothing of the event can be applied. */
  readonly whole?: Verdict;
}

/** What an event is to a slot: its newest word, overwritten by that of the event `by`, or there twice. */
type Role = { readonly kind: 'newest' } | { readonly kind: 'superseded'; readonly by: string } | { readonly kind: 'twin' };

export type Roles = ReadonlyMap<string, Role>;

/** By slot, the shares to be written, in the order of their oplocks; and what each event is to its slots. */
export const roles = (live: readonly Fate[]): { readonly slots: readonly (readonly Share[])[]; readonly byFate: ReadonlyMap<Fate, Roles> } => {
  const bySlot = new Map<string, { fate: Fate; share: Share }[]>();
  for (const fate of live) {
    for (const share of fate.shares) {
      if (Object.hasOwn(fate.dropped, share.slot.name)) continue;
      const known = bySlot.get(share.slot.name);
      if (known) known.push({ fate, share });
      else bySlot.set(share.slot.name, [{ fate, share }]);
    }
  }
  const byFate = new Map(live.map((fate) => [fate, new Map<string, Role>()]));
  const slots = [...bySlot].map(([name, all]) => {
    const sorted = all.toSorted((a, b) => compareOplocks(a.fate.write.oplock, b.fate.write.oplock));
    const isTwin = sorted.map(({ fate }, i) => i > 0 && compareOplocks((sorted[i - 1] as { fate: Fate }).fate.write.oplock, fate.write.oplock) === 0);
    const newest = isTwin.lastIndexOf(false);
    const by = (sorted[newest] as { fate: Fate }).fate.write.eventId;
    for (const [i, { fate }] of sorted.entries()) {
      byFate.get(fate)?.set(name, isTwin[i] ? { kind: 'twin' } : i === newest ? { kind: 'newest' } : { kind: 'superseded', by });
    }
    return sorted.flatMap(({ share }, i) => (isTwin[i] ? [] : [share]));
  });
  return { slots, byFate };
};

/** What the event ends in when the table takes the slots in which it has a role. */
export const resultOf = ({ whole, dropped }: Fate, given: Roles): Result => {
  if (whole) return whole;
  const all = [...given.values()];
  const left = [...Object.entries(dropped), ...[...given].flatMap(([name, { kind }]): [string, Drop][] => (kind === 'twin' ? [[name, { kind: 'duplicate' }]] : []))];
  if (all.some(({ kind }) => kind === 'newest')) {
    if (left.length === 0) return { kind: 'applied' };
    return { kind: 'narrowed', dropped: Object.fromEntries(left.map(([name, drop]) => [name, drop.kind === 'tombstoned' ? { ...drop, kind: 'stale' } : drop])) };
  }
  return all.find((role) => role.kind === 'superseded') ?? verdictOfAll(left.map(([, drop]) => drop));
};

/** Nothing is left. When the very event is in one of the slots, it was here before; others may have been overtaken since. */
const verdictOfAll = (drops: readonly Drop[]): Drop => {
  const older = drops.filter((drop) => drop.kind !== 'duplicate');
  if (older.length < drops.length) return { kind: 'duplicate' };
  const behindMs = furthestBehind(older);
  return { kind: older.some(({ kind }) => kind === 'tombstoned') ? 'tombstoned' : 'stale', ...(behindMs !== undefined && { behindMs }) };
};
