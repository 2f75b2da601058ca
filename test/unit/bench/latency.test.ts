import { drawnLatency, lowerBound } from '../../../bench/lib/latency';
import { quantile } from '../../../bench/lib/statistics';

describe('latencies of the bench', () => {
  const draws = Array.from({ length: 20_000 }, (_, i) => drawnLatency(`thing-${i % 200}`, 1_735_689_600_000 + i));

  it('are half of them 5 ms, and one of a hundred 100 ms', () => {
    expect(quantile(draws, 0.5)).toBe(5);
    expect(quantile(draws, 0.99)).toBeGreaterThan(85);
    expect(quantile(draws, 0.99)).toBeLessThan(115);
  });

  it('are the same for an event whoever asks', () => {
    expect(drawnLatency('thing-1', 5)).toBe(drawnLatency('thing-1', 5));
  });
});

describe('the shortest time', () => {
  const event = (id: string, timestamp: number) => ({ timestamp, thing: { id } });
  const many = Array.from({ length: 100 }, (_, i) => event(`thing-${i}`, i));
  const sum = (events: readonly ReturnType<typeof event>[]) => events.reduce((total, { thing: { id }, timestamp }) => total + drawnLatency(id, timestamp), 0);

  it('is the sum of one item, however many may be in flight', () => {
    const chain = [1, 2, 3].map((at) => event('thing-1', at));
    expect(lowerBound(chain, 16)).toBe(sum(chain));
  });

  it('is the sum shared by those in flight, when no item has more', () => {
    expect(lowerBound(many, 1)).toBe(sum(many));
    expect(lowerBound(many, 2)).toBe(sum(many) / 2);
  });
});
