import type { DynamoDBRecord } from 'aws-lambda';

type Attributes = Readonly<Record<string, unknown>>;

/** A record as the API of DynamoDB Streams gives it. */
export interface ApiRecord {
  readonly eventID?: string | undefined;
  readonly eventName?: string | undefined;
  readonly eventVersion?: string | undefined;
  readonly eventSource?: string | undefined;
  readonly awsRegion?: string | undefined;
  readonly dynamodb?: {
    readonly ApproximateCreationDateTime?: Date | undefined;
    readonly Keys?: Attributes | undefined;
    readonly NewImage?: Attributes | undefined;
    readonly OldImage?: Attributes | undefined;
    readonly SequenceNumber?: string | undefined;
    readonly SizeBytes?: number | undefined;
    readonly StreamViewType?: string | undefined;
  } | undefined;
  readonly userIdentity?: { readonly PrincipalId?: string | undefined; readonly Type?: string | undefined } | undefined;
}

/**
 * The record as Lambda gives it to a function: JSON, with base64 for binary and whole seconds. What DynamoDB Local 3
 * calls the delete of an expired row becomes what AWS says: REMOVE, by the service. Its event ids lose their dashes.
 */
export const toLambdaRecord = (record: ApiRecord, arn: string, region: string): DynamoDBRecord => {
  const { dynamodb = {}, userIdentity } = record;
  const expired = record.eventName === 'UNKNOWN_TO_SDK_VERSION';
  const identity = expired
    ? { principalId: 'dynamodb.amazonaws.com', type: 'Service' }
    : userIdentity && { principalId: userIdentity.PrincipalId, type: userIdentity.Type };
  return JSON.parse(JSON.stringify({
    eventID: record.eventID?.replaceAll('-', ''),
    eventName: expired ? 'REMOVE' : record.eventName,
    eventVersion: record.eventVersion,
    eventSource: 'aws:dynamodb',
    awsRegion: region,
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(Number(dynamodb.ApproximateCreationDateTime ?? 0) / 1000),
      Keys: attributes(dynamodb.Keys),
      NewImage: attributes(dynamodb.NewImage),
      OldImage: attributes(dynamodb.OldImage),
      SequenceNumber: dynamodb.SequenceNumber,
      SizeBytes: dynamodb.SizeBytes,
      StreamViewType: dynamodb.StreamViewType,
    },
    ...(identity ? { userIdentity: identity } : {}),
    eventSourceARN: arn,
  })) as DynamoDBRecord;
};

const attributes = (map: Attributes | undefined): unknown =>
  map && Object.fromEntries(Object.entries(map).map(([name, value]) => [name, withoutBytes(value)]));

const withoutBytes = (value: unknown): unknown => {
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  if (Array.isArray(value)) return value.map(withoutBytes);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withoutBytes(one)]));
};
