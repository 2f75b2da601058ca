import fc from 'fast-check';
import { measure } from '../../../scripts/simulate/check/measure';
import { predict } from '../../../scripts/simulate/check/predict';
import { createTable } from '../../../scripts/simulate/model/table';
import { createTraffic } from '../../../scripts/simulate/model/traffic';
import { DEFAULTS, type Settings } from '../../../scripts/simulate/settings';

const share = fc.constantFrom(0, 0.1, 0.4);

/** Small histories in which all of it happens. */
const settings = (more: Partial<Settings> = {}): fc.Arbitrary<Settings> => fc.record({
  seed: fc.integer({ min: 1, max: 1e6 }),
  keys: fc.constantFrom(3, 20, 150),
  hot: share, late: share, copies: share, new: share,
  lateBy: fc.constantFrom(0.1, 2),
  copyAfter: fc.constantFrom(0.01, 0.5),
  batch: fc.constantFrom(10, 60, 300),
  strategy: fc.constantFrom('auto', 'single', 'batch'),
  fold: fc.constantFrom('yes', 'no'),
  events: fc.constantFrom('full', 'partial'),
  table: fc.constantFrom('full', 'empty'),
  named: fc.constantFrom('yes', 'no'),
  concurrency: fc.constantFrom(1, 4, 16),
  batchSize: fc.constantFrom(2, 7, 25),
}).map((chosen) => ({ ...DEFAULTS, rate: 120, minutes: 1 / 60, latency: 0, latencyTail: 0, ...chosen, ...more }));

const compare = async (given: Settings) => {
  const traffic = createTraffic(given);
  const { requests, units, outcomes } = await measure(given, traffic, createTable(given, traffic), () => 0);
  const { tally } = predict(given, traffic, createTable(given, traffic));
  const counted = Object.fromEntries(Object.entries(tally).filter(([name, n]) => n > 0 && ['applied', 'superseded', 'stale', 'duplicate'].includes(name)));
  return { real: { requests, units, outcomes }, model: { requests: tally.requests, units: tally.units, outcomes: counted } };
};

const expectSame = (more: Partial<Settings>, runs: number) =>
  fc.assert(fc.asyncProperty(settings(more), async (given) => {
    const { real, model } = await compare(given);
    expect(model).toEqual(real);
  }), { numRuns: runs });

describe('what the model says of a handler', () => {
  it('of each event, is what the real one does', () =>
    fc.assert(fc.asyncProperty(settings(), async (given) => {
      const { real, model } = await compare(given);
      expect(model.outcomes).toEqual(real.outcomes);
    }), { numRuns: 15 }), 60_000);

  it('of requests and write units, is what the real one sends singly', () => expectSame({ strategy: 'single' }, 12), 60_000);

  // A repeated creation is sent as an INSERT, then as an UPDATE. When the second half joins which batch depends on the order of
  // answers, so that the number of requests is not a function of the history there; the model's is one of several.
  describe.each(['auto', 'batch'] as const)('of requests and write units, is what the real one sends (%s) when nothing has to be sent twice', (strategy) => {
    const known = { strategy, fold: 'yes', events: 'full', table: 'full', named: 'yes' } as const;

    it('of items that are all there', () => expectSame({ ...known, new: 0 }, 8), 60_000);

    it('of new items that are each created once, first', () => expectSame({ ...known, late: 0, copies: 0 }, 8), 60_000);
  });
});
