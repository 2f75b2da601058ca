import { createHandler, fromKinesis, initializeFrom, materialize } from 'oplock-stream';

const pipelines = initializeFrom([{
  id: 'things',
  flavor: materialize,
  eventType: /^thing-/,
  toWrite: ({ event }) => ({ key: { pk: event.thing.id, sk: 'thing' }, set: { name: event.thing.name } }),
}]);

export const handler = createHandler({ source: fromKinesis, pipelines, tableName: 'things' });
