import fc from 'fast-check';
import type { WriteRequest } from '../../src/oplock/write';
import { T } from '../unit/oplock/uow';

/** The attributes of each group, by its name. */
export type Groups = Readonly<Record<string, readonly string[]>>;

/** Names that a prototype has, that need escapes, and that look like others' placeholders. */
export const GROUPS = { profile: ['name', 'e.mail #:o0'], address: ['street', 'toString'], constructor: ['constructor', '😀'] };

/** What the toolkit calls the attributes that are in no group. */
export const REST = 'rest';
const REST_ATTRIBUTES = ['size', 'valueOf', 'a.b #:c'];

export const groupNames = (groups: Groups = {}): readonly string[] => [...Object.keys(groups), REST];

type State = Readonly<Record<string, unknown>>;

/** An event of one item: it deletes the item, or says everything of some groups, or of all. */
export interface Fact {
  readonly id: string;
  readonly key: number;
  readonly timestamp: number;
  readonly states: Readonly<Record<string, State>> | 'deleted';
}

export interface FactOptions {
  /** Default: none, and each event says everything of its item. */
  readonly groups?: Groups;
  /** How many items there may be. Default 2. */
  readonly keys?: number;
  /** How many events at most. Default 8. */
  readonly maxLength?: number;
  /** What ids begin with. Default: also such letters as UTF-16 orders otherwise than bytes, which dynalite gets wrong. */
  readonly prefixes?: readonly string[];
}

export const PREFIXES = ['', 'a', '\uffff', '😀'];

const value = fc.oneof(fc.nat(9), fc.constant(undefined), fc.constant('x'), fc.constant(null), fc.constant(new Set(['t'])), fc.constant({ x: [1] }));

const statesOf = (groups: Groups): fc.Arbitrary<Fact['states']> => {
  const attributes: Groups = { ...groups, [REST]: REST_ATTRIBUTES };
  const states = (names: readonly string[]) => fc.record(Object.fromEntries(names.map((name) =>
    [name, fc.record(Object.fromEntries((attributes[name] ?? []).map((attribute) => [attribute, value])))])));
  return fc.subarray(groupNames(groups).slice(), { minLength: 1 }).chain(states);
};

/**
 * Full, partial and delete events, and those that bring an item back. Few times, so that there are many ties. Ids are
 * unique, and their order has nothing to do with that of the events; but with groups a delete may be a twin of an update.
 */
export const facts = ({ groups, keys = 2, maxLength = 8, prefixes = PREFIXES }: FactOptions = {}): fc.Arbitrary<readonly Fact[]> => fc
  .array(fc.record({
    key: fc.nat(keys - 1),
    timestamp: fc.integer({ min: T, max: T + 4 }),
    states: fc.oneof({ weight: 4, arbitrary: statesOf(groups ?? {}) }, { weight: 1, arbitrary: fc.constant('deleted' as const) }),
    prefix: fc.constantFrom(...prefixes),
    twin: fc.constantFrom(false, groups !== undefined),
  }), { minLength: 1, maxLength })
  .map((list) => list.map(({ twin, prefix, ...fact }, i) => ({ twin, fact: { id: `${prefix}${(i * 7) % 10}-${i}`, ...fact } })))
  .map((list) => list.map(({ twin, fact }, i): Fact => {
    const before = list[i - 1]?.fact;
    // A tie of the user's own may be one for an update and a delete: then the delete wins.
    return twin && before && before.states !== 'deleted' && fact.states === 'deleted' ? { ...before, states: 'deleted' } : fact;
  }));

export const keyOf = ({ key }: Fact) => ({ pk: `item-${key}`, sk: 'thing' });

/** What an event asks for. */
export const requestOf = (fact: Fact): WriteRequest => fact.states === 'deleted'
  ? { key: keyOf(fact), tombstone: true }
  : { key: keyOf(fact), set: Object.assign({}, ...Object.values(fact.states)) as State };

/** Oldest first, by the definition of the order and nothing of the code. */
export const byAge = (a: Fact, b: Fact): number => a.timestamp - b.timestamp
  || Buffer.compare(Buffer.from(a.id), Buffer.from(b.id))
  || Number(a.states === 'deleted') - Number(b.states === 'deleted');
