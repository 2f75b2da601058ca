import { setTimeout as sleep } from 'node:timers/promises';
import type { Grant, Locker } from './locker';
import type { Call } from './recorder';
import { followLeases, type Since } from './renewals';
import type { Kept } from './task';

/** So many are acquired or released at once. */
const AT_ONCE = 32;

const eachOf = async <T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> => {
  const left = items.values();
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (const item of left) await run(item);
  }));
};

/** Many locks of one node, held for a while. */
export interface Hold {
  readonly take: (keys: readonly string[]) => Promise<void>;
  readonly keep: (ms: number) => Promise<Kept>;
  readonly give: () => Promise<void>;
}

export const createHold = (locker: Locker, calls: Call[], leaseMs: number): Hold => {
  const grants: Grant[] = [];
  let since: Since = new Map();
  return {
    take: async (keys) => {
      await eachOf(keys, async (key) => { grants.push(await locker.acquire(key)); });
      since = new Map(calls.splice(0).filter(({ ok }) => ok).sort((a, b) => a.sentAt - b.sentAt).map(({ key, sentAt }) => [key, sentAt]));
    },
    keep: async (wanted) => {
      const cpu = process.cpuUsage();
      const start = performance.now();
      await sleep(wanted);
      const { user, system } = process.cpuUsage(cpu);
      const endMs = performance.now();
      const { since: next, ...renewals } = followLeases(since, calls.splice(0), { leaseMs, endMs });
      since = next;
      return { ...renewals, cpuUs: user + system, ms: endMs - start };
    },
    give: () => eachOf(grants.splice(0), (grant) => grant.release()),
  };
};
