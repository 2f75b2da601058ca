import fc from 'fast-check';
import type { Item } from '../../../src/oplock/condition/evaluate';
import { layoutOf, type GroupLayout } from '../../../src/oplock/groups/layout';
import type { OplockOptions, WriteRequest } from '../../../src/oplock/write';
import type { DroppedGroup } from '../../../src/outcome';
import { T } from '../../unit/oplock/uow';

/** Names that a prototype has, that need escapes, and that look like others' placeholders. */
export const GROUPS = { profile: ['name', 'e.mail #:o0'], address: ['street', 'toString'], constructor: ['constructor', '😀'] };
const REST = ['size', 'valueOf'];

export const OPTIONS = { groups: GROUPS } satisfies OplockOptions;
export const LAYOUT = layoutOf(OPTIONS) as GroupLayout;

const ATTRIBUTES: Readonly<Record<string, readonly string[]>> = { ...GROUPS, rest: REST };
const GROUP_NAMES = Object.keys(ATTRIBUTES);

type State = Readonly<Record<string, unknown>>;

/** An event of one item: it deletes the item, or says everything of some groups. */
export interface GroupFact {
  readonly id: string;
  readonly key: number;
  readonly timestamp: number;
  readonly states: Readonly<Record<string, State>> | 'deleted';
}

const value = fc.oneof(fc.nat(9), fc.constant(undefined), fc.constant('x'), fc.constant(new Set(['t'])));
const stateOf = (names: readonly string[]) => fc.tuple(...names.map(() => value)).map((values) => Object.fromEntries(names.map((name, i) => [name, values[i]])));
const states = fc.subarray(GROUP_NAMES, { minLength: 1 }).chain((names) =>
  fc.tuple(...names.map((name) => stateOf(ATTRIBUTES[name] ?? []))).map((all) => Object.fromEntries(names.map((name, i) => [name, all[i] ?? {}]))));

/** Few times, so that there are many ties; ids are unique (but for twins), and their order has nothing to do with that of the events. */
export const groupFacts = (keys: number, maxLength: number) => fc
  .array(fc.record({
    key: fc.nat(keys - 1),
    timestamp: fc.integer({ min: T, max: T + 4 }),
    states: fc.oneof({ weight: 4, arbitrary: states }, { weight: 1, arbitrary: fc.constant('deleted' as const) }),
    twin: fc.boolean(),
  }), { minLength: 1, maxLength })
  .map((list) => list.map(({ twin, ...more }, i) => ({ twin, fact: { id: `${(i * 7) % 10}-${i}`, ...more } })))
  .map((list) => list.map(({ twin, fact }, i): GroupFact => {
    const before = list[i - 1]?.fact;
    // A tie of the user's own may be one for an update and a delete: then the delete wins.
    return twin && before && before.states !== 'deleted' && fact.states === 'deleted' ? { ...before, states: 'deleted' } : fact;
  }));

export const keyOf = ({ key }: GroupFact) => ({ pk: `item-${key}`, sk: 'thing' });

export const requestOf = (fact: GroupFact): WriteRequest => fact.states === 'deleted'
  ? { key: keyOf(fact), tombstone: true }
  : { key: keyOf(fact), set: Object.assign({}, ...Object.values(fact.states)) as State };

/** Newest last, by the definition of the order and nothing of the code. */
const byAge = (a: GroupFact, b: GroupFact): number => a.timestamp - b.timestamp || Buffer.compare(Buffer.from(a.id), Buffer.from(b.id));

const newestOf = (facts: readonly GroupFact[]): GroupFact | undefined => [...facts].sort(byAge).at(-1);

export const newestDelete = (facts: readonly GroupFact[]): GroupFact | undefined => newestOf(facts.filter(({ states: one }) => one === 'deleted'));

export const newestOfGroup = (name: string, facts: readonly GroupFact[]): GroupFact | undefined =>
  newestOf(facts.filter(({ states: one }) => one !== 'deleted' && Object.hasOwn(one, name)));

/** The outcome of the next event of an item, from those that came before. */
export const outcomeAfter = (before: readonly GroupFact[], fact: GroupFact): unknown => {
  const behind = (newer: GroupFact) => ({ behindMs: newer.timestamp - fact.timestamp });
  const deleted = newestDelete(before);
  if (deleted?.id === fact.id) return { kind: 'duplicate' };
  if (deleted && byAge(deleted, fact) > 0) return { kind: 'tombstoned', ...behind(deleted) };
  const dropped: Record<string, DroppedGroup> = {};
  const names = fact.states === 'deleted' ? GROUP_NAMES : Object.keys(fact.states);
  for (const name of names) {
    const stored = newestOfGroup(name, before);
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

/** What the table must hold of one item in the end: of each group its newest event, unless a newer delete took it. */
export const itemAfter = (facts: readonly GroupFact[], ttl: number): Item | undefined => {
  const [first] = facts;
  if (!first) return undefined;
  const deleted = newestDelete(facts);
  const item: Record<string, unknown> = keyOf(first);
  const stamp = (suffix: string, { timestamp, id }: GroupFact): void => {
    item[`timestamp${suffix}`] = timestamp;
    item[`oplockTie${suffix}`] = id;
  };
  if (deleted) {
    stamp('_deleted', deleted);
    stamp('', deleted);
  }
  let alive = false;
  for (const name of GROUP_NAMES) {
    const newest = newestOfGroup(name, facts);
    if (!newest || newest.states === 'deleted' || (deleted && byAge(newest, deleted) <= 0)) continue;
    alive = true;
    stamp(name === 'rest' ? '' : `_${name}`, newest);
    for (const [attribute, one] of Object.entries(newest.states[name] ?? {})) if (one !== undefined) item[attribute] = one;
  }
  return alive ? item : { ...item, deleted: true, ttl };
};
