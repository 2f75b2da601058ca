import fc from 'fast-check';
import { simulate } from '../../../scripts/simulate/model/simulate';
import { createTraffic } from '../../../scripts/simulate/model/traffic';
import { keepsUp } from '../../../scripts/simulate/report/figures';
import { DEFAULTS, pollOf, type Settings } from '../../../scripts/simulate/settings';

const share = fc.constantFrom(0, 0.1, 0.5);

const settings = (more: Partial<Settings> = {}): fc.Arbitrary<Settings> => fc.record({
  seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  rate: fc.integer({ min: 1, max: 300 }),
  minutes: fc.constantFrom(0.02, 0.1),
  keys: fc.constantFrom(1, 30, 5000),
  hot: share, late: share, copies: share, new: share,
  peak: fc.constantFrom(0, 1000), peakAt: fc.constantFrom(0, 2), peakFor: fc.constantFrom(2, 60),
  backfill: fc.constantFrom(0, 300), backfillAt: fc.constantFrom(0, 2), backfillFor: fc.constantFrom(2, 60),
  shards: fc.integer({ min: 1, max: 5 }),
  factor: fc.integer({ min: 1, max: 10 }),
  batch: fc.constantFrom(1, 100, 1000),
  window: fc.constantFrom(0, 2),
  source: fc.constantFrom('kinesis', 'dynamodb'),
  functions: fc.constantFrom(1, 3, 1000),
  memory: fc.constantFrom(128, 1769),
  strategy: fc.constantFrom('auto', 'single', 'batch'),
  fold: fc.constantFrom('yes', 'no'),
  events: fc.constantFrom('full', 'partial'),
  table: fc.constantFrom('full', 'empty'),
  named: fc.constantFrom('yes', 'no'),
}).map((chosen) => ({ ...DEFAULTS, ...chosen, ...more }));

const check = (arbitrary: fc.Arbitrary<Settings>, property: (given: Settings) => void, numRuns = 40) => fc.assert(fc.property(arbitrary, property), { numRuns });

describe('the simulation', () => {
  it('loses no event and makes none up', () => check(settings(), (given) => {
    const { tally, arrived, settled, underWay, waiting, traffic, lag, age, invocations } = simulate(given);
    expect(arrived).toBe(traffic.at.length);
    expect(settled + underWay + waiting).toBe(arrived);
    expect(Math.min(underWay, waiting)).toBeGreaterThanOrEqual(0);
    expect(tally.applied + tally.superseded + tally.stale + tally.duplicate).toBe(settled);
    expect(lag.count()).toBe(settled);
    // No invocation is empty, or has more than a batch.
    expect(invocations).toBeLessThanOrEqual(settled + underWay);
    expect(invocations * given.batch).toBeGreaterThanOrEqual(settled + underWay);
    expect(age.count()).toBe(invocations);
    expect(age.percentile(0)).toBeGreaterThanOrEqual(0);
  }));

  it('does the same with the same seed', () => check(settings(), (given) => {
    const [one, other] = [simulate(given), simulate(given)].map(({ age, lag, ...run }) => ({ ...run, age: [age.count(), age.max()], lag: [lag.percentile(0.5), lag.max()] }));
    expect(one).toEqual(other);
  }, 20));

  it('finds nothing stale, and no duplicate, where nothing is late or comes twice', () =>
    check(settings({ late: 0, copies: 0, backfill: 0 }), (given) => {
      const { tally } = simulate(given);
      expect([tally.stale, tally.duplicate, tally.refusedUnits]).toEqual([0, 0, 0]);
    }));

  it('pays for what is written and refused, and for nothing else where each write is a request', () => check(settings({ strategy: 'single', itemKb: 2.5 }), (given) => {
    const { tally } = simulate(given);
    expect(tally.needlessUnits).toBe(0);
    expect(tally.units).toBe(3 * tally.requests);
    expect(tally.units).toBe(3 * tally.applied + tally.refusedUnits);
  }));

  it('uses no more functions than there are lanes, or than it may', () => check(settings(), (given) => {
    const { functions, busyMs, age } = simulate(given);
    expect(functions).toBeLessThanOrEqual(Math.min(given.functions, given.shards * given.factor));
    expect(busyMs).toBeLessThanOrEqual(functions * given.minutes * 60_000 + 1e-6);
    expect(age.max()).toBeLessThanOrEqual(given.minutes * 60_000);
  }));

  it('leaves the newest event of each item in the table, whatever the mapping is', () => check(settings({ table: 'empty' }), (given) => {
    const traffic = createTraffic(given);
    const newest = new Array<number>(traffic.keys).fill(Number.NaN);
    traffic.key.forEach((key, event) => { newest[key] = Math.max(newest[key] || -Infinity, traffic.timestamp[event] as number); });
    // Long enough for all of it to be done.
    const { table, settled } = simulate({ ...given, minutes: 60 }, traffic);
    expect(settled).toBe(traffic.at.length);
    expect([...table]).toEqual(newest);
  }, 20));
});

/** So slow that one lane is full, and nothing is left to luck. */
const SLOW: Partial<Settings> = { latency: 50, latencyTail: 0, concurrency: 1, batch: 10, keys: 100_000, hot: 0, late: 0, copies: 0, new: 0, peak: 0, backfill: 0, functions: 1000, strategy: 'single', fold: 'no', memory: 1769, window: 0, source: 'dynamodb' };

/** Of a lane, events per second: a full batch, one write after the other. */
const capacityOf = ({ batch, latency, requestCpu, writeCpu, eventCpu, invokeMs }: Settings): number =>
  batch / ((invokeMs + batch * (latency + (requestCpu + writeCpu + eventCpu) / 1000)) / 1000);

describe('the iterator age', () => {
  const CAPACITY = capacityOf({ ...DEFAULTS, ...SLOW });

  it('grows as long as more comes than can be done, by the share that is too much', () =>
    check(settings({ ...SLOW, shards: 1, factor: 1, minutes: 4, rate: CAPACITY * 1.5 }), (given) => {
      const run = simulate(given);
      expect(keepsUp(run)).toBe(false);
      // One in three seconds is lost; the arrivals are random.
      expect(run.grownMs / 120_000).toBeGreaterThan(0.2);
      expect(run.grownMs / 120_000).toBeLessThan(0.45);
      expect(run.settled / 240).toBeCloseTo(CAPACITY, 0);
    }, 8));

  it('stays where it is when less comes than can be done', () =>
    check(settings({ ...SLOW, shards: 1, factor: 1, minutes: 4, rate: CAPACITY * 0.6 }), (given) => {
      const run = simulate(given);
      expect(keepsUp(run)).toBe(true);
      expect(run.age.max()).toBeLessThan(20_000);
    }, 8));

  it('of one hot item does not care for shards, and does for folding', () => {
    const hot = { ...DEFAULTS, ...SLOW, rate: 40, hot: 1, keys: 1, minutes: 5 } as Settings;
    const runs = [{ shards: 1 }, { shards: 8 }, { shards: 8, factor: 10 }].map((more) => simulate({ ...hot, ...more }));
    expect(runs.map(keepsUp)).toEqual([false, false, false]);
    expect(new Set(runs.map(({ settled }) => settled)).size).toBe(1);
    expect(keepsUp(simulate({ ...hot, fold: 'yes' }))).toBe(true);
  });
});

describe('more shards', () => {
  /** A batch may wait for its window and the next poll, and the last one of each lane may be under way. */
  const slack = (given: Settings): number => given.rate * (pollOf(given) + given.window + 1) + 2 * given.shards * given.factor * given.batch;

  it('never lower the throughput', () => check(settings({ functions: 1000, latencyTail: 0, peak: 0, backfill: 0 }), (given) => {
    const traffic = createTraffic(given);
    const [few, many] = [given.shards, given.shards * 2].map((shards) => simulate({ ...given, shards }, traffic)) as [ReturnType<typeof simulate>, ReturnType<typeof simulate>];
    expect(many.settled).toBeGreaterThanOrEqual(few.settled - slack(given));
  }));

  it('double it where lanes are too slow', () => {
    const slow = { ...DEFAULTS, ...SLOW, rate: 400, minutes: 2 } as Settings;
    const [one, two, four] = [1, 2, 4].map((shards) => simulate({ ...slow, shards }).settled) as [number, number, number];
    expect(two / one).toBeCloseTo(2, 1);
    expect(four / one).toBeCloseTo(4, 1);
    expect(simulate({ ...slow, shards: 2, factor: 2 }).settled / one).toBeCloseTo(4, 1);
  });
});
