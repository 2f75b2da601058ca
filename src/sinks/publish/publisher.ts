import type { Event } from '../../event';

/** What became of one event: `undefined` when it is stored for good, else why not. */
export type Published = undefined | { readonly error: unknown };

/**
 * Puts events on a stream or a bus: one request for all of them. Resolves to what became of each, in their order;
 * rejects when the request as a whole failed. `kinesisPublisher` makes one.
 */
export interface EventPublisher {
  (events: readonly Event[], options: { readonly signal: AbortSignal }): Promise<readonly Published[]>;
  /** Most events of one request. */
  readonly maxEvents: number;
  /** Most bytes of one request; `bytesOf` tells what an event counts. */
  readonly maxBytes: number;
  /** Most bytes of one event. Default: `maxBytes`. */
  readonly maxEventBytes?: number;
  bytesOf(event: Event): number;
  /** Events with the same text keep their order. Default: the event's `partitionKey`, else its `id`. */
  keyOf?(event: Event): string;
}

/** What decides the order of events, and in Kinesis the shard: the partition key, else the id. */
export const publishKey = ({ partitionKey, id }: Event): string => (typeof partitionKey === 'string' && partitionKey !== '' ? partitionKey : id);
