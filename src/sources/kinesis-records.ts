import { gzipSync } from 'node:zlib';
import type { KinesisStreamEvent, KinesisStreamRecord } from 'aws-lambda';
import { own } from '../found';
import { encodeAggregate } from './kpl-encode';

export interface KinesisRecordsOptions {
  /** Default `us-east-1`. */
  readonly region?: string;
  /** Default `123456789012`. */
  readonly account?: string;
  /** Default `events`. */
  readonly streamName?: string;
  /** Number of the shard. Default 0. */
  readonly shard?: number;
  /** Sequence number of the first record, decimal. The default has 56 digits, as real ones have. */
  readonly startSequence?: string | bigint;
  /** When the records arrived, epoch ms. Default: each at its event's own `timestamp`. */
  readonly arrivedAt?: number;
  /** Gzips every payload as a whole. */
  readonly gzip?: boolean;
  /** Packs events into aggregates of the Kinesis Producer Library: all into one, or so many into each. */
  readonly aggregate?: true | number;
}

const START = 49590338271490256608559692538361571095921575989136588898n;
// What two neighbours in a real shard are roughly apart.
const STEP = 1208925819614629174706177n;
const FALLBACK_TIME = /* @__PURE__ */ Date.UTC(2024, 0, 1);

interface UserRecord {
  readonly partitionKey: string;
  readonly data: Buffer;
  readonly time: number;
}

/**
 * Events as Lambda delivers them from a Kinesis stream, for tests: sequence numbers that rise, shard ids, ARNs,
 * partition keys (`event.partitionKey`, else `event.id`) and arrival times. The same input gives the same records.
 * The events may be broken on purpose: whatever JSON can hold is sent.
 */
export const toKinesisRecords = (events: readonly unknown[], options: KinesisRecordsOptions = {}): KinesisStreamEvent => {
  const users = events.map((event, i) => userRecord(event, i, options));
  return { Records: pack(users, options.aggregate).map((one, i) => kinesisRecord(one, i, options)) };
};

const userRecord = (event: unknown, index: number, { gzip, arrivedAt }: KinesisRecordsOptions): UserRecord => {
  const json = Buffer.from(JSON.stringify(event) ?? '');
  const named = [own(event, 'partitionKey'), own(event, 'id')].find((key) => typeof key === 'string' && key !== '');
  const timestamp = own(event, 'timestamp');
  const time = arrivedAt ?? (typeof timestamp === 'number' && Number.isFinite(timestamp) ? timestamp : FALLBACK_TIME + index);
  return { partitionKey: (named as string | undefined) ?? String(index), data: gzip ? gzipSync(json) : json, time };
};

const pack = (users: readonly UserRecord[], aggregate: KinesisRecordsOptions['aggregate']): readonly UserRecord[] => {
  if (aggregate === undefined) return users;
  const size = Math.max(1, aggregate === true ? users.length : Math.floor(aggregate));
  const packed: UserRecord[] = [];
  for (let i = 0; i < users.length; i += size) {
    const group = users.slice(i, i + size);
    const [first] = group;
    if (first) packed.push({ ...first, data: encodeAggregate(group) });
  }
  return packed;
};

const kinesisRecord = ({ partitionKey, data, time }: UserRecord, index: number, options: KinesisRecordsOptions): KinesisStreamRecord => {
  const { region = 'us-east-1', account = '123456789012', streamName = 'events', shard = 0, startSequence = START } = options;
  const sequenceNumber = String(BigInt(startSequence) + BigInt(index) * STEP);
  return {
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey,
      sequenceNumber,
      data: data.toString('base64'),
      approximateArrivalTimestamp: Math.round(time) / 1000,
    },
    eventSource: 'aws:kinesis',
    eventVersion: '1.0',
    eventID: `shardId-${String(shard).padStart(12, '0')}:${sequenceNumber}`,
    eventName: 'aws:kinesis:record',
    invokeIdentityArn: `arn:aws:iam::${account}:role/lambda-kinesis-role`,
    awsRegion: region,
    eventSourceARN: `arn:aws:kinesis:${region}:${account}:stream/${streamName}`,
  };
};
