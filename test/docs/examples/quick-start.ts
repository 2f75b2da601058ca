import { createHandler, emf, fromKinesis, initializeFrom, materialize, type Event } from '../../../src';

interface ThingEvent extends Event {
  readonly thing: { readonly id: string; readonly name?: string; readonly price?: number };
}

const pipelines = initializeFrom([
  {
    id: 'thing',
    flavor: materialize<ThingEvent>,
    eventType: /^thing-(created|updated)$/,
    toWrite: ({ event: { thing } }) => ({
      key: { pk: thing.id, sk: 'thing' },
      set: { name: thing.name, price: thing.price },
    }),
  },
  {
    id: 'thing-deleted',
    flavor: materialize<ThingEvent>,
    eventType: 'thing-deleted',
    toWrite: ({ event: { thing } }) => ({
      key: { pk: thing.id, sk: 'thing' },
      tombstone: { keepForDays: 400 }, // longer than any event can be late
    }),
  },
]);

export const handler = createHandler({
  source: fromKinesis,
  pipelines,
  metrics: emf({ namespace: 'things' }),
});
