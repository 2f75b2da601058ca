import { createHash } from 'node:crypto';
import type { DynamoDBRecord, DynamoDBStreamEvent, KinesisStreamEvent, StreamRecord } from 'aws-lambda';
import type { ChangeKind } from './change';
import { toKinesisRecords, type KinesisRecordsOptions } from './kinesis-records';
import { toAttributeMap } from './to-attribute-map';

type Item = Readonly<Record<string, unknown>>;

/** A change of a row, in plain values (Set, Uint8Array, bigint and NumberValue included). */
export interface TableChange {
  readonly keys: Item;
  /** The row after the change; the keys are added. Absent: deleted. */
  readonly newImage?: Item;
  /** The row before the change; the keys are added. Absent: created. */
  readonly oldImage?: Item;
  /** When it was written, epoch ms. Default: the newest image's own `timestamp`. The stream rounds it down to the second. */
  readonly timestamp?: number;
  /** Deleted because its time to live was over. */
  readonly ttlExpired?: boolean;
  /** Default: from the images that are there; without any, MODIFY (REMOVE when expired). */
  readonly eventName?: ChangeKind;
}

export interface DynamodbRecordsOptions {
  /** Default `us-east-1`. */
  readonly region?: string;
  /** Default `123456789012`. */
  readonly account?: string;
  /** Default `entities`. */
  readonly tableName?: string;
  /** Sequence number of the first record, decimal. */
  readonly startSequence?: string | bigint;
  /** What the stream carries; images beyond it are left out. Default NEW_AND_OLD_IMAGES. */
  readonly viewType?: NonNullable<StreamRecord['StreamViewType']>;
}

const START = 4421584500000000017450439091n;
const FALLBACK_TIME = /* @__PURE__ */ Date.UTC(2024, 0, 1);

/** Changes of rows as Lambda delivers them from DynamoDB Streams, for tests. The same input gives the same records. */
export const toDynamodbRecords = (changes: readonly TableChange[], options: DynamodbRecordsOptions = {}): DynamoDBStreamEvent =>
  ({ Records: changes.map((change, i) => dynamodbRecord(change, i, options)) });

const dynamodbRecord = (change: TableChange, index: number, options: DynamodbRecordsOptions): DynamoDBRecord => {
  const { region = 'us-east-1', account = '123456789012', tableName = 'entities', startSequence = START, viewType = 'NEW_AND_OLD_IMAGES' } = options;
  // Neighbours in the stream of a real table are a few hundred apart, not one.
  const sequence = String(BigInt(startSequence) + BigInt(index) * 317n);
  const { attributes, eventName } = parts(change, viewType);
  return {
    eventID: hexId(`${tableName}/${sequence}`),
    eventName,
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: region,
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(writtenAt(change, index) / 1000),
      ...attributes,
      SequenceNumber: sequence,
      SizeBytes: JSON.stringify(attributes).length,
      StreamViewType: viewType,
    },
    ...(change.ttlExpired && { userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' } }),
    eventSourceARN: `arn:aws:dynamodb:${region}:${account}:table/${tableName}/stream/2024-01-01T00:00:00.000`,
  };
};

export interface DynamodbKinesisRecordsOptions extends Omit<KinesisRecordsOptions, 'aggregate'> {
  /** Default `entities`. */
  readonly tableName?: string;
  /** Default MICROSECOND, as AWS has it for new destinations. */
  readonly precision?: 'MILLISECOND' | 'MICROSECOND';
}

/** The same changes as DynamoDB writes them to a Kinesis stream: both images, a finer time, no sequence number of its own. */
export const toDynamodbKinesisRecords = (changes: readonly TableChange[], options: DynamodbKinesisRecordsOptions = {}): KinesisStreamEvent => {
  const { tableName = 'entities', precision = 'MICROSECOND', region = 'us-east-1' } = options;
  const payloads = changes.map((change, i) => {
    const { attributes, eventName } = parts(change, 'NEW_AND_OLD_IMAGES');
    const time = writtenAt(change, i);
    const id = hexId(`${tableName}/${i}/${JSON.stringify(attributes)}`);
    return {
      awsRegion: region,
      eventID: [id.slice(0, 8), id.slice(8, 12), id.slice(12, 16), id.slice(16, 20), id.slice(20)].join('-'),
      eventName,
      userIdentity: change.ttlExpired ? { type: 'Service', principalId: 'dynamodb.amazonaws.com' } : null,
      recordFormat: 'application/json',
      tableName,
      dynamodb: {
        ApproximateCreationDateTime: precision === 'MICROSECOND' ? Math.round(time * 1000) : Math.round(time),
        ...attributes,
        SizeBytes: JSON.stringify(attributes).length,
        ApproximateCreationDateTimePrecision: precision,
      },
      eventSource: 'aws:dynamodb',
    };
  });
  return {
    Records: toKinesisRecords(payloads, options).Records.map((record, i) => ({
      ...record,
      kinesis: {
        ...record.kinesis,
        // DynamoDB derives the partition key from the row's key, so that one row stays in one shard.
        partitionKey: hexId(JSON.stringify(payloads[i]?.dynamodb.Keys)),
        approximateArrivalTimestamp: Math.round(options.arrivedAt ?? writtenAt(changes[i], i)) / 1000,
      },
    })),
  };
};

const parts = ({ keys, newImage, oldImage, ttlExpired, eventName }: TableChange, viewType: DynamodbRecordsOptions['viewType']): {
  attributes: Pick<StreamRecord, 'Keys' | 'NewImage' | 'OldImage'>;
  eventName: ChangeKind;
} => {
  const derived = newImage ? (oldImage ? 'MODIFY' : 'INSERT') : oldImage || ttlExpired ? 'REMOVE' : 'MODIFY';
  const withNew = viewType === 'NEW_IMAGE' || viewType === 'NEW_AND_OLD_IMAGES';
  const withOld = viewType === 'OLD_IMAGE' || viewType === 'NEW_AND_OLD_IMAGES';
  return {
    eventName: eventName ?? derived,
    attributes: {
      Keys: toAttributeMap(keys),
      ...(withNew && newImage && { NewImage: toAttributeMap({ ...newImage, ...keys }) }),
      ...(withOld && oldImage && { OldImage: toAttributeMap({ ...oldImage, ...keys }) }),
    },
  };
};

const writtenAt = (change: TableChange | undefined, index: number): number => {
  const time = change?.timestamp ?? change?.newImage?.['timestamp'] ?? change?.oldImage?.['timestamp'];
  return typeof time === 'number' && Number.isFinite(time) ? time : FALLBACK_TIME + index * 1000;
};

const hexId = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);
