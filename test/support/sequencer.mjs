import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import TestSequencer from '@jest/test-sequencer';

/** What takes longest, longest first: begun last, one of them would keep a single worker busy while the others are done. */
const LONG = [
  'property/convergence/groups', 'property/oplock/unchanged', 'engine/batch', 'property/convergence/batched', 'property/convergence/histories', 'engine/main-job',
  'property/meetings', 'property/counters', 'property/oplock/epoch', 'engine/bff/linearisable', 'engine/replay-fixtures', 'property/regions',
  'engine/locks/chaos', 'engine/locks/processes', 'property/deletes/convergence', 'engine/groups', 'property/oplock/sidecar', 'property/locks/simulation', 'service/e2e',
  'package/package',
].map((name) => resolve(import.meta.dirname, '..', `${name}.test.ts`));

const gone = LONG.filter((path) => !existsSync(path));
if (gone.length > 0) throw new Error(`test/support/sequencer.mjs names what is not there: ${gone.join(', ')}`);

/** Jest knows from its cache how long each file took: a fresh clone has none. */
export default class Sequencer extends TestSequencer {
  sort(tests) {
    const rank = ({ path }) => (LONG.includes(path) ? LONG.indexOf(path) : LONG.length);
    return super.sort(tests).toSorted((a, b) => rank(a) - rank(b));
  }
}
