import type { StreamEvent } from '../../src/replay/fixture/read';

/** One invocation with these payloads, each a record of its own, in the order of their sequence numbers. */
export const kinesisInvocation = (payloads: readonly unknown[], from = 1): StreamEvent => ({
  Records: payloads.map((payload, at) => {
    const sequenceNumber = String(49_668n * 10n ** 51n + BigInt(from + at));
    return {
      kinesis: {
        kinesisSchemaVersion: '1.0', partitionKey: 'k', sequenceNumber, approximateArrivalTimestamp: 1_772_366_400,
        data: Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)).toString('base64'),
      },
      eventSource: 'aws:kinesis', eventVersion: '1.0', eventID: `shardId-000000000000:${sequenceNumber}`, eventName: 'aws:kinesis:record',
      invokeIdentityArn: 'arn:aws:iam::123456789012:role/test', awsRegion: 'eu-west-1',
      eventSourceARN: 'arn:aws:kinesis:eu-west-1:123456789012:stream/test',
    };
  }),
});
