import fc from 'fast-check';
import type { Event } from '../../src/event';
import { materialize } from '../../src/flavors/materialize';
import { initializeFrom } from '../../src/pipelines/initialize';

/** The example domain of the engine tests: things that are created, updated and deleted, by full-state events. */
export interface ThingEvent extends Event {
  readonly thing: { readonly id: string; readonly name?: string; readonly size?: number };
}

const DAY = 86_400;
export const KEEP_DAYS = 400;
export const START = Date.UTC(2024, 0, 1); // in the past by any clock: events from the future are set aside

export const thingPipelines = () =>
  initializeFrom([
    {
      id: 'thing',
      flavor: materialize<ThingEvent>,
      eventType: /^thing-(created|updated)$/,
      toWrite: ({ event: { thing } }: { event: ThingEvent }) => {
        if (thing.name === 'poison') throw new TypeError('cannot map this thing');
        return { key: { pk: thing.id, sk: 'thing' }, set: { name: thing.name, size: thing.size } };
      },
    },
    {
      id: 'thing-deleted',
      flavor: materialize<ThingEvent>,
      eventType: 'thing-deleted',
      toWrite: ({ event: { thing } }: { event: ThingEvent }) => ({ key: { pk: thing.id, sk: 'thing' }, tombstone: { keepForDays: KEEP_DAYS } }),
    },
  ]);

const newer = (a: ThingEvent, b: ThingEvent): boolean =>
  a.timestamp !== b.timestamp ? a.timestamp > b.timestamp : Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)) > 0;

/** What the table must hold in the end: of each thing its newest event, whatever the order of arrival. */
export const expectedTable = (events: readonly ThingEvent[], now: number): Record<string, unknown>[] => {
  const newest = new Map<string, ThingEvent>();
  for (const event of events) {
    const known = newest.get(event.thing.id);
    if (!known || newer(event, known)) newest.set(event.thing.id, event);
  }
  return [...newest.values()].map(itemOf(now)).sort((a, b) => (String(a['pk']) < String(b['pk']) ? -1 : 1));
};

const itemOf = (now: number) => ({ id, type, timestamp, thing }: ThingEvent): Record<string, unknown> => ({
  pk: thing.id,
  sk: 'thing',
  timestamp,
  oplockTie: id,
  ...(type === 'thing-deleted'
    ? { deleted: true, ttl: Math.floor(Math.max(now, timestamp) / 1000) + KEEP_DAYS * DAY }
    : { ...(thing.name !== undefined && { name: thing.name }), ...(thing.size !== undefined && { size: thing.size }) }),
});

/** Histories with many ties, recreations and attributes that come and go. Ids are unique. */
export const histories = (keys: number, length: { minLength: number; maxLength: number }): fc.Arbitrary<ThingEvent[]> =>
  fc
    .array(
      fc.record({
        key: fc.integer({ min: 0, max: keys - 1 }),
        at: fc.integer({ min: 0, max: 30 }),
        type: fc.constantFrom('thing-created', 'thing-updated', 'thing-updated', 'thing-deleted'),
        name: fc.option(fc.string({ maxLength: 8 }), { nil: undefined }),
        size: fc.option(fc.integer(), { nil: undefined }),
        salt: fc.integer({ min: 0, max: 9 }),
      }),
      length,
    )
    .map((list) =>
      list.map(({ key, at, type, name, size, salt }, i): ThingEvent => ({
        id: `${salt}-${i}`,
        type,
        timestamp: START + at,
        partitionKey: `thing-${key}`,
        thing: { id: `thing-${key}`, ...(name !== undefined && name !== 'poison' && { name }), ...(size !== undefined && { size }) },
      })),
    );

/** A small generator of pseudo-random numbers (xorshift32), so that a failing run can be repeated. */
export const randomFrom = (seed: number) => {
  let state = seed | 1;
  return (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
};

export const shuffled = <T>(list: readonly T[], random: () => number): T[] => {
  const copy = [...list];
  for (let i = copy.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
  }
  return copy;
};
