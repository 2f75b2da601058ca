import { limitsOf, shardLimit } from '../model/limits';
import { costOf, monthsOf } from '../model/cost';
import { simulate, type Run } from '../model/simulate';
import { createTraffic, type Traffic } from '../model/traffic';
import { keepsUp } from '../report/figures';
import type { Settings } from '../settings';

const FACTORS = [1, 2, 5, 10];
const BATCHES = [100, 250, 500, 1000];
const MOST_SHARDS = 256;

/** Did all batches begin in time, and does it stay so? */
const isGood = (run: Run, maxAgeMs: number): boolean => keepsUp(run) && run.age.max() <= maxAgeMs && limitsOf(run).length === 0;

/** More shards make lanes shorter and cost more; so the fewest that do are the cheapest. */
const fewestShards = (settings: Settings, traffic: Traffic, maxAgeMs: number): Run | undefined => {
  const runOf = (shards: number): Run | undefined => {
    if (shardLimit({ ...settings, shards }, traffic) !== undefined) return undefined;
    const run = simulate({ ...settings, shards }, traffic);
    return isGood(run, maxAgeMs) ? run : undefined;
  };
  let [bad, good] = [0, 1];
  let best = runOf(good);
  while (!best && good < MOST_SHARDS) {
    bad = good;
    good *= 2;
    best = runOf(good);
  }
  if (!best) return undefined;
  while (good - bad > 1) {
    const middle = Math.floor((good + bad) / 2);
    const run = runOf(middle);
    if (run) [good, best] = [middle, run];
    else bad = middle;
  }
  return best;
};

const isSame = (a: Run, b: Run): boolean =>
  a.settings.shards === b.settings.shards && a.settings.factor === b.settings.factor && a.invocations === b.invocations && a.tally.requests === b.tally.requests;

/** For each factor and batch size the fewest shards that keep the iterator age below `maxAgeMs`; the cheapest first. */
export const advise = (settings: Settings, maxAgeMs: number): readonly Run[] => {
  const traffic = createTraffic(settings);
  const found = FACTORS.flatMap((factor) => BATCHES.flatMap((batch) => fewestShards({ ...settings, factor, batch }, traffic, maxAgeMs) ?? []));
  // Batches that never fill are all the same: the smallest of them will do.
  const isNew = (run: Run, i: number): boolean => !found.slice(0, i).some((other) => isSame(run, other));
  return found.filter(isNew).sort((a, b) => costOf(a, monthsOf(a)).total - costOf(b, monthsOf(b)).total);
};
