import { materialize } from '../../../src/flavors/materialize';
import type { WriteRequest } from '../../../src/oplock/write';
import { memoryEngine } from '../../../src/replay/engines/memory';
import type { Uow } from '../../../src/uow';
import { checkConvergence, type ConvergenceOptions } from '../../support/convergence';
import { describeEngines } from '../../support/engines';
import { byAge, keyOf, type Fact } from '../../support/facts';
import { byItem } from '../../support/reference';

const SCOPES = ['crm', 'billing', 'ürm 😀'] as const;

/** Of which source an event is: by chance. */
const scopeOf = ({ id }: { readonly id: string }): number => Number(id.slice(id.lastIndexOf('-') + 1)) % 3;
const nameOf = (fact: { readonly id: string }): string => SCOPES[scopeOf(fact)] as string;

/** Each source owns two attributes, and takes them away in place of a delete. */
const ownRequest = ({ key, set, tombstone }: WriteRequest, event: { readonly id: string }): WriteRequest => {
  const names = [0, 1].map((i) => `${i}-${scopeOf(event)}`);
  if (tombstone) return { key, remove: names };
  const values = Object.values(set ?? {});
  return { key, set: Object.fromEntries(names.map((name, i) => [name, values[i]])) };
};

const options = (own = ownRequest, shared = false): Omit<ConvergenceOptions, 'engine' | 'runs'> => ({
  oplock: { sourceScope: ({ event }: Uow) => nameOf(event), maxFutureSkew: Infinity },
  rules: (toWrite: (uow: Uow) => WriteRequest) => [{ id: 'thing', flavor: materialize, fold: true, toWrite: (uow: Uow) => own(toWrite(uow), uow.event) }],
  expected: (delivered) => byItem(delivered).map((some) => {
    const item: Record<string, unknown> = { ...keyOf(some[0] as Fact) };
    for (const fact of [...some].sort(byAge)) {
      const names = [0, 1].map((i) => `${i}-${scopeOf(fact)}`);
      const values = fact.states === 'deleted' ? [] : Object.values(Object.assign({}, ...Object.values(fact.states)) as object);
      names.forEach((name, i) => { delete item[name]; if (values[i] !== undefined) item[name] = values[i]; });
      if (shared && fact.states !== 'deleted') item['shared'] = fact.id;
      Object.assign(item, { [`timestamp_${nameOf(fact)}`]: fact.timestamp, [`oplockTie_${nameOf(fact)}`]: fact.id });
    }
    return item;
  }),
});

test('any order of the events of several clocks ends in what each clock\'s newest event says: 1,000 histories', async () => {
  const { outcomes } = await checkConvergence({ engine: memoryEngine(), runs: 1_000, ...options() });
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(['applied', 'stale', 'duplicate', 'retry', 'superseded']));
}, 120_000);

test('the check finds two sources that write one attribute', async () => {
  const shared = (request: WriteRequest, event: { readonly id: string }): WriteRequest => {
    const own = ownRequest(request, event);
    return own.set ? { ...own, set: { ...own.set, shared: event.id } } : own;
  };
  await expect(checkConvergence({ engine: memoryEngine(), runs: 500, ...options(shared, true) })).rejects.toThrow('Counterexample');
});

describeEngines('on an engine', (engine) => {
  test('any order of the events of several clocks ends so', async () => {
    const prefixes = engine().name === 'embedded' ? ['', 'a'] : undefined;
    await checkConvergence({ engine: engine(), runs: 60, ...options(), ...(prefixes && { prefixes }) });
  }, 120_000);
});
