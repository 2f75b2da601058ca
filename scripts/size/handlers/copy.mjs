import { createHandler, fromDynamodb, initializeFrom, materialize } from 'oplock-stream';

const pipelines = initializeFrom([{
  id: 'things',
  flavor: materialize,
  eventType: /^thing-/,
  toWrite: ({ event }) => ({ key: { pk: event.raw.new.pk, sk: 'copy' }, set: { name: event.raw.new.name } }),
}]);

export const handler = createHandler({ source: fromDynamodb, pipelines, tableName: 'copies' });
