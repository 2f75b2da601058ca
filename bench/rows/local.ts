import type { Row } from '../lib/bench';
import { contestOnEngine, entriesOf } from '../lib/contest';
import { onLocal } from '../lib/engine';
import { atLeast, medianOf, resultOf } from '../lib/result';
import { wallPerEvent } from '../lib/rounds';

const ID = 'local';
const TITLE = 'Time per applied event on DynamoDB Local: 1,000 records, items that are there';

const entries = entriesOf(['ours', 'ours-single', 'als', 'als-best', 'powertools', 'loop', 'loop-single'], (round) => [{ count: 1_000, round }]);

export const local: Row = {
  id: ID,
  title: TITLE,
  run: (bench) => onLocal({ id: ID, title: TITLE }, async (engine) => {
    const figures = await contestOnEngine({ id: ID, entries, figure: wallPerEvent }, engine, bench);
    const ratio = medianOf(figures, 'als-best') / medianOf(figures, 'ours');
    return resultOf({
      id: ID, title: TITLE, unit: 'us', figures,
      main: { ours: 'ours', peer: 'als-best', limit: 'loop' },
      ratio: { value: ratio, of: 'peer / ours' },
      conditions: [atLeast('times faster than the peer', ratio, 1.5)],
    });
  }),
};
