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
});
