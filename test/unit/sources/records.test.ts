import { aggregate, deaggregateSync } from 'aws-kinesis-agg';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { gunzipSync } from 'node:zlib';
import { isOplockStreamError } from '../../../src/errors';
import { toDynamodbKinesisRecords, toDynamodbRecords, type TableChange } from '../../../src/sources/dynamodb-records';
import { toKinesisRecords } from '../../../src/sources/kinesis-records';
import { kinesisSource } from '../../../src/sources/kinesis';

const events = [
  { id: 'e1', type: 'thing-created', timestamp: 1731924555370, partitionKey: 'thing-7' },
  { id: 'e2', type: 'thing-updated', timestamp: 1731924555371 },
];

describe('toKinesisRecords', () => {
  it('makes records like those of AWS', () => {
    const [first, second] = toKinesisRecords(events).Records;
    expect(first?.kinesis.sequenceNumber).toMatch(/^\d{56}$/);
    expect(BigInt(second?.kinesis.sequenceNumber ?? 0)).toBeGreaterThan(BigInt(first?.kinesis.sequenceNumber ?? 0));
    expect(first?.eventID).toBe(`shardId-000000000000:${first?.kinesis.sequenceNumber}`);
    expect([first, second].map((r) => r?.kinesis.partitionKey)).toEqual(['thing-7', 'e2']);
    expect(first?.kinesis.approximateArrivalTimestamp).toBe(1731924555.37);
    expect(first?.eventSourceARN).toMatch(/^arn:aws:kinesis:us-east-1:\d{12}:stream\/events$/);
    expect(JSON.parse(Buffer.from(first?.kinesis.data ?? '', 'base64').toString())).toEqual(events[0]);
  });

  it('obeys its options, and repeats itself', () => {
    const options = { region: 'eu-west-1', account: '999999999999', streamName: 's', shard: 7, startSequence: '100', arrivedAt: 1700000000123, gzip: true };
    const { Records } = toKinesisRecords(events, options);
    expect(toKinesisRecords(events, options)).toEqual({ Records });
    expect(Records[0]).toMatchObject({
      eventID: 'shardId-000000000007:100', awsRegion: 'eu-west-1', eventSourceARN: 'arn:aws:kinesis:eu-west-1:999999999999:stream/s',
      invokeIdentityArn: 'arn:aws:iam::999999999999:role/lambda-kinesis-role', kinesis: { sequenceNumber: '100', approximateArrivalTimestamp: 1700000000.123 },
    });
    expect(JSON.parse(gunzipSync(Buffer.from(Records[0]?.kinesis.data ?? '', 'base64')).toString())).toEqual(events[0]);
  });

  it('sends broken events too', () => {
    expect(toKinesisRecords([]).Records).toEqual([]);
    expect(toKinesisRecords([], { aggregate: true }).Records).toEqual([]);
    const data = toKinesisRecords([null, 'x', { id: 7 }, undefined]).Records.map((r) => [Buffer.from(r.kinesis.data, 'base64').toString(), r.kinesis.partitionKey]);
    expect(data).toEqual([['null', '0'], ['"x"', '1'], ['{"id":7}', '2'], ['', '3']]);
  });

  it('aggregates byte for byte as the library of AWS does', async () => {
    const users = Array.from({ length: 150 }, (_, i) => ({ id: `e${i}`, partitionKey: `key-${i % 140}`, text: 'é'.repeat(i) }));
    const theirs = await new Promise<Buffer>((resolve, reject) => {
      aggregate(
        users.map((user) => ({ partitionKey: user.partitionKey, data: Buffer.from(JSON.stringify(user)) })),
        (record, done) => { resolve(record.data); done(); },
        () => {},
        reject,
      );
    });
    const { Records } = toKinesisRecords(users, { aggregate: true });
    expect(Records).toHaveLength(1);
    expect(Records[0]?.kinesis.data).toBe(theirs.toString('base64'));
    const decoded = await kinesisSource.decode({ ...Records[0], kinesis: { ...Records[0]?.kinesis, data: theirs.toString('base64') } }, {});
    expect(decoded.map(({ origin }) => origin.key)).toEqual(users.map((user) => user.partitionKey));
  });

  it('aggregates so many into each, and keeps keys that are digits in their places', () => {
    const users = ['10', '2', '1'].map((partitionKey) => ({ id: partitionKey, partitionKey }));
    const { Records } = toKinesisRecords(users, { aggregate: 2 });
    expect(Records).toHaveLength(2);
    const keys = Records.flatMap(({ kinesis }) => {
      let found: string[] = [];
      deaggregateSync(kinesis, true, (error: unknown, records) => {
        if (error) throw error;
        found = (records ?? []).map((record) => `${record.partitionKey}=${String(JSON.parse(Buffer.from(record.data, 'base64').toString()).id)}`);
      });
      return found;
    });
    expect(keys).toEqual(['10=10', '2=2', '1=1']);
    expect(toKinesisRecords(users, { aggregate: 0 }).Records).toHaveLength(3);
  });
});

const change: TableChange = {
  keys: { pk: 'thing-7', sk: 'thing' },
  oldImage: { name: 'a', timestamp: 1731924555120 },
  newImage: { name: 'b', timestamp: 1731924555370, gone: undefined },
};

describe('toDynamodbRecords', () => {
  it('makes records like those of AWS', () => {
    const [first, second] = toDynamodbRecords([change, change]).Records;
    expect(first).toMatchObject({
      eventName: 'MODIFY', eventVersion: '1.1', eventSource: 'aws:dynamodb', awsRegion: 'us-east-1',
      dynamodb: {
        ApproximateCreationDateTime: 1731924555,
        Keys: { pk: { S: 'thing-7' }, sk: { S: 'thing' } },
        OldImage: { pk: { S: 'thing-7' }, sk: { S: 'thing' }, name: { S: 'a' }, timestamp: { N: '1731924555120' } },
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
    });
    expect(first?.dynamodb?.NewImage).toEqual({ pk: { S: 'thing-7' }, sk: { S: 'thing' }, name: { S: 'b' }, timestamp: { N: '1731924555370' } });
    expect(first?.eventID).toMatch(/^[0-9a-f]{32}$/);
    expect(second?.eventID).not.toBe(first?.eventID);
    expect(BigInt(second?.dynamodb?.SequenceNumber ?? 0)).toBeGreaterThan(BigInt(first?.dynamodb?.SequenceNumber ?? 0));
    expect(first?.dynamodb?.SizeBytes).toBeGreaterThan(0);
    expect(first?.eventSourceARN).toMatch(/^arn:aws:dynamodb:us-east-1:\d{12}:table\/entities\/stream\/\d{4}-/);
    expect(first).not.toHaveProperty('userIdentity');
    expect(toDynamodbRecords([change, change]).Records).toEqual([first, second]);
  });

  it('derives what happened from the images', () => {
    const { oldImage, newImage, keys } = change as Required<TableChange>;
    const names = toDynamodbRecords([{ keys, newImage }, { keys, oldImage }, { keys }, { keys, ttlExpired: true }, { keys, eventName: 'INSERT' }]).Records;
    expect(names.map((record) => record.eventName)).toEqual(['INSERT', 'REMOVE', 'MODIFY', 'REMOVE', 'INSERT']);
    expect(names[3]?.userIdentity).toEqual({ type: 'Service', principalId: 'dynamodb.amazonaws.com' });
  });

  it('writes every type as Lambda delivers it, and as the SDK reads it', () => {
    const item = { n: 1.5, big: 2n ** 80n, list: [1, 'x', null, undefined], map: { deep: { ok: true } }, set: new Set(['a']), numbers: new Set([1, 2n ** 60n]) };
    const keys = { pk: 7, sk: new Uint8Array([0, 1, 255]) };
    const [record] = toDynamodbRecords([{ keys, newImage: { ...item, bytes: Buffer.from([1]), blobs: new Set([new Uint8Array([2])]) } }]).Records;
    expect(record?.dynamodb?.Keys).toEqual({ pk: { N: '7' }, sk: { B: 'AAH/' } });
    const { pk, sk, bytes, blobs, numbers, ...rest } = record?.dynamodb?.NewImage ?? {};
    expect({ pk, sk, bytes, blobs, numbers }).toEqual({ pk: { N: '7' }, sk: { B: 'AAH/' }, bytes: { B: 'AQ==' }, blobs: { BS: ['Ag=='] }, numbers: { NS: ['1', '1152921504606846976'] } });
    expect(unmarshall(rest as Parameters<typeof unmarshall>[0])).toEqual({ ...item, list: [1, 'x', null], numbers: undefined });
  });

  it.each<[string, unknown]>([
    ['NaN', NaN], ['Infinity', Infinity], ['a number beyond its range', 1e200], ['a function', () => 1], ['a symbol', Symbol('x')], ['an empty set', new Set()], ['a mixed set', new Set([1, 'x'])],
  ])('refuses %s, which DynamoDB cannot hold', (_, value) => {
    let error: unknown;
    try {
      toDynamodbRecords([{ keys: { pk: '1' }, newImage: { value } }]);
    } catch (caught) {
      error = caught;
    }
    expect(isOplockStreamError(error) && error.code).toBe('UNSUPPORTED_VALUE');
  });
});

describe('toDynamodbKinesisRecords', () => {
  it('wraps changes as DynamoDB writes them to Kinesis', async () => {
    const { Records } = toDynamodbKinesisRecords([change, { ...change, timestamp: 1731924555370.123 }], { precision: 'MILLISECOND' });
    const payload = JSON.parse(Buffer.from(Records[0]?.kinesis.data ?? '', 'base64').toString()) as Record<string, Record<string, unknown>>;
    expect(payload).toMatchObject({ tableName: 'entities', eventName: 'MODIFY', recordFormat: 'application/json', userIdentity: null });
    expect(payload['dynamodb']).toMatchObject({ ApproximateCreationDateTime: 1731924555370, ApproximateCreationDateTimePrecision: 'MILLISECOND' });
    expect(payload['dynamodb']).not.toHaveProperty('SequenceNumber');
    expect(payload['eventID']).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(Records[0]?.kinesis.partitionKey).toBe(Records[1]?.kinesis.partitionKey);
    const micro = toDynamodbKinesisRecords([{ keys: { pk: '1' }, timestamp: 1731924555370.123 }]).Records[0];
    expect(await kinesisSource.decode(micro, {})).toMatchObject([{ event: { timestamp: 1731924555370.123 }, origin: { clock: 'stream-ms', key: '1' } }]);
  });
});
