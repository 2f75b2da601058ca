import type { Row } from '../lib/bench';
import { contestOnEngine, entriesOf, type Entry } from '../lib/contest';
import { startStub, withEngine } from '../lib/engine';
import { figureOf, medianOf, resultOf } from '../lib/result';
import type { BatchSpec } from '../lib/things';

const RECORDS = 1_000;

/** Every item is new, in each round other ones. */
const batch = (round: number, action: BatchSpec['action']): BatchSpec => ({ count: RECORDS, firstKey: (round + 1) * RECORDS, round, ...(action && { action }) });

/** Half of the items are new, and nothing says which. */
const mixed = (round: number): BatchSpec => ({ count: RECORDS, firstKey: (round * RECORDS) / 2, round, action: 'updated' });

const row = (id: string, title: string, specOf: (round: number) => BatchSpec): Row => {
  const entries: readonly Entry[] = entriesOf(['ours', 'ours-single', 'als-best'], (round) => [specOf(round)]);
  return {
    id,
    title,
    run: (bench) => withEngine(startStub, async (engine) => {
      const requests = new Map<string, number>();
      const contest = await contestOnEngine({
        id, entries,
        figure: ({ writes }) => writes / RECORDS,
        inspect: ({ name }, measured) => { requests.set(name, measured.requests); },
      }, engine, bench);
      const figures = [...contest.map((one) => ({ ...one, note: `${requests.get(one.name)} requests` })), figureOf({ name: 'limit', label: 'one for each event', group: 'limit' }, [1])];
      return resultOf({
        id, title, unit: 'write units', figures,
        main: { ours: 'ours', peer: 'als-best', limit: 'limit' },
        ratio: { value: medianOf(figures, 'ours') / medianOf(figures, 'als-best'), of: 'ours / peer' },
      });
    }),
  };
};

export const newItems: readonly Row[] = [
  row('new-items', 'Write units per event for new items, events named -created: 1,000 records', (round) => batch(round, 'created')),
  row('new-items-unnamed', 'Write units per event for new items, nothing says that they are new: 1,000 records', (round) => batch(round, 'updated')),
  row('new-items-half', 'Write units per event where half of the items are new and nothing says which: 1,000 records', mixed),
];
