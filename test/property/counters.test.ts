import type { Item } from '../../src/oplock/condition/evaluate';
import { sortableSequence } from '../../src/oplock/sequence';
import type { Reductions } from '../../src/oplock/reduce/options';
import type { WriteRequest } from '../../src/oplock/write';
import { memoryEngine } from '../../src/replay/engines/memory';
import { takingPart, type History } from '../../src/replay/converge/history';
import type { OutcomeKind } from '../../src/outcome';
import { toKinesisRecords } from '../../src/sources/kinesis-records';
import { checkConvergence, type ConvergenceOptions } from '../support/convergence';
import { describeEmbedded, describeLocal } from '../support/engines';
import { GROUPS, keyOf, requestOf, type Fact } from '../support/facts';
import { byItem, foldFacts, storedItem } from '../support/reference';
import { NOW } from '../unit/oplock/uow';

const engine = memoryEngine();
afterAll(() => engine.stop());

const TTL = NOW / 1000 + 400 * 86_400;

/** What an event counts; fractions, too, which binary numbers cannot add. */
const amountOf = ({ id }: Fact): number => id.length + (id.codePointAt(id.length - 1) ?? 0) % 7;
const addOf = (fact: Fact) => ({ n: amountOf(fact), m: -amountOf(fact) / 10 });

/** An event that deletes in other tests only counts in these. */
const request = (fact: Fact): WriteRequest => {
  const { key, set } = requestOf(fact);
  return { key, add: addOf(fact), ...(set && { set }) };
};

/** With groups there are pairs of one id, which are one event. */
const distinct = (facts: readonly Fact[]): readonly Fact[] => [...new Map(facts.map((fact) => [fact.id, fact])).values()];

/** One item: what it says by the reference model, and the sums over its events. */
const itemOf = (facts: readonly Fact[], groups: ConvergenceOptions['groups']): Item => {
  const saying = facts.filter(({ states }) => states !== 'deleted');
  const said = saying.length === 0 ? keyOf(facts[0] as Fact) : storedItem(foldFacts(saying), { ttl: TTL, ...(groups && { groups }) });
  const sum = distinct(facts).reduce((total, fact) => total + amountOf(fact), 0);
  return { ...said, n: sum, m: -sum / 10 };
};

interface Way {
  readonly reduce: Reductions;
  /** What stands beside the counters in an item. */
  readonly marks: (facts: readonly Fact[]) => Item;
  /** Other rows. */
  readonly rows: (facts: readonly Fact[]) => readonly Item[];
}

const seen = (facts: readonly Fact[]): Set<string> => new Set(facts.map(({ id }) => id));
const rowsOf = (facts: readonly Fact[]): readonly Item[] =>
  distinct(facts).map((fact) => ({ ...keyOf(fact), sk: `#counted#${fact.id}#thing`, ttl: TTL }));

const DEDUPE_SET: Way = { reduce: { n: 'dedupeSet', m: 'dedupeSet' }, marks: (facts) => ({ n_seen: seen(facts), m_seen: seen(facts) }), rows: () => [] };
const DEDUPE_ITEM: Way = { reduce: { n: 'dedupeItem', m: 'dedupeItem' }, marks: () => ({}), rows: rowsOf };
const BOTH: Way = { reduce: { n: 'dedupeItem', m: 'dedupeSet' }, marks: (facts) => ({ m_seen: seen(facts) }), rows: rowsOf };
const placeOf = ({ id }: Fact): number => Number(id.split('-').at(-1));
const SEQUENCES = toKinesisRecords(Array.from({ length: 8 }, (_, i) => ({ id: String(i), type: 'thing', timestamp: NOW }))).Records
  .map(({ kinesis }) => sortableSequence(kinesis.sequenceNumber));
const SEQUENCE: Way = {
  reduce: { n: 'sequence', m: { by: 'sequence', attribute: 'highest', sequence: ({ event }) => Number(event['index']) } },
  marks: (facts) => {
    const highest = Math.max(...facts.map(placeOf));
    return { n_sequence: SEQUENCES[highest], highest };
  },
  rows: () => [],
};

/** As one shard brings them: in order, and from some place on again. */
const ofOneShard = (history: History): History => {
  const all = takingPart(history);
  const redelivered = all.slice(0, history.order.length - all.length);
  return { ...history, order: [...redelivered, ...all] };
};

const expectedBy = (way: Way, groups: ConvergenceOptions['groups']) => (facts: readonly Fact[]): readonly Item[] =>
  byItem(facts).flatMap((some) => [{ ...itemOf(some, groups), ...way.marks(some) }, ...way.rows(some)]);

const check = ({ way, groups, ...options }: Pick<ConvergenceOptions, 'engine' | 'runs' | 'groups' | 'prefixes' | 'arrange' | 'expected'> & { readonly way: Way }) =>
  checkConvergence({ expected: expectedBy(way, groups), ...options, ...(groups && { groups }), oplock: { reduce: way.reduce }, request });

const OUTCOMES: readonly OutcomeKind[] = ['applied', 'duplicate', 'narrowed', 'retry'];

describe('histories in memory count each event once, and say the rest as ever', () => {
  test.each<[string, Way, ConvergenceOptions['groups']]>([
    ['dedupeSet', DEDUPE_SET, undefined],
    ['dedupeSet, with groups', DEDUPE_SET, GROUPS],
    ['dedupeItem', DEDUPE_ITEM, undefined],
    ['dedupeItem, with groups', DEDUPE_ITEM, GROUPS],
    ['one of each', BOTH, undefined],
  ])('%s', async (_name, way, groups) => {
    const { outcomes, troubles } = await check({ engine, way, runs: 400, ...(groups && { groups }) });
    expect(Object.keys(outcomes).sort()).toEqual(OUTCOMES);
    expect(Object.keys(troubles).sort()).toEqual(['crash-after', 'crash-before', 'response-lost']);
  }, 120_000);

  test('sequence, as one shard brings the events', async () => {
    const { outcomes, troubles } = await check({ engine, way: SEQUENCE, runs: 400, arrange: ofOneShard });
    // Of what is behind the highest place, it cannot know whether it has counted it.
    expect(Object.keys(outcomes).sort()).toEqual([...OUTCOMES, 'stale']);
    expect(Object.keys(troubles)).toHaveLength(3);
  }, 120_000);
});

describeEmbedded('histories of events that count', (local) => {
  test.each<[string, Way, ((history: History) => History) | undefined]>([
    ['dedupeSet', DEDUPE_SET, undefined],
    ['sequence', SEQUENCE, ofOneShard],
  ])('%s', async (_name, way, arrange) => {
    await check({ engine: local(), way, runs: 40, prefixes: ['', 'a'], ...(arrange && { arrange }) });
  }, 120_000);
});

describeLocal('histories of events that count', (local) => {
  test.each<[string, Way, ((history: History) => History) | undefined, ConvergenceOptions['groups']]>([
    ['dedupeSet', DEDUPE_SET, undefined, undefined],
    ['dedupeItem', DEDUPE_ITEM, undefined, undefined],
    ['one of each, with groups', BOTH, undefined, GROUPS],
    ['sequence', SEQUENCE, ofOneShard, undefined],
  ])('%s', async (_name, way, arrange, groups) => {
    await check({ engine: local(), way, runs: 40, ...(arrange && { arrange }), ...(groups && { groups }) });
  }, 120_000);
});

describe('the check itself finds', () => {
  it('that a sequence loses what comes late', async () => {
    await expect(check({ engine, way: SEQUENCE, runs: 300 })).rejects.toThrow('Counterexample');
  }, 60_000);
});
