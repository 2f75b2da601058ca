import type { FaultEvent } from '../../src';
import { faultQueue } from '../../src/service/fault-queue';
import { startFaultQueue, type FaultQueueServer } from '../../src/service/local/fault-queue-server';

const fault = (record: unknown): FaultEvent => ({
  id: 'f1', type: 'fault', timestamp: 1_700_000_000_000, partitionKey: 'k', tags: { pipeline: 'p', source: 'kinesis' },
  err: { name: 'Error', message: 'no' }, uow: { record: record as never, pipeline: 'p' },
});

describe('the queue of faults', () => {
  let queue: FaultQueueServer;
  const before = { ...process.env };

  beforeEach(async () => {
    queue = await startFaultQueue();
    Object.assign(process.env, {
      FAULT_QUEUE_URL: queue.queueUrl, AWS_ENDPOINT_URL_SQS: queue.endpoint, AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b',
    });
  });

  afterEach(async () => {
    process.env = { ...before };
    await queue.stop();
  });

  it('takes a fault with its record', async () => {
    await faultQueue().publishFault?.(fault({ data: 'x' }));
    expect(queue.messages.map((text) => JSON.parse(text))).toEqual([fault({ data: 'x' })]);
  });

  it('says where a record is that no message can hold', async () => {
    await faultQueue().publishFault?.(fault({ eventID: 'shardId-0:12', eventSourceARN: 'arn:s', kinesis: { sequenceNumber: '12', data: 'x'.repeat(1_100_000) } }));
    expect(queue.messages.map((text) => JSON.parse(text))).toEqual([{ ...fault(''), uow: { pipeline: 'p', record: { eventID: 'shardId-0:12', eventSourceARN: 'arn:s', sequenceNumber: '12' } } }]);
  });

  it('is not there without a queue: what cannot be handled is reported to Lambda', () => {
    delete process.env['FAULT_QUEUE_URL'];
    expect(faultQueue()).toEqual({});
  });
});
