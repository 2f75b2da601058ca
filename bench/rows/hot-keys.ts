import type { Row } from '../lib/bench';
import { contestOnEngine, entriesOf } from '../lib/contest';
import { startStub, withEngine } from '../lib/engine';
import { atMost, figureOf, medianOf, resultOf } from '../lib/result';
import type { BatchSpec } from '../lib/things';

const ID = 'hot-keys';
const TITLE = 'Writes for 1,000 events of 50 items, each event with one of five attributes';
const KEYS = 50;

const batch = (round: number): BatchSpec => ({ count: 1_000, keys: KEYS, round, partial: true });
const entries = entriesOf(['ours', 'ours-single', 'als', 'als-best', 'als-compact', 'powertools'], (round) => [batch(round)]);

export const hotKeys: Row = {
  id: ID,
  title: TITLE,
  run: (bench) => withEngine(startStub, async (engine) => {
    const contest = await contestOnEngine({ id: ID, entries, figure: ({ writes }) => writes, peersMayFail: true }, engine, bench);
    const figures = [...contest, figureOf({ name: 'limit', label: 'one for each item', group: 'limit' }, [KEYS])];
    const ours = medianOf(figures, 'ours');
    return resultOf({
      id: ID, title: TITLE, unit: 'writes', figures,
      main: { ours: 'ours', peer: 'als-best', limit: 'limit' },
      ratio: { value: medianOf(figures, 'als-best') / ours, of: 'peer / ours' },
      conditions: [atMost('writes', ours, 60)],
      notes: ['nothing lost: the table has the newest value of every attribute'],
    });
  }),
};
