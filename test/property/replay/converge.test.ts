import fc from 'fast-check';
import { materialize, type Rule } from '../../../src';
import { converge } from '../../../src/replay';
import { describeLocal } from '../../support/engines';
import { expectedTable, histories, START, thingPipelines, type ThingEvent } from '../../support/things';

const NOW = START + 1000;

/** Full-state events and deletes, recreations and ties: the toolkit's promise, and what `converge` must not call a mistake. */
const holds = async (numRuns: number, options: object): Promise<void> => {
  await fc.assert(
    fc.asyncProperty(histories(3, { minLength: 1, maxLength: 8 }), fc.integer(), async (events, seed) => {
      const report = await converge({ pipelines: thingPipelines(), events, now: NOW, seed, ...options });
      expect(report.failure).toBeUndefined();
      expect(report.rows).toEqual(expectedTable(events, NOW));
    }),
    { numRuns },
  );
};

describe('converge', () => {
  it('agrees with the model of what the toolkit promises, whatever the history', () => holds(20, { runs: 50 }), 120_000);

  /** What is not in an event stays as it was. */
  const partial = [
    {
      id: 'thing', flavor: materialize, eventType: /^thing-(created|updated)$/,
      toWrite: ({ event: { thing: { id, ...set } } }: { event: ThingEvent }) => ({ key: { pk: id, sk: 'thing' }, set }),
    },
    { id: 'deleted', flavor: materialize, eventType: 'thing-deleted', toWrite: ({ event: { thing } }: { event: ThingEvent }) => ({ key: { pk: thing.id, sk: 'thing' }, tombstone: true }) },
  ] as unknown as readonly Rule[];

  const inGroups = partial.map((rule) => ({ ...rule, groups: { name: ['name'], size: ['size'] } }));

  const precedes = (a: ThingEvent, b: ThingEvent): boolean => a.timestamp < b.timestamp || (a.timestamp === b.timestamp && a.id < b.id);
  const isLost = (a: ThingEvent, b: ThingEvent): boolean =>
    a.thing.id === b.thing.id && precedes(a, b) && [a, b].every(({ type }) => type !== 'thing-deleted') && Object.keys(a.thing).some((name) => !(name in b.thing));

  /** Chance makes both kinds, and these see to it. */
  const update = (id: string, at: number, thing: Omit<ThingEvent['thing'], 'id'>): ThingEvent =>
    ({ id, type: 'thing-updated', timestamp: START + at, partitionKey: 'thing-0', thing: { id: 'thing-0', ...thing } });
  const mistake = [update('a', 1, { name: 'n' }), update('b', 2, { size: 1 })];
  const none = [update('a', 1, { name: 'n' }), update('b', 2, { name: 'm' })];

  it('finds partial updates where there are some, in two events, and nowhere else; groups cure them', async () => {
    await fc.assert(
      fc.asyncProperty(histories(2, { minLength: 1, maxLength: 6 }), async (events) => {
        const mistaken = events.some((a) => events.some((b) => isLost(a, b)));
        const { failure } = await converge({ rules: partial, events, now: NOW, runs: 100 });
        if (mistaken) expect((await converge({ rules: inGroups, events, now: NOW, runs: 20 })).failure).toBeUndefined();
        expect(failure !== undefined).toBe(mistaken);
        if (!failure) return;
        expect(failure.explanation.cause).toBe('partial-updates');
        expect(failure.history).toMatchObject({ sizes: [], troubles: [] });
        const [later, earlier] = [...failure.explanation.events].reverse().map((id) => events.find((event) => event.id === id));
        expect(failure.history.order).toHaveLength(2);
        expect(isLost(earlier as ThingEvent, later as ThingEvent)).toBe(true);
        expect(failure.explanation.attributes).toEqual(Object.keys((earlier as ThingEvent).thing).filter((name) => !(name in (later as ThingEvent).thing)));
      }),
      { numRuns: 60, examples: [[mistake], [none]] },
    );
  }, 120_000);
});

describeLocal('converge', (engine) => {
  it('agrees with the model there, too', () => holds(3, { runs: 10, engine: engine() }), 60_000);
});
