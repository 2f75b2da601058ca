import type { Event } from '../../../src/event';
import type { Origin, Uow } from '../../../src/uow';

export const NOW = 1_790_000_000_000;
export const T = 1_780_000_000_000;

/** A unit of work as a source makes it. */
export const uowOf = (event: Partial<Event> = {}, origin: Partial<Origin> = {}): Uow => ({
  record: {},
  event: { id: 'event-1', type: 'thing-updated', timestamp: T, ...event },
  origin: {
    source: 'kinesis',
    sourceScope: 'arn:aws:kinesis:us-east-1:123456789012:stream/things',
    shard: 'shardId-000000000000',
    identifier: '49590338271490256608559692538361571095921575989136588898',
    subSequence: 0,
    key: 'a',
    clock: 'producer',
    sequence: '056:49590338271490256608559692538361571095921575989136588898',
    ...origin,
  },
});

/** What a function throws. */
export const thrownBy = (act: () => unknown): { code?: string; message: string; details?: Record<string, unknown> } => {
  try {
    act();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
};
