import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { describeFound, own } from '../found';
import { sortableSequence } from '../oplock/sequence';
import type { Origin } from '../uow';
import { readChange } from './change';
import { partitionKeyOf, toChangeEvent, type ChangeOptions } from './change-event';
import { asRecordFault, InvalidRecordError, type RecordName } from './contract';
import type { Decoded, SourceDescriptor } from './decode';
import { isForeign, recordsOf } from './wrong-event';

const EVENT_SOURCE = 'aws:dynamodb';

export type DynamodbOptions = ChangeOptions;

/**
 * DynamoDB Streams, all four view types. A change becomes `{ id, type: '<prefix>-created|updated|deleted|undeleted',
 * partitionKey, timestamp, tags: { region, ttlExpired? }, raw: { new?, old? } }`; `origin.clock` says where the
 * timestamp is from.
 */
export const dynamodbSource: SourceDescriptor<DynamoDBStreamEvent, DynamoDBRecord, DynamodbOptions> = {
  name: 'dynamodb',
  records: (event) => recordsOf(event, EVENT_SOURCE),
  decode: (record, options) => [decode(record, options)],
};

const decode = (raw: unknown, options: DynamodbOptions): Decoded<DynamoDBRecord> => {
  const record = raw as DynamoDBRecord; // what the caller gets to see; nothing here relies on it
  const origin = originOf(raw, options);
  const name: RecordName = { source: origin.source, record: origin.identifier };
  try {
    if (isForeign(raw, EVENT_SOURCE)) throw new InvalidRecordError(name, 'eventSource', describeFound(own(raw, 'eventSource')), EVENT_SOURCE);
    const change = readChange(raw, name);
    if (origin.identifier === '') {
      throw new InvalidRecordError(name, 'dynamodb.SequenceNumber', describeFound(own(own(raw, 'dynamodb'), 'SequenceNumber')), 'the sequence number as text');
    }
    const { event, clock, key, skip } = toChangeEvent(change, name, options);
    const found = { record, origin: { ...origin, key, clock }, event };
    return skip === undefined ? found : { ...found, skip };
  } catch (error) {
    return { record, origin, error: asRecordFault(error, name) };
  }
};

const originOf = (record: unknown, options: DynamodbOptions): Origin => {
  const dynamodb = own(record, 'dynamodb');
  const sourceScope = own(record, 'eventSourceARN');
  const number = own(dynamodb, 'SequenceNumber');
  const identifier = typeof number === 'string' ? number : '';
  const sequence = sortableSequence(identifier);
  return {
    source: 'dynamodb',
    sourceScope: typeof sourceScope === 'string' ? sourceScope : '',
    shard: '', // Lambda does not tell
    identifier,
    subSequence: 0,
    key: partitionKeyOf(own(dynamodb, 'Keys'), options) ?? '',
    clock: 'stream-second',
    ...(sequence !== undefined && { sequence, tie: sequence }),
  };
};
