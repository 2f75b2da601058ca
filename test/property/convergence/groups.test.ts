import { memoryEngine } from '../../../src/replay/engines/memory';
import { checkConvergence, expectAll } from '../../support/convergence';
import { GROUPS } from '../../support/facts';

const engine = memoryEngine();
afterAll(() => engine.stop());

// In a file of its own: with `histories` and `batched` beside it, it makes 20,000 histories, and each file has a worker.
describe('histories in memory end in the table of the reference model', () => {
  test('full, partial and delete events of items with groups', async () => {
    expectAll(await checkConvergence({ engine, groups: GROUPS, runs: 10_000 }), 'narrowed');
  }, 600_000);

  test('and the same events, each written by itself', async () => {
    const { outcomes } = await checkConvergence({ engine, groups: GROUPS, runs: 3_000, fold: false });
    expect(outcomes).toMatchObject({ narrowed: expect.any(Number) });
    expect(outcomes).not.toHaveProperty('superseded');
  }, 600_000);
});
