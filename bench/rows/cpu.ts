import type { Row } from '../lib/bench';
import { contestOnEngine, entriesOf } from '../lib/contest';
import { startStub, withEngine } from '../lib/engine';
import { atLeast, atMost, medianOf, resultOf } from '../lib/result';
import { cpuPerEvent } from '../lib/rounds';
import type { BatchSpec } from '../lib/things';

const ID = 'cpu';
const TITLE = 'CPU of the function per applied event: 1,000 records, items that are there, requests of 5 ms';
const RECORDS = 1_000;
const INVOCATIONS = 2;

/** The same items again and again, each time by newer events: all are there, all are written. */
const batches = (round: number): readonly BatchSpec[] => Array.from({ length: INVOCATIONS }, (_, i) => ({ count: RECORDS, round: round * INVOCATIONS + i }));

const entries = entriesOf(['ours', 'ours-single', 'als', 'als-best', 'powertools', 'powertools-best', 'loop', 'loop-single'], batches);

export const cpu: Row = {
  id: ID,
  title: TITLE,
  run: (bench) => withEngine(startStub, async (engine) => {
    const figures = await contestOnEngine({ id: ID, entries, figure: cpuPerEvent }, engine, bench);
    const ours = medianOf(figures, 'ours');
    const ratio = medianOf(figures, 'als-best') / ours;
    return resultOf({
      id: ID, title: TITLE, unit: 'us', figures,
      main: { ours: 'ours', peer: 'als-best', limit: 'loop' },
      ratio: { value: ratio, of: 'peer / ours' },
      conditions: [atMost('us', ours, 40), atLeast('times less than the peer', ratio, 10)],
    });
  }),
};
