import { memoryEngine } from '../../../src/replay/engines/memory';
import type { Item } from '../../../src/oplock/condition/evaluate';
import { checkConvergence, expectAll, expectOnly } from '../../support/convergence';
import { describeLocal } from '../../support/engines';
import { byAge, type Fact } from '../../support/facts';
import { byItem, foldFacts, storedItem } from '../../support/reference';
import { NOW } from '../../unit/oplock/uow';

const engine = memoryEngine();
afterAll(() => engine.stop());

const TTL = NOW / 1000 + 400 * 86_400;

/** A deleted item is not there, and its sidecar is what a tombstone would be; one that lives has no sidecar. */
const expected = (facts: readonly Fact[]): readonly Item[] =>
  byItem(facts).map((some) => {
    const item = storedItem(foldFacts(some, byAge), { ttl: TTL });
    return item['deleted'] === true ? { ...item, sk: '#oplock#thing' } : item;
  });

const options = { oplock: { onDelete: 'sidecar' }, expected } as const;

test('with sidecars, 3,000 histories of full-state and delete events end in the items of the reference model', async () => {
  expectAll(await checkConvergence({ ...options, engine, runs: 3_000 }));
}, 300_000);

test.each([
  ['with physical deletes, it finds the item that comes back', { oplock: { onDelete: 'physical' }, expected: (facts: readonly Fact[]) => expected(facts).filter((item) => item['deleted'] !== true) }],
  ['with sidecars that tombstones do not see', { oplock: {}, expected }],
] as const)('%s', async (_name, given) => {
  await expect(checkConvergence({ ...given, engine, runs: 1_000 })).rejects.toThrow('Counterexample');
}, 60_000);

describeLocal('with sidecars', (local) => {
  test('histories of full-state and delete events end in the items of the reference model', async () => {
    expectOnly(await checkConvergence({ ...options, engine: local(), runs: 100 }));
  }, 120_000);
});
