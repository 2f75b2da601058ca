import { isOplockStreamError, type OplockStreamError } from '../../../src/errors';
import { toDynamodbRecords } from '../../../src/sources/dynamodb-records';
import { toKinesisRecords } from '../../../src/sources/kinesis-records';
import { recordsOf } from '../../../src/sources/wrong-event';

const kinesis = toKinesisRecords([{ id: '1' }, { id: '2' }]);
const dynamodb = toDynamodbRecords([{ keys: { pk: '1' }, newImage: {} }]);
const sqs = { Records: [{ messageId: 'm', body: '{}', eventSource: 'aws:sqs', eventSourceARN: 'arn:aws:sqs:us-east-1:123456789012:q' }] };
const sns = { Records: [{ EventVersion: '1.0', EventSource: 'aws:sns', Sns: { Message: '{}' } }] };
const s3 = { Records: [{ eventVersion: '2.1', eventSource: 'aws:s3', s3: { bucket: {}, object: {} } }] };
const bus = { version: '0', id: 'x', 'detail-type': 'thing', source: 'app', detail: {} };
const http = { version: '2.0', routeKey: '$default', requestContext: { http: { method: 'GET' } } };
const kafka = { eventSource: 'aws:kafka', records: { 'topic-0': [] } };
const firehose = { invocationId: 'i', deliveryStreamArn: 'arn', records: [] };
const logs = { awslogs: { data: 'H4sI' } };

const refusal = (event: unknown, eventSource: string): OplockStreamError => {
  try {
    recordsOf(event, eventSource);
  } catch (error) {
    if (isOplockStreamError(error)) return error;
    throw error;
  }
  throw new Error('it was accepted');
};

describe('records of a Lambda event', () => {
  it('are those of the right kind', () => {
    expect(recordsOf(kinesis, 'aws:kinesis')).toBe(kinesis.Records);
    expect(recordsOf(dynamodb, 'aws:dynamodb')).toBe(dynamodb.Records);
    expect(recordsOf({ Records: [] }, 'aws:kinesis')).toEqual([]);
  });

  it('include what is not a record, and a stray one of another source: these are faults of their own', () => {
    const mixed = [null, ...sqs.Records, ...kinesis.Records];
    expect(recordsOf({ Records: mixed }, 'aws:kinesis')).toHaveLength(4);
    expect(recordsOf({ Records: [null] }, 'aws:kinesis')).toEqual([null]);
    expect(recordsOf({ Records: [{}, 'x', 3] }, 'aws:dynamodb')).toHaveLength(3);
  });

  it.each<[string, unknown, RegExp]>([
    ['SQS', sqs, /this is an SQS event.*no source for it/],
    ['SNS', sns, /this is an SNS event.*no source for it/],
    ['S3', s3, /this is an S3 event.*no source/],
    ['EventBridge', bus, /an EventBridge event.*no source/],
    ['API Gateway', http, /API Gateway.*no source/],
    ['Kafka', kafka, /a Kafka event/],
    ['Firehose', firehose, /a Firehose/],
    ['CloudWatch Logs', logs, /a CloudWatch Logs event/],
    ['another AWS service', { Records: [{ eventSource: 'aws:new' }] }, /a "aws:new" event/],
    ['null', null, /this is null/],
    ['undefined', undefined, /this is nothing/],
    ['a string', '{"Records":[]}', /this is the string/],
    ['a number', 7, /this is the number 7/],
    ['an array', kinesis.Records, /this is an array/],
    ['an empty object', {}, /an object without Records/],
    ['Records that is none', { Records: { 0: {} } }, /whose Records is an object/],
    ['inherited Records', Object.create({ Records: [] }), /an object without Records/],
  ])('%s is a wrong event for both sources', (_, event, message) => {
    for (const eventSource of ['aws:kinesis', 'aws:dynamodb']) {
      const error = refusal(event, eventSource);
      expect(error.code).toBe('WRONG_EVENT');
      expect(error.message).toMatch(message);
    }
  });

  it('points from one source to the other', () => {
    expect(refusal(dynamodb, 'aws:kinesis').message).toMatch(/^fromKinesis expects a Kinesis event .*this is a DynamoDB Streams event\. Use fromDynamodb/);
    expect(refusal(kinesis, 'aws:dynamodb').message).toMatch(/^fromDynamodb expects .*this is a Kinesis event\. Use fromKinesis/);
  });
});
