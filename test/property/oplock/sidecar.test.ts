import fc from 'fast-check';
import type { Attempt, Item, Refusal, Result } from '../../../src/oplock/attempt/attempt';
import { renderAttempt, type RenderedWrite } from '../../../src/oplock/attempt/render';
import { planItem } from '../../../src/oplock/plan/item';
import { runsOf } from '../../../src/oplock/plan/runs';
import { settingsOf, type OplockSettings } from '../../../src/oplock/settings';
import type { Write } from '../../../src/oplock/write';
import { byAge, facts as arbitraryFacts, keyOf, requestOf, type Fact } from '../../support/facts';
import { planned } from '../../support/plans';
import { byItem, foldFacts, storedItem } from '../../support/reference';
import { randomFrom } from '../../support/things';
import { NOW, T, uowOf } from '../../unit/oplock/uow';
import { send } from './model';

const OPTIONS = { onDelete: 'sidecar' } as const;
const SETTINGS = settingsOf(OPTIONS);
const WITH_TOMBSTONES = settingsOf({});
const TTL = NOW / 1000 + 400 * 86_400;
const MAX_ROUNDS = 50;

type Table = Map<string, Item>;

const writeOf = (fact: Fact): Write => planned(requestOf(fact), uowOf({ id: fact.id, timestamp: fact.timestamp }), OPTIONS);

const placeOf = (key: Readonly<Record<string, unknown>> = {}): string => `${String(key['pk'])}/${String(key['sk'])}`;

interface Part {
  readonly place: string;
  readonly taken: boolean;
  readonly old: Item | undefined;
  readonly next: Item | undefined;
}

/** What a request would do to one item, by the request's text alone. */
const partOf = (table: Table, command: string, input: { Key?: Record<string, unknown> | undefined; Item?: Record<string, unknown> | undefined }): Part => {
  const place = placeOf(input.Key ?? input.Item);
  const old = table.get(place);
  const { applied, item } = send({ command: command === 'put' ? 'put' : 'update', input } as Parameters<typeof send>[0], old);
  return { place, old, taken: applied, next: command === 'delete' ? undefined : item };
};

const partsOf = (table: Table, request: RenderedWrite): readonly Part[] => request.command === 'transact'
  ? request.input.TransactItems.flatMap(({ Update, Put, Delete }) => [...(Update ? [partOf(table, 'update', Update)] : []), ...(Put ? [partOf(table, 'put', Put)] : []), ...(Delete ? [partOf(table, 'delete', Delete)] : [])])
  : [partOf(table, request.command, request.input)];

/** All or nothing. */
const execute = (table: Table, attempt: Attempt): Refusal | undefined => {
  const parts = partsOf(table, renderAttempt(attempt, 't'));
  if (parts.length !== 1 + (attempt.companions?.length ?? 0)) throw new Error('a part of the transaction is missing');
  const seen = parts.map(({ taken, old }) => ({ failed: !taken, item: taken ? undefined : old }));
  if (seen.some(({ failed }) => failed)) return { item: seen[0]?.item, companions: seen.slice(1) };
  for (const { place, next } of parts) {
    if (next) table.set(place, next);
    else table.delete(place);
  }
  return undefined;
};

/** Of an item and its sidecar, never both are there: so the one that is there is the newest, and guards what comes. */
const checkInvariant = (table: Table): void => {
  for (const [place, item] of table) {
    const sidecar = table.get(place.replace('/', '/#oplock#'));
    if (sidecar && item['timestamp'] !== undefined) throw new Error(`there is an item and its sidecar: ${place}`);
  }
};

interface Delivery {
  readonly facts: readonly Fact[];
  attempt: Attempt;
  rounds: number;
}

const attemptOf = (facts: readonly Fact[]): Attempt => planItem(facts.map(writeOf), SETTINGS);

const play = (facts: readonly Fact[], seed: number) => {
  const random = randomFrom(seed);
  const pick = (n: number): number => Math.floor(random() * n);
  const table: Table = new Map();
  const ends: { readonly fact: Fact; readonly end: Result }[] = [];
  const copies = facts.flatMap((fact) => Array.from({ length: 1 + pick(3) }, () => fact));
  const waiting: (readonly Fact[])[] = [];
  while (copies.length > 0) {
    const [first] = copies.splice(pick(copies.length), 1) as [Fact];
    const batch = [first];
    // Some wait together and are folded.
    for (let i = copies.length - 1; i >= 0; i -= 1) if (copies[i]?.key === first.key && random() < 0.3) batch.push(...copies.splice(i, 1));
    waiting.push(...runsOf(batch, writeOf));
  }
  const underWay: Delivery[] = [];
  const concurrency = 1 + pick(4);
  let requests = 0;
  while (waiting.length + underWay.length > 0) {
    if (waiting.length > 0 && underWay.length < concurrency && random() < 0.5) {
      const [run] = waiting.splice(pick(waiting.length), 1) as [readonly Fact[]];
      underWay.push({ facts: run, attempt: attemptOf(run), rounds: 0 });
      continue;
    }
    const index = pick(underWay.length);
    const delivery = underWay[index];
    if (!delivery) continue;
    if (random() < 0.1) {
      // A row without an oplock, by another hand, where there is none.
      const place = placeOf(keyOf(delivery.facts[0] as Fact));
      if (!table.has(place)) table.set(place, keyOf(delivery.facts[0] as Fact));
    }
    const refusal = execute(table, delivery.attempt);
    checkInvariant(table);
    requests += 1;
    if (random() < 0.1 && requests < 200) {
      // The answer is lost, or the process dies before it reads it; the events come again from the start.
      underWay.splice(index, 1);
      waiting.push(delivery.facts);
      continue;
    }
    const next = refusal && delivery.attempt.afterRefusal(refusal);
    delivery.rounds += 1;
    if (delivery.rounds > MAX_ROUNDS) throw new Error('it never ends');
    if (next?.kind === 'attempt') {
      delivery.attempt = next;
      continue;
    }
    underWay.splice(index, 1);
    const results = (next ?? delivery.attempt).results;
    expect(results).toHaveLength(delivery.facts.length);
    delivery.facts.forEach((fact, i) => ends.push({ fact, end: results[i] as Result }));
  }
  return { table, ends };
};

/** A deleted item is not there, and its sidecar is what a tombstone would be. */
const expected = (facts: readonly Fact[]): Table => new Map(byItem(facts).map((some) => {
  const item = storedItem(foldFacts(some), { ttl: TTL });
  const stored = item['deleted'] === true ? { ...item, sk: '#oplock#thing' } : item;
  return [placeOf(stored), stored];
}));

const plain = (table: Table) => new Map([...table].filter(([, item]) => item['timestamp'] !== undefined).map(([place, item]) => [place, new Map(Object.entries(item))]));

test('any order, duplication, folding, interleaving and lost answer ends in the item or the sidecar of the reference: 5,000 histories', () => {
  const met = new Set<string>();
  fc.assert(fc.property(arbitraryFacts(), fc.integer({ min: 1, max: 2 ** 31 }), (facts, seed) => {
    const { table, ends } = play(facts, seed);
    expect(plain(table)).toEqual(plain(expected(facts)));
    for (const { end, fact } of ends) {
      met.add(`${fact.states === 'deleted' ? 'delete' : 'update'} ${end.kind}`);
      if (end.kind === 'mismatch' || end.kind === 'passes' || end.kind === 'conflict') throw new Error(`${end.kind}: ${end.reason}`);
    }
  }), { numRuns: 5_000 });
  expect([...met].sort()).toEqual(['applied', 'duplicate', 'stale', 'superseded', 'tombstoned'].flatMap((kind) => [`delete ${kind}`, `update ${kind}`]).sort());
}, 300_000);

test('every outcome is told exactly: what was taken, and what is in the way, and by how much', () => {
  fc.assert(fc.property(arbitraryFacts({ keys: 1 }), fc.infiniteStream(fc.nat()), (facts, order) => {
    const table: Table = new Map();
    let newest: Fact | undefined;
    let deliveries = 0;
    for (const index of order) {
      const fact = facts[index % facts.length] as Fact;
      let attempt = attemptOf([fact]);
      let outcome: Result | undefined;
      while (!outcome) {
        const refusal = execute(table, attempt);
        const next = refusal && attempt.afterRefusal(refusal);
        if (next?.kind === 'attempt') attempt = next;
        else [outcome] = (next ?? attempt).results;
      }
      const order = newest ? byAge(fact, newest) : 1;
      const behind = { behindMs: (newest?.timestamp ?? 0) - fact.timestamp };
      expect({ fact, outcome }).toEqual({
        fact, outcome: order > 0 ? { kind: 'applied' } : order === 0 ? { kind: 'duplicate' } : { kind: newest?.states === 'deleted' ? 'tombstoned' : 'stale', ...behind },
      });
      if (order > 0) newest = fact;
      deliveries += 1;
      if (deliveries > 16) break;
    }
  }), { numRuns: 600 });
}, 120_000);

/** Events that say what they like, also a part of the item only. */
const partial = fc.array(fc.record({
  at: fc.nat(5),
  set: fc.option(fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.oneof(fc.nat(9), fc.constant(undefined)), { maxKeys: 3, noNullPrototype: true }), { nil: undefined, freq: 4 }),
}), { minLength: 1, maxLength: 6 });

/** What each run ends in, one after the other, and the table then. */
const playRuns = (runs: readonly (readonly Write[])[], settings: OplockSettings, table: Table): readonly Result[] => runs.flatMap((run) => {
  let attempt = planItem(run, settings);
  for (let rounds = 0; rounds < MAX_ROUNDS; rounds += 1) {
    const refusal = execute(table, attempt);
    const next = refusal && attempt.afterRefusal(refusal);
    if (next?.kind !== 'attempt') return (next ?? attempt).results;
    attempt = next;
  }
  throw new Error('it never ends');
});

test('a fold with sidecars leaves what its events leave with tombstones, one by one: 4,000 folds', () => {
  const key = { pk: 'a', sk: 'thing' };
  const met = new Set<string>();
  fc.assert(fc.property(partial, partial, fc.constantFrom(undefined, key, { ...key, a: 'old' }), (earlier, later, beginning) => {
    const all = [...earlier, ...later].map(({ at, set }, i) => ({ request: { key, ...(set ? { set } : { tombstone: true }) }, uow: uowOf({ id: `e${i}`, timestamp: T + at }) }));
    const [beside, alone] = [OPTIONS, {}].map((options) => all.map(({ request, uow }) => planned(request, uow, options))) as [Write[], Write[]];
    const [tombstones, sidecars] = [0, 1].map((): Table => new Map(beginning && [[placeOf(key), beginning]])) as [Table, Table];
    const each = (writes: readonly Write[]) => writes.map((write) => [write]);

    // What was there before, one by one as it came: both say the same of it.
    const before = playRuns(each(beside.slice(0, earlier.length)), SETTINGS, sidecars);
    expect(before).toEqual(playRuns(each(alone.slice(0, earlier.length)), WITH_TOMBSTONES, tombstones));
    const folded = playRuns(runsOf(beside.slice(earlier.length), (write) => write), SETTINGS, sidecars);
    playRuns(runsOf(alone.slice(earlier.length), (write) => write).flatMap(each), WITH_TOMBSTONES, tombstones);
    checkInvariant(sidecars);
    const asSidecars = [...tombstones.values()].map((item) => (item['deleted'] === true ? { ...item, sk: '#oplock#thing' } : item));
    expect([...sidecars.values()]).toEqual(asSidecars);
    for (const { kind } of folded) met.add(kind);
  }), { numRuns: 4_000 });
  expect([...met].sort()).toEqual(['applied', 'stale', 'superseded', 'tombstoned']);
}, 120_000);
