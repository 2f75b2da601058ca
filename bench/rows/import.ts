import type { Row } from '../lib/bench';
import { importMs } from '../lib/bundles';
import { atLeast, atMost, figureOf, medianOf, resultOf } from '../lib/result';
import { bundleAll } from '../sides/bundled';

const ID = 'import';
const TITLE = 'Loading that bundle in a fresh process';
/** A process is quickly done, and no two of them take the same time. */
const PROCESSES_IN_A_ROUND = 3;

export const importTime: Row = {
  id: ID,
  title: TITLE,
  run: async ({ rounds, progress }) => {
    const bundles = await bundleAll();
    const samples = new Map<string, number[]>(bundles.map(({ name }) => [name, []]));
    bundles.forEach(importMs); // the files are in the system's cache then
    for (let round = 0; round < rounds * PROCESSES_IN_A_ROUND; round++) {
      progress.say(`${ID}: process ${round + 1} of ${rounds * PROCESSES_IN_A_ROUND} for each`);
      for (const one of bundles) samples.get(one.name)?.push(importMs(one));
    }
    const figures = bundles.map((one) => figureOf(one, samples.get(one.name) ?? []));
    const ours = medianOf(figures, 'ours');
    const ratio = medianOf(figures, 'als') / ours;
    return resultOf({
      id: ID, title: TITLE, unit: 'ms', figures,
      main: { ours: 'ours', peer: 'als', limit: 'loop' },
      ratio: { value: ratio, of: 'peer / ours' },
      conditions: [atMost('ms', ours, 45), atLeast('times less than the peer', ratio, 4)],
    });
  },
};
