import type { Row } from '../lib/bench';
import { contestInProcess, entriesOf, type Entry } from '../lib/contest';
import { atMost, medianOf, resultOf } from '../lib/result';
import { cpuPerEvent } from '../lib/rounds';

const ID = 'rules';
const TITLE = 'CPU per event with 20 rules, each event for one of them, and with one rule: 1,000 records, a client that answers at once';
const INVOCATIONS = 3;

const withRules = (kinds: number): readonly Entry[] =>
  entriesOf(['ours', 'als'], (round) => Array.from({ length: INVOCATIONS }, (_, i) => ({ count: 1_000, kinds, round: round * INVOCATIONS + i })))
    .map((entry) => ({ ...entry, kinds, name: `${entry.name}-${kinds}`, label: `${entry.label}: ${kinds === 1 ? 'one rule' : `${kinds} rules`}` }));

const entries = [...withRules(20), ...withRules(1)];

export const rules: Row = {
  id: ID,
  title: TITLE,
  run: async (bench) => {
    const figures = await contestInProcess({ id: ID, entries, figure: cpuPerEvent }, bench);
    const ratio = medianOf(figures, 'ours-20') / medianOf(figures, 'ours-1');
    return resultOf({
      id: ID, title: TITLE, unit: 'us', figures,
      main: { ours: 'ours-20', peer: 'als-20' },
      ratio: { value: ratio, of: 'ours, 20 rules / one rule' },
      conditions: [atMost('times one rule', ratio, 1.15)],
    });
  },
};
