import type { KinesisStreamEvent, KinesisStreamRecord } from 'aws-lambda';
import { decodeBase64 } from '../base64';
import type { Event } from '../event';
import { describeFound, isObject, own } from '../found';
import type { Origin } from '../uow';
import { readChange } from './change';
import { toChangeEvent, type ChangeOptions } from './change-event';
import { createBudget, expand, type Budget } from './compression';
import { asRecordFault, contractViolation, InvalidRecordError, type RecordName } from './contract';
import type { Decoded, SourceDescriptor } from './decode';
import { kinesisOrigin, userRecordOrigin } from './kinesis-origin';
import { deaggregate, isAggregate } from './kpl';
import { parsePayload } from './payload';
import { UnreadablePayload } from './unreadable';
import { isForeign, recordsOf } from './wrong-event';

const EVENT_SOURCE = 'aws:kinesis';

/** The options of change events apply to what DynamoDB itself writes to a Kinesis stream. */
export interface KinesisOptions extends ChangeOptions {
  /** What one record may become when decompressed, in bytes. Default 16 MiB; beyond, it is a fault. */
  readonly maxDecompressedBytes?: number;
}

/**
 * Kinesis Data Streams: JSON events, as they are, gzipped, or with values compressed by aws-lambda-stream; one a
 * record, or many in an aggregate of the Kinesis Producer Library; and the changes that DynamoDB writes to Kinesis.
 * An event without `id` gets the record's `eventID`, followed by `:n` for the nth of an aggregate.
 * `tags.skip` leaves an event out.
 */
export const kinesisSource: SourceDescriptor<KinesisStreamEvent, KinesisStreamRecord, KinesisOptions> = {
  name: 'kinesis',
  records: (event) => recordsOf(event, EVENT_SOURCE),
  decode: (raw, options) => {
    const record = raw as KinesisStreamRecord; // what the caller gets to see; nothing here relies on it
    const origin = kinesisOrigin(raw);
    try {
      const bytes = dataOf(raw, origin);
      const budget = createBudget(options.maxDecompressedBytes);
      return isAggregate(bytes)
        ? decodeAggregate(record, origin, bytes, budget, options)
        : [decodeOne(record, origin, bytes, budget, options)];
    } catch (error) {
      return [faultOf(record, origin, error)];
    }
  },
};

const nameOf = ({ source, identifier, subSequence }: Origin): RecordName =>
  ({ source, record: subSequence > 0 ? `${identifier} (user record ${subSequence})` : identifier });

const faultOf = (record: KinesisStreamRecord, origin: Origin, error: unknown): Decoded<KinesisStreamRecord> => {
  const name = nameOf(origin);
  return {
    record,
    origin,
    error: error instanceof UnreadablePayload
      ? new InvalidRecordError(name, 'kinesis.data', error.found, error.expected)
      : asRecordFault(error, name),
  };
};

const dataOf = (record: unknown, origin: Origin): Buffer => {
  const name = nameOf(origin);
  const fail = (field: string, value: unknown, expected: string): never => {
    throw new InvalidRecordError(name, field, describeFound(value), expected);
  };
  if (!isObject(record)) return fail('record', record, 'a Kinesis record');
  if (isForeign(record, EVENT_SOURCE)) return fail('eventSource', own(record, 'eventSource') ?? own(record, 'EventSource'), EVENT_SOURCE);
  const kinesis = own(record, 'kinesis');
  if (!isObject(kinesis)) return fail('kinesis', kinesis, 'an object with data and sequenceNumber');
  if (origin.identifier === '') return fail('kinesis.sequenceNumber', own(kinesis, 'sequenceNumber'), 'the sequence number as text');
  const data = own(kinesis, 'data');
  if (typeof data !== 'string') return fail('kinesis.data', data, 'base64 text');
  const bytes = decodeBase64(data);
  if (!bytes) throw new InvalidRecordError(name, 'kinesis.data', `${data.length} characters that are not base64`, 'base64 of JSON');
  return bytes;
};

/** Each user record is a record of its own from here on, so that a fault carries one event and not its neighbours. */
const decodeAggregate = (
  outer: KinesisStreamRecord,
  origin: Origin,
  aggregate: Uint8Array,
  budget: Budget,
  options: KinesisOptions,
): readonly Decoded<KinesisStreamRecord>[] =>
  deaggregate(aggregate).map(({ partitionKey, data }, i) => {
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    const kinesis = { ...outer.kinesis, partitionKey: partitionKey ?? outer.kinesis.partitionKey, data: bytes.toString('base64') };
    const record = typeof outer.eventID === 'string' ? { ...outer, eventID: `${outer.eventID}:${i}`, kinesis } : { ...outer, kinesis };
    const sub = userRecordOrigin(origin, i, partitionKey ?? origin.key);
    if (partitionKey === undefined) return faultOf(record, sub, new UnreadablePayload('a user record without partition key', 'one in the table of the aggregate'));
    return decodeOne(record, sub, bytes, budget, options);
  });

const decodeOne = (
  record: KinesisStreamRecord,
  origin: Origin,
  bytes: Buffer,
  budget: Budget,
  options: KinesisOptions,
): Decoded<KinesisStreamRecord> => {
  try {
    const { value, simple } = parsePayload(bytes, budget);
    // A row that holds compressed text holds it as text: only events of aws-lambda-stream are expanded.
    if (isTableChange(value)) return decodeChange(record, origin, value, options);
    return decodeEvent(record, origin, simple ? value : expand(value, budget), options);
  } catch (error) {
    return faultOf(record, origin, error);
  }
};

const decodeEvent = (record: KinesisStreamRecord, origin: Origin, payload: unknown, options: KinesisOptions): Decoded<KinesisStreamRecord> => {
  const candidate = isObject(payload) && payload['id'] === undefined ? { id: own(record, 'eventID'), ...payload } : payload;
  const violation = contractViolation(candidate, nameOf(origin), options);
  if (violation) throw violation;
  const event = candidate as Event;
  const found = { record, origin: { ...origin, key: origin.key || keyOf(event) }, event };
  return own(event.tags, 'skip') ? { ...found, skip: 'tags.skip' } : found;
};

/** Kinesis always has a partition key; records built by hand may not, and must not all share one lane. */
const keyOf = ({ partitionKey, id }: Event): string => (typeof partitionKey === 'string' && partitionKey !== '' ? partitionKey : id);

/** What DynamoDB writes to Kinesis: a stream record without a sequence number, told apart by the name of its table. */
const isTableChange = (payload: unknown): boolean =>
  typeof own(payload, 'tableName') === 'string' && typeof own(payload, 'eventName') === 'string'
  && isObject(own(own(payload, 'dynamodb'), 'Keys'));

const decodeChange = (record: KinesisStreamRecord, origin: Origin, payload: unknown, options: KinesisOptions): Decoded<KinesisStreamRecord> => {
  const name = nameOf(origin);
  const change = readChange(payload, name);
  const { event, clock, key, skip } = toChangeEvent({ ...change, id: change.id ?? own(record, 'eventID') }, name, options);
  // Kinesis may carry the changes of one row out of order and more than once, so its sequence says nothing here.
  const { sequence: _, ...rest } = origin;
  const found = { record, origin: { ...rest, key, clock }, event };
  return skip === undefined ? found : { ...found, skip };
};
