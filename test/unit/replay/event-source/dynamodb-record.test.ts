import { dynamodbStream } from '../../../../src/replay/event-source/dynamodb-stream';
import { toLambdaRecord } from '../../../../src/replay/event-source/dynamodb-record';

const arn = 'arn:aws:dynamodb:here:000000000000:table/t/stream/1';

describe('a record of DynamoDB Streams', () => {
  it('of an expired row is a REMOVE by the service, however the engine names it', () => {
    const facts = { eventSource: 'aws:dynamodb', awsRegion: 'here', eventSourceARN: arn, dynamodb: { ApproximateCreationDateTime: 1_700_000_000, Keys: { pk: { S: 'a' } }, SequenceNumber: '7' } };
    const dynamodb = { ApproximateCreationDateTime: new Date(1_700_000_000_999), Keys: { pk: { S: 'a' } }, SequenceNumber: '7' };
    const expired = { ...facts, eventName: 'REMOVE', userIdentity: { principalId: 'dynamodb.amazonaws.com', type: 'Service' } };
    expect(toLambdaRecord({ eventName: 'UNKNOWN_TO_SDK_VERSION', dynamodb }, arn, 'here')).toEqual(expired);
    expect(toLambdaRecord({ eventName: 'REMOVE', dynamodb, userIdentity: { PrincipalId: 'dynamodb.amazonaws.com', Type: 'Service' } }, arn, 'here')).toEqual(expired);
    expect(toLambdaRecord({ eventName: 'REMOVE', dynamodb }, arn, 'here')).toEqual({ ...facts, eventName: 'REMOVE' });
  });

  it('is JSON: bytes are base64 at any depth, numbers stay text, ids have no dashes', () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const image = { b: { B: bytes }, bs: { BS: [bytes] }, n: { N: '1E-130' }, l: { L: [{ M: { deep: { B: bytes } } }, { NULL: true }] } };
    const { eventID, dynamodb } = toLambdaRecord({ eventID: '7f0c-11', dynamodb: { NewImage: image, OldImage: image } }, arn, 'here');
    const expected = { b: { B: 'AQID' }, bs: { BS: ['AQID'] }, n: { N: '1E-130' }, l: { L: [{ M: { deep: { B: 'AQID' } } }, { NULL: true }] } };
    expect(eventID).toBe('7f0c11');
    expect([dynamodb?.NewImage, dynamodb?.OldImage]).toEqual([expected, expected]);
  });

  it('has the key of its item, in whatever order the engine names the attributes', () => {
    const source = dynamodbStream({ client: {} as Parameters<typeof dynamodbStream>[0]['client'], streamArn: arn });
    const keyOf = (Keys: Record<string, { S: string }>): string => source.facts({ dynamodb: { Keys } }).key;
    expect(keyOf({ pk: { S: 'a' }, sk: { S: 'b' } })).toBe(keyOf({ sk: { S: 'b' }, pk: { S: 'a' } }));
    expect(keyOf({ pk: { S: 'a' }, sk: { S: 'b' } })).not.toBe(keyOf({ pk: { S: 'b' }, sk: { S: 'a' } }));
  });
});
