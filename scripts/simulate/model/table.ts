import { seededRandom } from '../../../src/replay/fixture/random';
import type { Settings } from '../settings';
import type { Traffic } from './traffic';

/** The oplocks that are stored, by key; NaN where there is no item. */
export type Table = Float64Array;

/** Nobody updates an item less often than that, as far as old events are concerned. */
const LONGEST_MS = 24 * 3_600_000;

/** Before the run each item was updated as often as in it. */
export const createTable = ({ table, rate, keys, seed }: Settings, traffic: Traffic): Table => {
  const stored = new Float64Array(traffic.keys).fill(Number.NaN);
  const random = seededRandom(seed + 1);
  if (table === 'full') for (let key = 0; key < traffic.knownKeys; key += 1) stored[key] = -Math.min(LONGEST_MS, -Math.log(1 - random()) * (keys / rate) * 1000);
  return stored;
};
