import { own } from '../found';
import { sortableSequence } from '../oplock/sequence';
import type { Origin } from '../uow';

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Of `shardId-000000000000:4957…`. */
const shardIn = (eventId: string): string => {
  const end = eventId.startsWith('shardId-') ? eventId.indexOf(':') : -1;
  return end > 'shardId-'.length ? eventId.slice(0, end) : '';
};

/** What can be known of a Kinesis record before its payload is read, whatever is wrong with it. */
export const kinesisOrigin = (record: unknown): Origin => {
  const kinesis = own(record, 'kinesis');
  const identifier = text(own(kinesis, 'sequenceNumber'));
  const sequence = sortableSequence(identifier);
  return {
    source: 'kinesis',
    sourceScope: text(own(record, 'eventSourceARN')),
    shard: shardIn(text(own(record, 'eventID'))),
    identifier,
    subSequence: 0,
    key: text(own(kinesis, 'partitionKey')),
    clock: 'producer',
    ...(sequence !== undefined && { sequence }),
  };
};

/** The origin of the nth user record of an aggregate: checkpointed as the whole, ordered within it. */
export const userRecordOrigin = (origin: Origin, subSequence: number, partitionKey: string): Origin => ({
  ...origin,
  subSequence,
  key: partitionKey,
  ...(origin.sequence !== undefined && { sequence: `${origin.sequence}.${String(subSequence).padStart(7, '0')}` }),
});
