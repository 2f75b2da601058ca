import type { Row } from '../lib/bench';
import { contestInProcess, entriesOf, type Entry } from '../lib/contest';
import { formatNumber } from '../lib/format';
import { atMost, medianOf, resultOf } from '../lib/result';
import { cpuPerEvent } from '../lib/rounds';
import type { Measured } from '../lib/task';
import type { SideName } from '../sides/sides';

const ID = 'growth';
const TITLE = 'CPU per event in invocations of 100 to 100,000 records, a client that answers at once';
const SIZES = [100, 1_000, 10_000, 100_000];
/** Lambda's largest batch. */
const LARGEST = 10_000;

const ofSize = (side: SideName, size: number): readonly Entry[] => {
  const invocations = Math.max(1, 5_000 / size);
  return entriesOf([side], (round) => Array.from({ length: invocations }, (_, i) => ({ count: size, round: round * invocations + i })))
    .map((entry) => ({ ...entry, name: `${side}-${size}`, label: `${entry.label}: ${formatNumber(size)}` }));
};

const entries = [...SIZES.flatMap((size) => ofSize('ours', size)), ...SIZES.filter((size) => size <= LARGEST).flatMap((size) => ofSize('als-best', size))];

const MB = 1e6;

export const growth: Row = {
  id: ID,
  title: TITLE,
  run: async (bench) => {
    const peak = new Map<string, number>();
    const kept = new Map<string, number>();
    const inspect = ({ name }: Entry, { events, writes, peakBytes, keptBytes }: Measured): void => {
      if (writes !== events) throw new Error(`${ID}: ${name} made ${writes} writes of ${events} events`);
      peak.set(name, peakBytes / MB);
      kept.set(name, keptBytes / MB);
    };
    const figures = await contestInProcess({ id: ID, entries, figure: cpuPerEvent, inspect }, bench);
    const ratio = medianOf(figures, 'ours-100000') / medianOf(figures, 'ours-100');
    const keptMb = Math.max(0, kept.get('ours-100000') ?? Infinity);
    return resultOf({
      id: ID, title: TITLE, unit: 'us', figures: figures.map((one) => ({ ...one, note: `${formatNumber(peak.get(one.name) ?? 0)} MB at most` })),
      main: { ours: 'ours-100000', peer: 'als-best-10000' },
      ratio: { value: ratio, of: 'ours, 100,000 records / 100 records' },
      conditions: [atMost('times 100 records', ratio, 1.3), atMost('MB kept after 100,000 records', keptMb, 5)],
    });
  },
};
