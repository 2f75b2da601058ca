import { materialize } from '../../../src/flavors/materialize';
import { memoryEngine } from '../../../src/replay/engines/memory';
import type { Event } from '../../../src/event';
import type { OplockOptions, WriteRequest } from '../../../src/oplock/write';
import type { Uow } from '../../../src/uow';
import { checkConvergence, expectAll, expectOnly, type ConvergenceOptions } from '../../support/convergence';
import { describeEngines } from '../../support/engines';
import { GROUPS } from '../../support/facts';

const engine = memoryEngine();
afterAll(() => engine.stop());

describe('histories in memory end in the table of the reference model', () => {
  test.each<[string, OplockOptions]>([
    ['the time and the event id', {}],
    ['the broker\'s sequence', { by: 'sequence' }],
  ])('full-state and delete events, ordered by %s', async (_name, oplock) => {
    expectAll(await checkConvergence({ engine, oplock, runs: 2_000 }));
  }, 600_000);
});

describeEngines('histories of full, partial and delete events', (local) => {
  test.each<[string, Omit<ConvergenceOptions, 'engine' | 'runs'>, string[]]>([
    ['with groups', { groups: GROUPS }, ['narrowed']],
    ['without', {}, []],
  ])('end in the table of the reference model: %s', async (_name, options, more) => {
    const prefixes = local().name === 'embedded' ? ['', 'a'] : undefined;
    expectOnly(await checkConvergence({ engine: local(), runs: 150, ...options, ...(prefixes && { prefixes }) }), ...more);
  }, 600_000);
});

describe('the check itself finds', () => {
  const thing = (more: object) => (toWrite: (uow: Uow) => WriteRequest) => [{ id: 'thing', flavor: materialize, toWrite, ...more }];

  const skipsWhatItBegan = (toWrite: (uow: Uow) => WriteRequest) => {
    const begun = new Set<string>();
    return thing({ filters: ({ event: { id } }: { event: Event }) => begun.size < begun.add(id).size })(toWrite);
  };

  test.each<[string, Omit<ConvergenceOptions, 'engine' | 'runs'>]>([
    ['partial events under one oplock', { groups: GROUPS, rules: thing({ groups: { all: Object.values(GROUPS).flat() } }) }],
    ['lost ties', { oplock: { tie: () => 'same' } }],
    ['a process that forgets what it began when it died', { rules: skipsWhatItBegan }],
  ])('%s', async (_name, options) => {
    await expect(checkConvergence({ engine, runs: 1_000, ...options })).rejects.toThrow('Counterexample');
  });
});
