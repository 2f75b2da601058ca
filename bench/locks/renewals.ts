import type { Call } from './recorder';

/** What became of the leases of a time. */
export interface Renewals {
  /** Done, within the time. */
  readonly count: number;
  /** The most that a lease had run, of 1, when it was renewed; or at the end, when it was not. */
  readonly oldest: number;
  /** Locks whose lease ran out, or whose renewal was refused. */
  readonly lost: number;
}

/** A lock as its holder counts it: since its last write was *sent*. */
export type Since = ReadonlyMap<string, number>;

/**
 * Pure. `since`: each lock, and when the write that granted or renewed it last was sent. A renewal counts from the moment at
 * which its answer is there, because the holder can't know before. Gives also where each lock is at the end.
 */
export const followLeases = (since: Since, calls: readonly Call[], { leaseMs, endMs }: { readonly leaseMs: number; readonly endMs: number }): Renewals & { readonly since: Since } => {
  const now = new Map(since);
  const lost = new Set<string>();
  let count = 0;
  let oldestMs = 0;
  const age = (key: string, at: number): void => {
    const ms = at - (now.get(key) ?? at);
    oldestMs = Math.max(oldestMs, ms);
    if (ms > leaseMs) lost.add(key);
  };
  for (const { key, sentAt, answeredAt, ok } of [...calls].sort((a, b) => a.answeredAt - b.answeredAt)) {
    if (!now.has(key)) continue;
    if (!ok) {
      lost.add(key);
      continue;
    }
    age(key, answeredAt);
    now.set(key, sentAt);
    count += 1;
  }
  for (const key of now.keys()) age(key, endMs);
  return { count, oldest: oldestMs / leaseMs, lost: lost.size, since: now };
};
