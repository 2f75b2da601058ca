import fc from 'fast-check';
import type { OplockOptions, WriteRequest } from '../../../src/oplock/write';
import { planned } from '../../support/plans';
import { T, uowOf } from '../../unit/oplock/uow';

export const KEY = { pk: 'a', sk: 'thing' };
const NAMES = ['name', 'address', 'tags', 'toString', 'constructor', 'a.b #:c', '😀'];

/** A full-state event: every attribute is named, with `undefined` where the entity has none. */
export interface Fact {
  readonly id: string;
  readonly timestamp: number;
  readonly sequence: number;
  readonly state: readonly (readonly [string, unknown])[] | 'deleted';
}

const value = fc.oneof(fc.integer(), fc.string(), fc.constant(null), fc.constant(undefined), fc.constant(undefined), fc.array(fc.integer(), { maxLength: 2 }), fc.record({ x: fc.nat() }), fc.constant(new Set(['t'])));
const state = fc.tuple(...NAMES.map(() => value)).map((values) => NAMES.map((name, i) => [name, values[i]] as const));
const factsWith = (prefixes: readonly string[]) => fc
  .array(fc.record({
    prefix: fc.constantFrom(...prefixes),
    timestamp: fc.integer({ min: T, max: T + 3 }),
    state: fc.oneof({ weight: 3, arbitrary: state }, { weight: 1, arbitrary: fc.constant('deleted' as const) }),
  }), { minLength: 1, maxLength: 6 })
  // Ids are unique, and their order has nothing to do with that of the events.
  .map((list) => list.map(({ prefix, ...more }, i): Fact => ({ id: `${prefix}${(i * 7) % 10}`, sequence: (i * 5) % 7, ...more })));

/** Every event at least once and up to three times, in any order. */
export const deliveriesWith = (prefixes: readonly string[]) => factsWith(prefixes).chain((list) =>
  fc.tuple(...list.map(() => fc.integer({ min: 1, max: 3 }))).chain((times) => {
    const all = list.flatMap((fact, i) => Array.from({ length: times[i] ?? 1 }, () => fact));
    return fc.record({ list: fc.constant(list), delivered: fc.shuffledSubarray(all, { minLength: all.length }) });
  }));

const requestOf = ({ state: attributes }: Fact): WriteRequest =>
  attributes === 'deleted' ? { key: KEY, tombstone: true } : { key: KEY, set: Object.fromEntries(attributes) };

export const planOf = (fact: Fact, options: OplockOptions) =>
  planned(requestOf(fact), uowOf({ id: fact.id, timestamp: fact.timestamp }, { sequence: `003:10${fact.sequence}` }), options);

/** Newest last, by the definition of the order and nothing of the code. */
export const byAge = (options: OplockOptions) => (a: Fact, b: Fact): number =>
  (options.by === 'sequence' ? a.sequence - b.sequence : a.timestamp - b.timestamp) || Buffer.compare(Buffer.from(a.id), Buffer.from(b.id));
