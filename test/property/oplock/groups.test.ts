import fc from 'fast-check';
import type { Item } from '../../../src/oplock/condition/evaluate';
import type { Attempt, Result } from '../../../src/oplock/attempt/attempt';
import type { DroppedGroup } from '../../../src/outcome';
import { byAge, facts as arbitraryFacts, groupNames, GROUPS, keyOf, requestOf, type Fact } from '../../support/facts';
import { afterRefusal, attemptOf, droppedOf, planned, single } from '../../support/plans';
import { byItem, foldFacts, storedItem } from '../../support/reference';
import { randomFrom } from '../../support/things';
import { NOW, uowOf } from '../../unit/oplock/uow';
import { send } from './model';

const OPTIONS = { groups: GROUPS };
const TTL = NOW / 1000 + 400 * 86_400;
const MAX_ROUNDS = 50;

const firstAttempt = (fact: Fact): Attempt =>
  attemptOf(planned(requestOf(fact), uowOf({ id: fact.id, timestamp: fact.timestamp }), OPTIONS), OPTIONS);

type End = Exclude<Result, { kind: 'applied' | 'narrowed' }> | { readonly kind: 'applied' | 'narrowed'; readonly dropped: readonly string[] };

/** One delivery of an event under way: between two of its requests anything may happen to the item. */
interface Delivery {
  readonly fact: Fact;
  attempt: Attempt;
  rounds: number;
}

/** The table, and how each delivery ended; the seed decides on order, duplicates, interleaving and crashes. */
const play = (facts: readonly Fact[], seed: number) => {
  const random = randomFrom(seed);
  const pick = (n: number): number => Math.floor(random() * n);
  const table = new Map<string, Item>();
  const ends: { readonly fact: Fact; readonly end: End }[] = [];
  const waiting = facts.flatMap((fact) => Array.from({ length: 1 + pick(3) }, () => fact));
  const underWay: Delivery[] = [];
  const concurrency = 1 + pick(4);
  let requests = 0;
  while (waiting.length + underWay.length > 0) {
    if (waiting.length > 0 && underWay.length < concurrency && random() < 0.5) {
      const [fact] = waiting.splice(pick(waiting.length), 1) as [Fact];
      underWay.push({ fact, attempt: firstAttempt(fact), rounds: 0 });
      continue;
    }
    const index = pick(underWay.length);
    const delivery = underWay[index];
    if (!delivery) continue;
    const { fact, attempt } = delivery;
    const { pk } = keyOf(fact);
    const answer = send(single(attempt), table.get(pk));
    requests += 1;
    if (answer.item) table.set(pk, answer.item);
    if (random() < 0.1 && requests < 200) {
      // The process dies before it reads the answer, and the event comes again from the start.
      underWay.splice(index, 1);
      waiting.push(fact);
      continue;
    }
    if (answer.applied) {
      underWay.splice(index, 1);
      const dropped = Object.keys(droppedOf(attempt));
      ends.push({ fact, end: { kind: dropped.length > 0 ? 'narrowed' : 'applied', dropped } });
      continue;
    }
    const next = afterRefusal(attempt, answer.item);
    delivery.rounds += 1;
    if (delivery.rounds > MAX_ROUNDS) throw new Error('it never ends');
    if (next.kind === 'attempt') {
      if (attempt.how === 'update' && fact.states !== 'deleted' && Object.keys(droppedOf(next)).length <= Object.keys(droppedOf(attempt)).length) throw new Error('a round without a loss');
      delivery.attempt = next;
    } else {
      underWay.splice(index, 1);
      ends.push({ fact, end: next as End });
    }
  }
  return { table, ends };
};

const expectedTable = (facts: readonly Fact[]): ReadonlyMap<string, Item> =>
  new Map(byItem(facts).map((some) => [keyOf(some[0] as Fact).pk, storedItem(foldFacts(some), { groups: GROUPS, ttl: TTL })]));

const plain = (table: ReadonlyMap<string, Item | undefined>) => new Map([...table].map(([pk, item]) => [pk, new Map(Object.entries(item ?? {}))]));

test('any order, duplication, interleaving and crash ends in the table of the reference: 5,000 histories', () => {
  const met = new Map<string, number>();
  fc.assert(fc.property(arbitraryFacts({ groups: GROUPS }), fc.integer({ min: 1, max: 2 ** 31 }), (facts, seed) => {
    const { table, ends } = play(facts, seed);
    expect(plain(table)).toEqual(plain(expectedTable(facts)));
    for (const { end, fact } of ends) {
      met.set(`${fact.states === 'deleted' ? 'delete' : 'update'} ${end.kind}`, 1);
      if (end.kind === 'mismatch' || end.kind === 'passes' || end.kind === 'conflict') throw new Error(`${end.kind}: ${end.reason}`);
    }
  }), { numRuns: 5_000 });
  expect([...met.keys()].sort()).toEqual([
    'delete applied', 'delete duplicate', 'delete narrowed', 'delete tombstoned',
    'update applied', 'update duplicate', 'update narrowed', 'update stale', 'update tombstoned',
  ]);
}, 300_000);

/** The outcome of the next event of an item, from those that came before. */
const outcomeAfter = (before: readonly Fact[], fact: Fact): unknown => {
  const behind = (newer: Fact) => ({ behindMs: newer.timestamp - fact.timestamp });
  const { groups, deletion } = foldFacts(before);
  if (deletion?.id === fact.id) return { kind: 'duplicate' };
  if (deletion && byAge(deletion, fact) > 0) return { kind: 'tombstoned', ...behind(deletion) };
  const dropped: Record<string, DroppedGroup> = {};
  const names = fact.states === 'deleted' ? groupNames(GROUPS) : Object.keys(fact.states);
  for (const name of names) {
    const stored = groups.get(name);
    if (stored?.id === fact.id && fact.states === 'deleted') continue;
    if (stored?.id === fact.id) dropped[name] = { kind: 'duplicate' };
    else if (stored && byAge(stored, fact) > 0) dropped[name] = { kind: 'stale', ...behind(stored) };
  }
  if (Object.keys(dropped).length === 0) return { kind: 'applied' };
  if (fact.states === 'deleted' || Object.keys(dropped).length < names.length) return { kind: 'narrowed', dropped };
  // A second delivery that was overtaken in every group has left no trace to be known by: it is stale, as without groups.
  if (Object.values(dropped).some(({ kind }) => kind === 'duplicate')) return { kind: 'duplicate' };
  return { kind: 'stale', behindMs: Math.max(...Object.values(dropped).map(({ behindMs = 0 }) => behindMs)) };
};

test('every outcome is told exactly: what was taken, what was dropped and by how much, and why nothing was', () => {
  fc.assert(fc.property(arbitraryFacts({ groups: GROUPS, keys: 1 }), fc.infiniteStream(fc.nat()), (facts, order) => {
    const before: Fact[] = [];
    let item: Item | undefined;
    for (const index of order) {
      const fact = facts[index % facts.length] as Fact;
      let attempt = firstAttempt(fact);
      let outcome: unknown;
      while (outcome === undefined) {
        const answer = send(single(attempt), item);
        item = answer.item;
        const next = answer.applied ? undefined : afterRefusal(attempt, item);
        if (next?.kind === 'attempt') attempt = next;
        else outcome = next ?? attempt.results[0];
      }
      expect({ fact, outcome }).toEqual({ fact, outcome: outcomeAfter(before, fact) });
      before.push(fact);
      if (before.length > 16) break;
    }
  }), { numRuns: 600 });
}, 300_000);
