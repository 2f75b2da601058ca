import fc from 'fast-check';
import { quantile, summarize } from '../../../bench/lib/statistics';

describe('statistics of the bench', () => {
  it('takes the middle sample, and the middle between two', () => {
    expect(quantile([9, 1, 5], 0.5)).toBe(5);
    expect(quantile([4, 1, 2, 3], 0.5)).toBe(2.5);
    expect(quantile([0, 10], 0.25)).toBe(2.5);
  });

  it('gives the middle half of the samples', () => {
    expect(summarize([5, 1, 4, 2, 3])).toMatchObject({ median: 3, low: 2, high: 4 });
  });

  it('does not take a median of nothing', () => {
    expect(() => summarize([])).toThrow('no samples');
  });

  it('has the quartiles around the median, within the samples, whatever their order', () => {
    fc.assert(fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1 }), (samples) => {
      const { low, median, high } = summarize(samples);
      expect(low).toBeLessThanOrEqual(median);
      expect(median).toBeLessThanOrEqual(high);
      expect(low).toBeGreaterThanOrEqual(Math.min(...samples));
      expect(high).toBeLessThanOrEqual(Math.max(...samples));
      expect(summarize([...samples].reverse())).toMatchObject({ low, median, high });
    }));
  });
});
