import { KinesisClient } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { cdc, createHandler, emf, fromDynamodb, initializeFrom } from 'oplock-stream';
import { kinesisPublisher } from 'oplock-stream/kinesis';
import { faultQueue } from './fault-queue';
import type { Seat } from './seats/seat';

/**
 * The stream of the seats table, as domain events into Kinesis. What a listener wrote (`latched`) is left out, a removed
 * seat is announced as deleted.
 */
const pipelines = initializeFrom([
  {
    id: 'seat-events',
    flavor: cdc,
    eventType: /^seat-/,
    source: 'seats',
    // HTTP/1.1: its connections outlive the time between two invocations, and local emulators speak it.
    publisher: kinesisPublisher({
      client: new KinesisClient({ maxAttempts: 3, requestHandler: new NodeHttpHandler({ connectionTimeout: 1000, requestTimeout: 5000, throwOnRequestTimeout: true }) }),
    }),
    toEvent: ({ event }) => {
      const { show, seat, price, status, customer } = (event.raw?.new ?? event.raw?.old) as unknown as Seat;
      return { seat: { show, seat, price, status, ...(customer !== undefined && { customer }) } };
    },
  },
]);

export const handler = createHandler({
  source: fromDynamodb,
  pipelines,
  metrics: emf({ namespace: process.env['METRICS_NAMESPACE'] ?? 'seats', service: 'trigger' }),
  ...faultQueue(),
});
