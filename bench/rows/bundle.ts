import type { Row } from '../lib/bench';
import { atMost, figureOf, medianOf, resultOf } from '../lib/result';
import { bundleAll } from '../sides/bundled';

const ID = 'bundle';
const TITLE = 'Size of a listener, bundled and minified, the SDK inside';

export const bundle: Row = {
  id: ID,
  title: TITLE,
  run: async () => {
    const figures = (await bundleAll()).map((one) => figureOf(one, [one.bytes / 1000]));
    const ours = medianOf(figures, 'ours');
    return resultOf({
      id: ID, title: TITLE, unit: 'kB', figures,
      main: { ours: 'ours', peer: 'als', limit: 'loop' },
      ratio: { value: medianOf(figures, 'als') / ours, of: 'peer / ours' },
      conditions: [atMost('kB', ours, 400)],
    });
  },
};
