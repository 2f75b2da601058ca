import type { Item } from '../../../src/oplock/condition/evaluate';
import { takingPart, type History } from '../../../src/replay/converge/history';
import { memoryEngine } from '../../../src/replay/engines/memory';
import type { WriteRequest } from '../../../src/oplock/write';
import { NOW } from '../../unit/oplock/uow';
import { checkConvergence, expectOnly, type ConvergenceOptions } from '../../support/convergence';
import { describeEngines } from '../../support/engines';
import { keyOf, type Fact } from '../../support/facts';
import { byItem } from '../../support/reference';

const TTL = NOW / 1000 + 400 * 86_400;

/** Few contents, whole and partial, so that many events say what the one before them said. */
const CONTENTS: readonly Omit<WriteRequest, 'key'>[] = [
  { set: { size: 1, tags: new Set(['a', 'b']), note: undefined } },
  { set: { size: 1, tags: new Set(['b', 'a']) } },
  { set: { size: 2, note: { x: [1] } } },
  { set: { size: 2 }, remove: ['tags'] },
  { tombstone: true },
];

/** The first is twice as likely, so that runs of one content come up. */
const contentOf = ({ timestamp, states }: Fact): Omit<WriteRequest, 'key'> =>
  (states === 'deleted' ? CONTENTS[4] : CONTENTS[[0, 0, 1, 2, 3][timestamp % 5] as number]) as Omit<WriteRequest, 'key'>;

const request = (fact: Fact): WriteRequest => ({ key: keyOf(fact), ...contentOf(fact) });

/** The events of an item, one after the other: what the last one leaves. */
const expected = (facts: readonly Fact[]): readonly Item[] => byItem(facts).map((some) => {
  let item: Record<string, unknown> = {};
  for (const fact of some) {
    const { set = {}, remove = [], tombstone } = contentOf(fact);
    if (tombstone) item = { deleted: true, ttl: TTL };
    else {
      item = { ...item, ...set };
      for (const name of [...remove, 'deleted', 'ttl']) delete item[name];
    }
  }
  return { ...keyOf(some[0] as Fact), ...Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined)) };
});

/** As a shard brings them: in order, and now and then again from some place on, behind which all come again. */
const ofOneShard = (history: History): History => {
  const all = takingPart(history);
  const order: number[] = [];
  let next = 0;
  for (const one of history.order) {
    const to = all.indexOf(one);
    for (let i = Math.min(next, to); i <= to; i += 1) order.push(all[i] as number);
    next = to + 1;
  }
  return { ...history, order: [...order, ...all.slice(next)] };
};

const options = (fold: boolean, oplock: ConvergenceOptions['oplock'] = {}): Omit<ConvergenceOptions, 'engine' | 'runs'> => ({
  oplock: { by: 'sequence', skipUnchanged: true, ...oplock },
  fold, request, expected, arrange: ofOneShard,
  // Of events that say the same, whichever was written first. Only content is compared.
  ignore: ['timestamp', 'oplockTie', 'oplockHash', 'oplockEpoch'],
});

const engine = memoryEngine();
afterAll(() => engine.stop());

test.each<[string, boolean, ConvergenceOptions['oplock']]>([
  ['one by one', false, {}],
  ['folded', true, {}],
  ['folded, within an epoch, where rows without an oplock are kept', true, { epoch: 1, onUnversioned: 'reject' }],
])('events in order, with redelivery from checkpoints, end in what they say, %s: 700 histories', async (_name, fold, oplock) => {
  const { outcomes, troubles } = await checkConvergence({ engine, runs: 700, ...options(fold, oplock) });
  expect(outcomes.unchanged).toBeGreaterThan(0);
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(['applied', 'duplicate', 'stale', 'retry', ...(fold ? ['superseded'] : [])]));
  expect(Object.keys(troubles).sort()).toEqual(['crash-after', 'crash-before', 'response-lost']);
}, 120_000);

test('and so do items that are removed, with sidecars beside them', async () => {
  const beside = (facts: readonly Fact[]) => expected(facts).map((item) => (item['deleted'] === true ? { ...item, sk: '#oplock#thing' } : item));
  const { outcomes } = await checkConvergence({ engine, runs: 500, ...options(true, { onDelete: 'sidecar' }), expected: beside });
  expect(outcomes.unchanged).toBeGreaterThan(0);
}, 120_000);

describeEngines('on an engine', (local) => {
  test('events in order end in what they say', async () => {
    const prefixes = local().name === 'embedded' ? ['', 'a'] : undefined;
    expectOnly(await checkConvergence({ engine: local(), runs: 60, ...options(true), ...(prefixes && { prefixes }) }), 'unchanged');
  }, 120_000);
});

/** Contents that each say all, so that any order of arrival would do. */
const FULL: ConvergenceOptions = {
  engine, runs: 1_000, ...options(false),
  request: (fact) => ({ key: keyOf(fact), ...(fact.states === 'deleted' ? { tombstone: true } : { set: { size: fact.timestamp % 2 } }) }),
  expected: (facts) => byItem(facts).map((some) => {
    const newest = some.toSorted((a, b) => placeOf(a) - placeOf(b)).at(-1) as Fact;
    return { ...keyOf(newest), ...(newest.states === 'deleted' ? { deleted: true, ttl: TTL } : { size: newest.timestamp % 2 }) };
  }),
};
const placeOf = ({ id }: Fact): number => Number(id.split('-').at(-1));

describe('what says all', () => {
  test('ends so in any order, as long as nothing is skipped', async () => {
    await checkConvergence({ ...FULL, oplock: { by: 'sequence' }, arrange: (history) => history });
  }, 60_000);

  test('does not when unchanged events are skipped, and others come late: so it is refused with timestamps', async () => {
    await expect(checkConvergence({ ...FULL, arrange: (history) => history })).rejects.toThrow('Counterexample');
  }, 60_000);

  test('but does in order', async () => {
    await checkConvergence(FULL);
  }, 60_000);
});
