import { createAgenda } from '../../../scripts/simulate/model/agenda';
import { createHistogram } from '../../../scripts/simulate/model/histogram';
import { latencyOf, normalQuantile } from '../../../scripts/simulate/model/latency';
import { laneOf, shardOf } from '../../../scripts/simulate/model/routes';
import { seededRandom } from '../../../src/replay/fixture/random';

it('an agenda gives what is due in the order of time, then of entry', () => {
  const random = seededRandom(3);
  const agenda = createAgenda<number>();
  const due = Array.from({ length: 500 }, (_none, what) => ({ at: Math.floor(random() * 50), what }));
  due.forEach(({ at, what }) => agenda.add(at, what));
  const given = [];
  for (let next = agenda.next(); next; next = agenda.next()) given.push({ at: next.at, what: next.what });
  expect(given).toEqual(due.toSorted((a, b) => a.at - b.at || a.what - b.what));
  expect(agenda.at()).toBe(Infinity);
});

it('a histogram knows percentiles to 1 %', () => {
  const histogram = createHistogram();
  expect(histogram.percentile(0.5)).toBe(0);
  const values = Array.from({ length: 1000 }, (_none, i) => (i + 1) * 7);
  values.forEach(histogram.add);
  for (const share of [0.01, 0.5, 0.99, 1]) {
    const exact = values[Math.ceil(share * 1000) - 1] as number;
    expect(histogram.percentile(share)).toBeGreaterThanOrEqual(exact * 0.999);
    expect(histogram.percentile(share)).toBeLessThanOrEqual(exact * 1.0101);
  }
  expect([histogram.count(), histogram.max()]).toEqual([1000, 7000]);
});

it('knows the quantiles of the normal distribution', () => {
  for (const [share, z] of [[0.5, 0], [0.975, 1.959963985], [0.99, 2.326347874], [0.001, -3.090232306]] as const) expect(normalQuantile(share)).toBeCloseTo(z, 6);
});

it('a latency has the median and the tail that it is told, and requests with more writes take the longest of them', () => {
  const draws = (writes: number) => {
    const latency = latencyOf({ latency: 5, latencyTail: 50 }, seededRandom(7));
    return Array.from({ length: 20_000 }, () => latency(writes)).sort((a, b) => a - b);
  };
  const [one, many] = [draws(1), draws(25)];
  expect(one[10_000]).toBeCloseTo(5, 0);
  expect((one[19_800] as number) / 50).toBeCloseTo(1, 0);
  // The median of the largest of 25 is where 1 draw is with probability 0.5^(1/25).
  expect((many[10_000] as number) / (one[Math.floor(20_000 * 0.5 ** (1 / 25))] as number)).toBeCloseTo(1, 0);
  expect(latencyOf({ latency: 5, latencyTail: 0 }, seededRandom(1))(25)).toBe(5);
});

it('routes keys evenly, and a shard that is split gives its keys to its two children', () => {
  const counts = new Array<number>(12).fill(0);
  for (let key = 0; key < 12_000; key += 1) {
    counts[laneOf(key, 4, 3)] = (counts[laneOf(key, 4, 3)] as number) + 1;
    expect(Math.floor(laneOf(key, 4, 3) / 3)).toBe(shardOf(key, 4));
    expect(Math.floor(shardOf(key, 8) / 2)).toBe(shardOf(key, 4));
  }
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
});
