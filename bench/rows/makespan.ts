import type { Row } from '../lib/bench';
import { contestInProcess, entriesOf, type Entry } from '../lib/contest';
import { lowerBound } from '../lib/latency';
import { atMost, medianOf, resultOf } from '../lib/result';
import type { Measured } from '../lib/task';
import { thingEvents, type BatchSpec } from '../lib/things';

const ID = 'makespan';
const TITLE = 'Time for 1,000 events of 200 items, some requests 20 times slower than most, 16 in flight: times the shortest that is possible';
const IN_FLIGHT = 16;

const batch = (round: number): BatchSpec => ({ count: 1_000, keys: 200, round });
const entries = entriesOf(['ours-unfolded', 'ours-single', 'ours', 'als', 'als-best', 'powertools', 'loop-lanes'], (round) => [batch(round)]);

/** Where writes of an item may overtake each other is found out on the way. */
export const makespan: Row = {
  id: ID,
  title: TITLE,
  run: async (bench) => {
    const overtaken = new Map<string, number>();
    const inspect = ({ name, group }: Entry, measured: Measured): void => {
      if (measured.overtaken > 0 && group !== 'peer') throw new Error(`${ID}: ${name} has two writes of an item under way at once`);
      overtaken.set(name, measured.overtaken);
    };
    const figure = ({ wallUs }: Measured, round: number): number => wallUs / 1000 / lowerBound(thingEvents(batch(round)), IN_FLIGHT);
    const figures = (await contestInProcess({ id: ID, entries, sink: 'timers', figure, inspect }, bench)).map((one) => {
      const races = overtaken.get(one.name) ?? 0;
      return races === 0 ? one : { ...one, note: `but ${races} writes race another one of their item` };
    });
    const ours = medianOf(figures, 'ours-unfolded');
    return resultOf({
      id: ID, title: TITLE, unit: 'x', figures,
      main: { ours: 'ours-unfolded', peer: 'als-best', limit: 'loop-lanes' },
      ratio: { value: ours, of: 'ours / the lower bound' },
      conditions: [atMost('times the lower bound', ours, 1.2)],
      notes: ['folded and batched writes are fewer than the events, so they may be below the bound; powertools has all 1,000 in flight'],
    });
  },
};
