import { formatNumber } from '../lib/format';
import { shown } from '../lib/processes';
import { atMost, medianOf, resultOf } from '../lib/result';
import { interleave } from '../lib/rounds';
import { quantile } from '../lib/statistics';
import { lockEntry, lockRow } from '../locks/contest';
import type { Pairs } from '../locks/task';

const ID = 'locks-uncontended';
const TITLE = 'Time of an acquire and its release on DynamoDB Local, nobody else wants the lock: 200 locks';
const LOCKS = 200;
const TIMES = { leaseMs: 20_000, heartbeatMs: 5_000 };

/** Rows that are kept are there from the warm-up on. */
const FRESH = 'fail-open-absent';
const entries = [
  lockEntry('ours', TIMES, { name: 'ours', says: ': no row' }),
  lockEntry('ours-kept', TIMES, { name: 'ours-kept', says: ': a released one' }),
  lockEntry('ours-exclusive', TIMES, { name: 'ours-exclusive', says: ': a released one, fencing token' }),
  lockEntry('dh', TIMES, { name: 'dh', says: ': no row' }),
  lockEntry('fail-open', TIMES, { name: FRESH, says: ': no row, fencing token' }),
  lockEntry('fail-open', TIMES, { name: 'fail-open', says: ': a released one, fencing token' }),
  lockEntry('fail-closed', TIMES, { name: 'fail-closed', says: ': no row, no lease' }),
  lockEntry('plain', TIMES, { name: 'plain', says: ': no row' }),
];

const keysOf = (name: string, round: number): readonly string[] => Array.from({ length: LOCKS }, (_, i) => `lock-${name === FRESH ? round : 0}-${i}`);

export const locksUncontended = lockRow({ id: ID, title: TITLE, entries }, async (contestants, bench, troubles) => {
  const all = new Map<string, Pairs[]>();
  const samples = await interleave(ID, contestants.map(({ entry: { name }, run }) => ({
    name,
    run: async (round: number) => {
      const pairs = await run({ kind: 'pairs', keys: keysOf(name, round) });
      if (pairs) all.set(name, [...all.get(name) ?? [], pairs]);
      return pairs;
    },
  })), bench, ({ ms }: Pairs) => quantile(ms, 0.5));
  /** Of every round, the warm-up, too: nothing but the first one of kept rows could be otherwise. */
  const requests = (name: string, what: 'acquiring' | 'releasing'): number => Math.max(...(all.get(name) ?? []).map((pairs) => pairs[what] / pairs.ms.length));
  const noteOf = (name: string): string | undefined => {
    const measured = (all.get(name) ?? []).slice(-bench.rounds);
    const p95 = measured.length > 0 && quantile(measured.flatMap(({ ms }) => ms), 0.95);
    return troubles.get(name) ?? (p95 ? `requests: ${formatNumber(requests(name, 'acquiring'))} + ${formatNumber(requests(name, 'releasing'))}; p95 ${formatNumber(p95)} ms` : undefined);
  };
  const figures = contestants.map(({ entry }) => shown(entry, samples.get(entry.name), noteOf(entry.name)));
  const ours = medianOf(figures, 'ours');
  return resultOf({
    id: ID, title: TITLE, unit: 'ms', figures,
    main: { ours: 'ours', peer: 'dh', limit: 'plain' },
    ratio: { value: medianOf(figures, 'dh') / ours, of: 'peer / ours' },
    conditions: [
      atMost('requests for an acquire, no row', requests('ours', 'acquiring'), 1),
      atMost('requests for an acquire, a released row', Math.max(requests('ours-kept', 'acquiring'), requests('ours-exclusive', 'acquiring')), 1),
      atMost('requests for a release', Math.max(...['ours', 'ours-kept', 'ours-exclusive'].map((name) => requests(name, 'releasing'))), 1),
    ],
    notes: [`ours / the two requests that it takes at least: ${formatNumber(ours / medianOf(figures, 'plain'))}`],
  });
});
