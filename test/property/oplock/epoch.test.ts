import fc from 'fast-check';
import { materialize } from '../../../src/flavors/materialize';
import type { OplockOptions, WriteRequest } from '../../../src/oplock/write';
import { memoryEngine } from '../../../src/replay/engines/memory';
import type { Uow } from '../../../src/uow';
import { checkConvergence, type ConvergenceOptions } from '../../support/convergence';
import { describeEngines } from '../../support/engines';
import { facts, GROUPS, keyOf, requestOf, type Fact, type Groups } from '../../support/facts';
import { attemptOf, planned } from '../../support/plans';
import { byItem, foldFacts, storedItem } from '../../support/reference';
import { randomFrom } from '../../support/things';
import { NOW, uowOf } from '../../unit/oplock/uow';
import { plainTable, playInterleaved } from './interleaved';

const TTL = NOW / 1000 + 400 * 86_400;

/** The old mapping stores one attribute that the new one knows nothing of. */
const oldMapping = (request: WriteRequest): WriteRequest => (request.tombstone ? request : { ...request, set: { ...request.set, legacy: 'old' } });

const storedIn = (epoch: number, some: readonly Fact[], groups: Groups | undefined) =>
  ({ ...storedItem(foldFacts(some), { ttl: TTL, ...(groups && { groups }) }), oplockEpoch: epoch });

type Edition = 'old' | 'live' | 'replay';
const EDITIONS: readonly Edition[] = ['old', 'live', 'replay'];

describe.each<[string, Groups | undefined, OplockOptions, OplockOptions]>([
  ['from a table in use', undefined, { epoch: 0 }, { epoch: 1 }],
  ['from one edition to another, with groups', GROUPS, { epoch: 3 }, { epoch: 7 }],
])('old writers, new ones and a replay at once: %s', (_name, groups, before, after) => {
  const delivery = (edition: Edition, fact: Fact) => {
    const options = { ...(edition === 'old' ? before : after), ...(groups && { groups }) };
    const request = edition === 'old' ? oldMapping(requestOf(fact)) : requestOf(fact);
    return { edition, fact, pk: keyOf(fact).pk, first: () => attemptOf(planned(request, uowOf({ id: fact.id, timestamp: fact.timestamp }), options), options) };
  };

  test('each item that an event of the new epoch touched is as if the table had been empty', () => {
    const met = new Set<string>();
    const someOf = fc.subarray([...EDITIONS], { minLength: 1 });
    const histories = facts(groups && { groups }).chain((all) => fc.record({ all: fc.constant(all), editions: fc.tuple(...all.map(() => someOf)) }));
    fc.assert(fc.property(histories, fc.integer({ min: 1, max: 2 ** 31 }), ({ all, editions }, seed) => {
      const deliveries = all.flatMap((fact, i) => (editions[i] ?? []).map((edition) => delivery(edition, fact)));
      const { table, ends } = playInterleaved(deliveries, randomFrom(seed));
      for (const { delivery: { edition }, result } of ends) met.add(`${edition === 'old' ? 'old' : 'new'} ${result.kind}${'epoch' in result ? ` ${result.epoch}` : ''}`);
      for (const some of byItem(all)) {
        const { pk } = keyOf(some[0] as Fact);
        const told = deliveries.filter((one) => one.pk === pk && one.edition !== 'old').map(({ fact }) => fact);
        const item = table.get(pk);
        if (told.length > 0) expect(plainTable(new Map([[pk, item]]))).toEqual(plainTable(new Map([[pk, storedIn(after.epoch as number, told, groups)]])));
        else expect(item?.['oplockEpoch']).toBe(before.epoch);
      }
    }), { numRuns: 1_500 });
    expect([...met]).toEqual(expect.arrayContaining([`old stale ${after.epoch}`, 'old applied', 'new applied', 'new duplicate', 'new stale', 'new tombstoned']));
    expect([...met].filter((kind) => /passes|mismatch|conflict/.test(kind))).toEqual([]);
  }, 120_000);
});

describe('through the real pipeline', () => {
  /** Chance decides by the fact's id which of the two mappings its events go through. */
  const isNew = ({ id }: { readonly id: string }): boolean => Number(id.slice(id.lastIndexOf('-') + 1)) % 2 === 0;

  const options = (groups?: Groups): Omit<ConvergenceOptions, 'engine' | 'runs'> => ({
    ...(groups && { groups }),
    rules: (toWrite: (uow: Uow) => WriteRequest) => [
      { id: 'old', flavor: materialize, oplock: { epoch: 0, groups }, filters: ({ event }: Uow) => !isNew(event), toWrite: (uow: Uow) => oldMapping(toWrite(uow)) },
      { id: 'new', flavor: materialize, oplock: { epoch: 1, groups }, filters: ({ event }: Uow) => isNew(event), toWrite },
    ],
    expected: (delivered) => byItem(delivered).map((some) => {
      const told = some.filter(isNew);
      if (told.length > 0) return storedIn(1, told, groups);
      const item = storedIn(0, some, groups);
      // Of the rest, which the deleted item is without.
      const { rest } = Object.fromEntries(foldFacts(some).groups);
      return rest ? { ...item, legacy: 'old' } : item;
    }),
  });
  const epochs = options();

  test('any order, batches, lost answers and crashes end so', async () => {
    const { outcomes } = await checkConvergence({ engine: memoryEngine(), runs: 1_000, ...epochs });
    expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(['applied', 'stale', 'duplicate', 'retry']));
  }, 120_000);

  test('the check would find a mapping whose epoch was forgotten', async () => {
    const forgotten = (toWrite: (uow: Uow) => WriteRequest) => epochs.rules?.(toWrite).map((rule) => ({ ...rule, oplock: { epoch: 0 } })) ?? [];
    await expect(checkConvergence({ engine: memoryEngine(), runs: 500, ...epochs, rules: forgotten })).rejects.toThrow('Counterexample');
  });

  describeEngines('on an engine', (engine) => {
    test('any order, batches, lost answers and crashes end so', async () => {
      const prefixes = engine().name === 'embedded' ? ['', 'a'] : undefined;
      await checkConvergence({ engine: engine(), runs: 60, ...epochs, ...(prefixes && { prefixes }) });
    }, 120_000);
  });
});

test('with onUnversioned: \'reject\' an item of something else is never touched, whatever comes in any epoch; all others are as without it', () => {
  fc.assert(fc.property(facts({ groups: GROUPS }), fc.integer({ min: 1, max: 2 ** 31 }), fc.boolean(), (all, seed, grouped) => {
    const options: OplockOptions = { onUnversioned: 'reject', ...(grouped && { groups: GROUPS }), epoch: 2 };
    const plain: OplockOptions = { ...options, onUnversioned: 'apply' };
    const deliveries = (given: OplockOptions) => all.map((fact) => ({ pk: keyOf(fact).pk, first: () => attemptOf(planned(requestOf(fact), uowOf({ id: fact.id, timestamp: fact.timestamp }), given), given) }));
    const foreign = { pk: 'item-0', sk: 'thing', name: 'imported', oplockTie: 'x' };
    const { table, ends } = playInterleaved(deliveries(options), randomFrom(seed), new Map([['item-0', foreign]]));
    expect(table.get('item-0')).toBe(foreign);
    for (const { delivery: { pk }, result } of ends) expect(result.kind === 'conflict').toBe(pk === 'item-0');
    const without = playInterleaved(deliveries(plain), randomFrom(seed)).table;
    table.delete('item-0');
    without.delete('item-0');
    if (grouped) expect(plainTable(table)).toEqual(plainTable(without));
  }), { numRuns: 500 });
});
