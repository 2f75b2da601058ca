import { setTimeout as sleep } from 'node:timers/promises';
import type { Locker } from './locker';
import { requestsOf, type Call } from './recorder';
import type { HandOvers } from './task';

/** Those who wait come one by one, so that their looks are spread as in life. */
const ARRIVALS_MS = 500;
/** After that the lock is released at any time within so long. */
const RELEASE_MS = 1_000;

/** The lockers of some nodes, and what they send. */
export interface Nodes {
  readonly lockers: readonly Locker[];
  readonly calls: readonly Call[];
}

interface HandOver {
  readonly ms: number;
  readonly requests: number;
  readonly waitedSeconds: number;
}

/** One lock from its holder to the first of those who wait; the others get it, too, before this is over. */
export const measureHandOver = async (key: string, holder: Locker, { lockers, calls }: Nodes): Promise<HandOver> => {
  const held = await holder.acquire(key);
  const grants: number[] = [];
  const arrivals: number[] = [];
  const waiting = lockers.map(async (locker) => {
    await sleep(Math.random() * ARRIVALS_MS);
    arrivals.push(performance.now());
    const grant = await locker.acquire(key);
    grants.push(performance.now());
    await grant.release();
  });
  await sleep(ARRIVALS_MS + Math.random() * RELEASE_MS);
  const calledAt = performance.now();
  await held.release();
  const releasedAt = performance.now();
  await Promise.all(waiting);
  const first = Math.min(...grants);
  if (first < calledAt) throw new Error(`${key} was granted ${Math.round(calledAt - first)} ms before it was released`);
  return {
    ms: first - releasedAt,
    requests: requestsOf(calls.filter(({ sentAt }) => sentAt < first)),
    waitedSeconds: arrivals.reduce((sum, at) => sum + first - at, 0) / 1000,
  };
};

export const totalOf = (handOvers: readonly HandOver[]): HandOvers => ({
  ms: handOvers.map(({ ms }) => ms),
  requests: handOvers.reduce((sum, { requests }) => sum + requests, 0),
  waitedSeconds: handOvers.reduce((sum, { waitedSeconds }) => sum + waitedSeconds, 0),
});
