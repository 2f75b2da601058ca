import { contestOnEngine } from '../lib/contest';
import { startStub } from '../lib/engine';
import { atLeast, atMost, medianOf, resultOf } from '../lib/result';
import { cpuPerEvent } from '../lib/rounds';
import type { Row } from '../lib/bench';
import type { BatchSpec } from '../lib/things';

const RECORDS = 1_000;
const INVOCATIONS = 2;

/** The same items again and again, each time by newer events: all are there, all are written. */
export const batches = (round: number): readonly BatchSpec[] =>
  Array.from({ length: INVOCATIONS }, (_, i) => ({ count: RECORDS, round: round * INVOCATIONS + i }));

const title = 'CPU of the function per applied event: 1,000 records, items that are there, requests of 5 ms';

export const cpu: Row = {
  id: 'cpu',
  title,
  run: async (bench) => {
    const engine = await startStub();
    try {
      const figures = await contestOnEngine({
        id: 'cpu', batches, figure: cpuPerEvent,
        sides: ['ours', 'ours-single', 'als', 'als-best', 'powertools', 'powertools-best', 'loop', 'loop-single'],
      }, engine, bench);
      const ours = medianOf(figures, 'ours');
      const ratio = medianOf(figures, 'als-best') / ours;
      return resultOf({
        id: 'cpu', title, unit: 'us', figures,
        main: { ours: 'ours', peer: 'als-best', limit: 'loop' },
        ratio: { value: ratio, of: 'peer / ours' },
        conditions: [atMost('us', ours, 40), atLeast('times less than the peer', ratio, 10)],
      });
    } finally {
      await engine.stop();
    }
  },
};
