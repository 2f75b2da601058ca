import { OplockStreamError } from '../errors';
import { describeFound, isObject, own, quote } from '../found';

/** The sources there are, by the `eventSource` of their records. */
const SOURCES: ReadonlyMap<string, string> = new Map([['aws:kinesis', 'fromKinesis'], ['aws:dynamodb', 'fromDynamodb']]);

const NAMES: ReadonlyMap<string, string> = new Map([
  ['aws:kinesis', 'a Kinesis'], ['aws:dynamodb', 'a DynamoDB Streams'], ['aws:sqs', 'an SQS'], ['aws:sns', 'an SNS'],
  ['aws:s3', 'an S3'], ['aws:ses', 'an SES'], ['aws:kafka', 'a Kafka'], ['SelfManagedKafka', 'a Kafka'],
]);

const eventSourceOf = (value: unknown): string | undefined => {
  const source = own(value, 'eventSource') ?? own(value, 'EventSource'); // SNS alone writes it with a capital
  return typeof source === 'string' ? source : undefined;
};

/** Whether a record says that it comes from somewhere else. One that does not say is judged by its content. */
export const isForeign = (record: unknown, eventSource: string): boolean => {
  const source = eventSourceOf(record);
  return source !== undefined && source !== eventSource;
};

const bySource = (eventSource: string): string => `${NAMES.get(eventSource) ?? `a ${quote(eventSource)}`} event`;

const looksLike = (event: unknown): { what: string; eventSource?: string } => {
  if (!isObject(event)) return { what: describeFound(event) };
  const records: unknown = own(event, 'Records');
  const eventSource = Array.isArray(records) ? eventSourceOf(records[0]) : eventSourceOf(event);
  if (eventSource !== undefined) return { what: bySource(eventSource), eventSource };
  if (records !== undefined) return { what: `an object whose Records is ${describeFound(records)}` };
  if (own(event, 'detail-type') !== undefined) return { what: 'an EventBridge event' };
  if (own(event, 'deliveryStreamArn') !== undefined) return { what: 'a Firehose transformation event' };
  if (own(event, 'awslogs') !== undefined) return { what: 'a CloudWatch Logs event' };
  if (own(event, 'requestContext') !== undefined) return { what: 'an API Gateway, function URL or load balancer event' };
  return { what: 'an object without Records' };
};

/**
 * The records of a Lambda event of the expected kind.
 *
 * @throws OplockStreamError `WRONG_EVENT` when the event is of another kind altogether: that is a mistake in the
 * configuration of the function, and setting records aside would hide it
 */
export const recordsOf = (event: unknown, eventSource: string): readonly unknown[] => {
  const records: unknown = own(event, 'Records');
  if (Array.isArray(records) && !(records.length > 0 && records.every((record) => isForeign(record, eventSource)))) return records;
  const self = SOURCES.get(eventSource) ?? eventSource;
  const found = looksLike(event);
  const fitting = found.eventSource === undefined ? undefined : SOURCES.get(found.eventSource);
  throw new OplockStreamError(
    'WRONG_EVENT',
    `${self} expects ${bySource(eventSource)} ({ Records: [...] }), but this is ${found.what}. `
      + (fitting ? `Use ${fitting} for it.` : 'oplock-stream has no source for it; check the event source mapping of the function.'),
    { details: { expected: eventSource, found: found.what } },
  );
};
