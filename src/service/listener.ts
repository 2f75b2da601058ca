import { createHandler, emf, fromKinesis, initializeFrom, materialize } from 'oplock-stream';
import { faultQueue } from './fault-queue';
import type { SeatEvent } from './seats/seat-event';

/** Another service's view of the seats: what the box office shows. Late and repeated events are dropped and counted. */
const pipelines = initializeFrom([
  {
    id: 'box-office',
    flavor: materialize<SeatEvent>,
    eventType: /^seat-(created|updated|deleted|undeleted)$/,
    toWrite: ({ event: { type, seat } }) => {
      const key = { pk: seat.show, sk: seat.seat };
      if (type === 'seat-deleted') return { key, tombstone: true };
      return { key, set: { price: seat.price, status: seat.status, customer: seat.customer } };
    },
  },
]);

export const handler = createHandler({
  source: fromKinesis,
  pipelines,
  ...(process.env['VIEW_TABLE_NAME'] !== undefined && { tableName: process.env['VIEW_TABLE_NAME'] }),
  metrics: emf({ namespace: process.env['METRICS_NAMESPACE'] ?? 'seats', service: 'listener' }),
  ...faultQueue(),
});
