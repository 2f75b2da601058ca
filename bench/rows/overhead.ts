import type { Row } from '../lib/bench';
import { contestInProcess, entriesOf } from '../lib/contest';
import { formatNumber } from '../lib/format';
import { atMost, medianOf, resultOf } from '../lib/result';
import { cpuPerEvent } from '../lib/rounds';
import type { BatchSpec } from '../lib/things';

/** So many events in a round that it lasts some tens of milliseconds. */
const EVENTS = 5_000;

const overhead = (records: number): Row => {
  const id = `overhead-${records}`;
  const title = `CPU of all but the requests, per event: ${formatNumber(records)} records, a client that answers at once`;
  const invocations = EVENTS / records;
  const batches = (round: number): readonly BatchSpec[] => Array.from({ length: invocations }, (_, i) => ({ count: records, round: round * invocations + i }));
  const entries = entriesOf(['ours', 'ours-single', 'als', 'als-best', 'powertools', 'loop', 'loop-single'], batches);
  return {
    id,
    title,
    run: async (bench) => {
      const figures = await contestInProcess({ id, entries, figure: cpuPerEvent }, bench);
      const ours = medianOf(figures, 'ours-single');
      const ratio = ours / medianOf(figures, 'loop-single');
      return resultOf({
        id, title, unit: 'us', figures,
        main: { ours: 'ours-single', peer: 'als-best', limit: 'loop-single' },
        ratio: { value: ratio, of: 'ours / the loop, a request for each event' },
        conditions: [atMost('times the loop', ratio, 1.5)],
        notes: [`batched: ${formatNumber(medianOf(figures, 'ours') / medianOf(figures, 'loop'))} times the batched loop`],
      });
    },
  };
};

export const overheads: readonly Row[] = [overhead(100), overhead(1_000)];
