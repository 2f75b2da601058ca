import type { OplockOptions } from '../../../src/oplock/options';
import { memoryEngine } from '../../../src/replay/engines/memory';
import { checkConvergence, expectAll, expectOnly } from '../../support/convergence';
import { describeEngines } from '../../support/engines';
import { GROUPS } from '../../support/facts';

const engine = memoryEngine();
afterAll(() => engine.stop());

describe('histories whose writes go in batches end in the table of the reference model', () => {
  test.each<[string, object, OplockOptions, string[]]>([
    ['with groups', { groups: GROUPS }, {}, ['narrowed']],
    ['without', {}, {}, []],
    ['each event by itself', { fold: false }, {}, []],
  ])('in memory: %s', async (_name, options, oplock, more) => {
    const seen = await checkConvergence({ engine, runs: 1_000, strategy: 'batch', oplock, ...options });
    if ('fold' in options) expect(seen.outcomes).not.toHaveProperty('superseded');
    else expectAll(seen, ...more);
  }, 300_000);
});

describeEngines('histories whose writes go in batches', (local) => {
  test('end in the table of the reference model', async () => {
    const prefixes = local().name === 'embedded' ? ['', 'a'] : undefined;
    expectOnly(await checkConvergence({ engine: local(), runs: 100, strategy: 'batch', groups: GROUPS, ...(prefixes && { prefixes }) }), 'narrowed');
  }, 300_000);
});
