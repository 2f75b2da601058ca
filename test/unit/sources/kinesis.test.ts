import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { KinesisStreamRecord } from 'aws-lambda';
import type { Decoded } from '../../../src/sources/decode';
import { kinesisSource, type KinesisOptions } from '../../../src/sources/kinesis';
import { toKinesisRecords } from '../../../src/sources/kinesis-records';

const decode = (record: unknown, options: KinesisOptions = {}): readonly Decoded[] => kinesisSource.decode(record, options);

const one = (record: unknown, options?: KinesisOptions): Decoded => {
  const all = decode(record, options);
  expect(all).toHaveLength(1);
  return all[0] as Decoded;
};

const faultOf = (record: unknown, options?: KinesisOptions): { message: string; field: unknown; found: unknown } => {
  const decoded = one(record, options);
  if (!('error' in decoded)) throw new Error('it was decoded');
  expect(decoded.error.code).toBe('INVALID_RECORD');
  return { message: decoded.error.message, field: decoded.error.details['field'], found: decoded.error.details['found'] };
};

// As AWS documents it, with a payload that is an event.
const event = { id: 'e1', type: 'thing-created', timestamp: 1731924555370, partitionKey: 'thing-7', thing: { id: 'thing-7', name: 'Zoë' } };
const documented = (data: unknown = Buffer.from(JSON.stringify(event)).toString('base64')): Record<string, unknown> => ({
  kinesis: {
    kinesisSchemaVersion: '1.0',
    partitionKey: '1',
    sequenceNumber: '49590338271490256608559692538361571095921575989136588898',
    data,
    approximateArrivalTimestamp: 1545084650.987,
  },
  eventSource: 'aws:kinesis',
  eventVersion: '1.0',
  eventID: 'shardId-000000000006:49590338271490256608559692538361571095921575989136588898',
  eventName: 'aws:kinesis:record',
  invokeIdentityArn: 'arn:aws:iam::123456789012:role/lambda-role',
  awsRegion: 'us-east-2',
  eventSourceARN: 'arn:aws:kinesis:us-east-2:123456789012:stream/lambda-stream',
});
const withPayload = (payload: unknown): Record<string, unknown> => documented(Buffer.from(JSON.stringify(payload)).toString('base64'));
const withKinesis = (change: object): Record<string, unknown> => ({ ...documented(), kinesis: { ...(documented()['kinesis'] as object), ...change } });

describe('a Kinesis record', () => {
  it('yields its event and where it is from', async () => {
    expect(one(documented())).toEqual({
      record: documented(),
      event,
      origin: {
        source: 'kinesis',
        sourceScope: 'arn:aws:kinesis:us-east-2:123456789012:stream/lambda-stream',
        shard: 'shardId-000000000006',
        identifier: '49590338271490256608559692538361571095921575989136588898',
        subSequence: 0,
        key: '1',
        clock: 'producer',
        sequence: '056:49590338271490256608559692538361571095921575989136588898',
      },
    });
  });

  it('without an id in the event gets the eventID', async () => {
    const { id: _, ...rest } = event;
    expect(one(withPayload(rest))).toMatchObject({ event: { ...rest, id: documented()['eventID'] } });
  });

  it('may be gzipped, or hold values compressed by aws-lambda-stream', async () => {
    const gzipped = documented(gzipSync(JSON.stringify(event)).toString('base64'));
    const compressed = withPayload({ ...event, thing: `COMPRESSED${gzipSync(JSON.stringify(event.thing)).toString('base64')}` });
    const note = { ...event, note: 'COMPRESSED air' };
    expect(one(gzipped)).toMatchObject({ event });
    expect(one(compressed)).toMatchObject({ event });
    expect(one(withPayload(note))).toMatchObject({ event: note });
  });

  it('with a skip tag is left out', async () => {
    expect(one(withPayload({ ...event, tags: { skip: true } }))).toMatchObject({ skip: 'tags.skip', event: { id: 'e1' } });
    expect(one(withPayload({ ...event, tags: { skip: false } }))).not.toHaveProperty('skip');
    expect(one(withPayload({ ...event, tags: null }))).not.toHaveProperty('skip');
  });

  it('may carry hostile names, which stay what they are', async () => {
    const json = '{"id":"e1","type":"t","timestamp":1731924555370,"__proto__":{"polluted":true},"constructor":{"prototype":{}},"a#b:c.d":1}';
    const decoded = one({ ...withKinesis({ data: Buffer.from(json).toString('base64'), partitionKey: '__proto__' }) });
    if (!('event' in decoded)) throw new Error('it is a fault');
    expect(decoded.origin.key).toBe('__proto__');
    expect(Object.keys(decoded.event)).toEqual(['id', 'type', 'timestamp', '__proto__', 'constructor', 'a#b:c.d']);
    expect(Object.getPrototypeOf(decoded.event)).toBe(Object.prototype);
    const noId = one(documented(Buffer.from(json.replace('"id":"e1",', '')).toString('base64')));
    expect('event' in noId && Object.getPrototypeOf(noId.event)).toBe(Object.prototype);
    expect('event' in noId && Object.keys(noId.event)).toContain('__proto__');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('built by hand without partition key is ordered by what the event says', async () => {
    expect((one(withKinesis({ partitionKey: undefined }))).origin.key).toBe('thing-7');
  });
});

describe('a bad Kinesis record', () => {
  it.each<[string, unknown, string, RegExp]>([
    ['null', null, 'record', /null/],
    ['text', 'x', 'record', /the string/],
    ['empty', {}, 'kinesis', /missing/],
    ['of another source', { ...documented(), eventSource: 'aws:sqs' }, 'eventSource', /"aws:sqs"/],
    ['without data', withKinesis({ data: undefined }), 'kinesis.data', /missing/],
    ['with bytes for data', withKinesis({ data: Buffer.from('x') }), 'kinesis.data', /binary/],
    ['without sequence number', withKinesis({ sequenceNumber: undefined }), 'kinesis.sequenceNumber', /missing/],
    ['with garbage for base64', withKinesis({ data: '{"plain":"json"}' }), 'kinesis.data', /16 characters that are not base64/],
    ['with URL-safe base64', withKinesis({ data: 'ab-_' }), 'kinesis.data', /not base64/],
    ['with base64 cut off', withKinesis({ data: 'eyJpZCI6' + 'ey' }), 'kinesis.data', /10 characters that are not base64/],
    ['with text', withKinesis({ data: Buffer.from('hello').toString('base64') }), 'kinesis.data', /5 characters that are not JSON/],
    ['with a megabyte that is not JSON', withKinesis({ data: Buffer.alloc(786_432, 'x').toString('base64') }), 'kinesis.data', /786432 characters/],
    ['with a list', withPayload([event]), 'event', /an array/],
    ['with null', withPayload(null), 'event', /null/],
    ['with a null id', withPayload({ ...event, id: null }), 'id', /null/],
    ['with seconds', withPayload({ ...event, timestamp: 1731924555 }), 'timestamp', /seconds/],
    ['with NaN, which JSON writes as null', withPayload({ ...event, timestamp: NaN }), 'timestamp', /null/],
    ['without type', withPayload({ ...event, type: undefined }), 'type', /missing/],
    ['with a bomb', documented(gzipSync(Buffer.alloc(32 * 1024 * 1024, 0x20)).toString('base64')), 'kinesis.data', /more than 16777216 bytes/],
  ])('%s is a fault that names it', async (_, record, field, found) => {
    const fault = faultOf(record);
    expect(fault.field).toBe(field);
    expect(fault.found).toMatch(found);
    expect(fault.message).toContain(`field ${field}`);
  });

  it('keeps what is known of it, for the report to Lambda', async () => {
    const { origin, record } = one(withKinesis({ data: 'garbage' }));
    expect(origin).toMatchObject({ identifier: '49590338271490256608559692538361571095921575989136588898', key: '1', shard: 'shardId-000000000006' });
    expect(record).toEqual(withKinesis({ data: 'garbage' }));
    expect((one(null)).origin).toMatchObject({ source: 'kinesis', identifier: '', key: '', sourceScope: '', shard: '' });
  });

  it('names the record', async () => {
    expect((faultOf(withKinesis({ data: '' }))).message)
      .toMatch(/^kinesis record 49590338271490256608559692538361571095921575989136588898, field kinesis.data: found no data/);
  });

  it('never shows its payload', async () => {
    const secret = 'top-secret-4711';
    for (const payload of [`{"id":"${secret}`, `${secret}${secret}`, JSON.stringify({ secret }), JSON.stringify([secret])]) {
      const decoded = one(documented(Buffer.from(payload).toString('base64')));
      const { error } = decoded as { error: Error };
      expect(`${error.message}${error.stack ?? ''}${JSON.stringify(error)}${String(error.cause)}`).not.toContain('secret-4711');
    }
  });

  it('obeys the options', async () => {
    const old = { ...event, timestamp: Date.UTC(1980, 0, 1) };
    expect(faultOf(withPayload(old))).toMatchObject({ field: 'timestamp' });
    expect(one(withPayload(old), { minTimestamp: 0 })).toMatchObject({ event: old });
    const gzipped = documented(gzipSync(JSON.stringify(event)).toString('base64'));
    expect(faultOf(gzipped, { maxDecompressedBytes: 20 })).toMatchObject({ field: 'kinesis.data', found: 'more than 20 bytes once decompressed' });
  });
});

describe('an aggregate of the Kinesis Producer Library', () => {
  const events = ['10', '2', '__proto__', 'b', '10'].map((partitionKey, i) => ({ ...event, id: `e${i}`, partitionKey }));
  const [aggregate] = toKinesisRecords(events, { aggregate: true }).Records as [KinesisStreamRecord];
  const eventID = aggregate.eventID;

  it('yields its events in order, each with its own key', async () => {
    const decoded = decode(aggregate);
    expect(decoded.map((d) => 'event' in d && d.event)).toEqual(events);
    expect(decoded.map((d) => d.origin.key)).toEqual(['10', '2', '__proto__', 'b', '10']);
    expect(decoded.map((d) => d.origin.subSequence)).toEqual([0, 1, 2, 3, 4]);
    expect(new Set(decoded.map((d) => d.origin.identifier))).toEqual(new Set([aggregate.kinesis.sequenceNumber]));
  });

  it('yields sequences that sort as the events do, before the next record', async () => {
    const many = toKinesisRecords(Array.from({ length: 130 }, (_, i) => ({ ...event, id: `e${i}` })), { aggregate: 120 }).Records;
    const sequences = many.flatMap((record) => decode(record)).map((d) => d.origin.sequence);
    expect(sequences).toHaveLength(130);
    expect([...sequences].sort()).toEqual(sequences);
    expect(new Set(sequences).size).toBe(130);
  });

  it('yields records of their own, which decode to the same event alone', async () => {
    const nameless = toKinesisRecords(events.map(({ id: _, ...rest }) => rest), { aggregate: true }).Records[0];
    const decoded = decode(nameless);
    expect(decoded.map((d) => 'event' in d && d.event.id)).toEqual([0, 1, 2, 3, 4].map((n) => `${eventID}:${n}`));
    for (const { record, ...rest } of decoded) {
      expect(one(record)).toMatchObject({ event: (rest as { event: object }).event, origin: { shard: 'shardId-000000000000', key: rest.origin.key } });
    }
  });

  it('with one bad event among them keeps the others', async () => {
    const decoded = decode(toKinesisRecords([events[0], { bad: true }, events[1]], { aggregate: true }).Records[0]);
    expect(decoded.map((d) => ('error' in d ? d.error.details['field'] : d.event.id))).toEqual(['e0', 'type', 'e1']);
    expect(decoded.map((d) => 'error' in d && d.error.message)[1]).toContain(`${aggregate.kinesis.sequenceNumber} (user record 1)`);
  });

  it('may hold gzipped events, within one bound for all', async () => {
    const record = toKinesisRecords(events, { aggregate: true, gzip: true }).Records[0];
    expect(decode(record).map((d) => 'event' in d && d.event)).toEqual(events);
    const size = JSON.stringify(events[0]).length;
    const bounded = decode(record, { maxDecompressedBytes: size * 2.5 });
    expect(bounded.map((d) => 'error' in d)).toEqual([false, false, true, true, true]);
  });

  it('that is corrupt is one fault', async () => {
    const bytes = Buffer.from(aggregate.kinesis.data, 'base64');
    for (let i = 4; i < bytes.length; i += 13) {
      const corrupt = Buffer.from(bytes);
      corrupt[i] = (corrupt[i] ?? 0) ^ 0x55;
      expect(faultOf(withKinesis({ data: corrupt.toString('base64') }))).toMatchObject({ field: 'kinesis.data', found: 'a corrupt KPL aggregate' });
    }
    for (const length of [4, 5, 19, 20, 40, bytes.length - 1]) {
      const fault = faultOf(withKinesis({ data: bytes.subarray(0, length).toString('base64') }));
      expect(fault.found).toMatch(/KPL aggregate/);
    }
  });

  it('of as many events as fit into a mebibyte is read; one of countless empty records is one fault', async () => {
    const tiny = Array.from({ length: 15_000 }, (_, i) => ({ id: String(i), type: 't', timestamp: 1731924555370, partitionKey: 'k' }));
    expect(decode(toKinesisRecords(tiny, { aggregate: true }).Records[0])).toHaveLength(15_000);
    // partition_key_table ["k"], then records of partition_key_index 0 and no data
    const message = Buffer.concat([Buffer.from('0a016b', 'hex'), ...Array.from({ length: 300_000 }, () => Buffer.from('1a0408001a00', 'hex'))]);
    const data = Buffer.concat([Buffer.from('f3899ac2', 'hex'), message, createHash('md5').update(message).digest()]).toString('base64');
    expect(faultOf(withKinesis({ data }))).toMatchObject({ found: 'a KPL aggregate of more than 20000 records' });
  });

  it('that is empty, or points outside its table, is a fault', async () => {
    const sealed = (message: Buffer): string =>
      Buffer.concat([Buffer.from('f3899ac2', 'hex'), message, createHash('md5').update(message).digest()]).toString('base64');
    expect(faultOf(withKinesis({ data: sealed(Buffer.alloc(0)) }))).toMatchObject({ found: 'a KPL aggregate without records' });
    // partition_key_table ["k"], one record: partition_key_index 5, data "x"
    expect(faultOf(withKinesis({ data: sealed(Buffer.from('0a016b1a0508051a0178', 'hex')) }))).toMatchObject({ found: 'a user record without partition key' });
    // its number and its bytes in each other's place; and a table of keys that is a number
    for (const message of ['0a016b1a050a01781801', '0800']) {
      expect(faultOf(withKinesis({ data: sealed(Buffer.from(message, 'hex')) }))).toMatchObject({ found: 'a corrupt KPL aggregate' });
    }
    // what is not known is passed over: fields 2 and 9 of the message, 2 of the record
    const known = Buffer.from(JSON.stringify(event));
    const record = Buffer.concat([Buffer.from('08001000', 'hex'), Buffer.from([0x1a, known.length & 0x7f | 0x80, known.length >> 7]), known]);
    const message = Buffer.concat([Buffer.from('0a016b12017849', 'hex'), Buffer.alloc(8), Buffer.from([0x1a, record.length & 0x7f | 0x80, record.length >> 7]), record]);
    expect(one(withKinesis({ data: sealed(message) }))).toMatchObject({ event, origin: { key: 'k' } });
  });
});

describe('the changes that DynamoDB writes to Kinesis', () => {
  // The shape in which AWS delivers them.
  const change = (dynamodb: object, more: object = {}): Record<string, unknown> => withPayload({
    awsRegion: 'eu-west-1',
    eventID: 'd9428888-122b-11e1-b85c-61cd3cbb3210',
    eventName: 'MODIFY',
    userIdentity: null,
    recordFormat: 'application/json',
    tableName: 'things',
    dynamodb: {
      ApproximateCreationDateTime: 1731924555370,
      Keys: { pk: { S: 'thing-7' }, sk: { S: 'thing' } },
      NewImage: { pk: { S: 'thing-7' }, sk: { S: 'thing' }, name: { S: 'COMPRESSED' }, big: { N: '9007199254740993' } },
      OldImage: { pk: { S: 'thing-7' }, sk: { S: 'thing' } },
      SizeBytes: 60,
      ...dynamodb,
    },
    eventSource: 'aws:dynamodb',
    ...more,
  });

  it('become the change events that fromDynamodb makes, without a sequence', async () => {
    const decoded = one(change({}));
    expect(decoded).toMatchObject({
      event: {
        id: 'd9428888-122b-11e1-b85c-61cd3cbb3210',
        type: 'thing-updated',
        partitionKey: 'thing-7',
        timestamp: 1731924555370,
        tags: { region: 'eu-west-1' },
        raw: { new: { name: 'COMPRESSED', big: 9007199254740993n }, old: { pk: 'thing-7' } },
      },
      origin: { source: 'kinesis', clock: 'stream-ms', key: 'thing-7', sourceScope: documented()['eventSourceARN'] },
    });
    expect(decoded.origin).not.toHaveProperty('sequence');
  });

  it.each([
    ['milliseconds by magnitude', { ApproximateCreationDateTime: 1731924555370 }, 1731924555370],
    ['microseconds by magnitude', { ApproximateCreationDateTime: 1731924555370123 }, 1731924555370.123],
    ['milliseconds as stated', { ApproximateCreationDateTime: 1731924555370, ApproximateCreationDateTimePrecision: 'MILLISECOND' }, 1731924555370],
    ['microseconds as stated', { ApproximateCreationDateTime: 1731924555370123, ApproximateCreationDateTimePrecision: 'MICROSECOND' }, 1731924555370.123],
  ])('take their time in %s', async (_, dynamodb, timestamp) => {
    expect(one(change(dynamodb))).toMatchObject({ event: { timestamp }, origin: { clock: 'stream-ms' } });
  });

  it('take the time of the row when it has one', async () => {
    const row = { Keys: { pk: { N: '1.0' } }, NewImage: { timestamp: { N: '1731924000001' } }, OldImage: undefined };
    expect(one(change(row))).toMatchObject({ event: { timestamp: 1731924000001, partitionKey: '1' }, origin: { clock: 'row', key: '1' } });
  });

  it('that contradict their stated precision are faults', async () => {
    const contradiction = change({ ApproximateCreationDateTime: 1731924555370, ApproximateCreationDateTimePrecision: 'MICROSECOND' });
    expect(faultOf(contradiction)).toMatchObject({ field: 'dynamodb.ApproximateCreationDateTime' });
  });

  it('keep text that looks compressed: it is the row that says so', async () => {
    const text = `COMPRESSED${gzipSync('{"a":1}').toString('base64')}`;
    expect(one(change({ NewImage: { text: { S: text } } }))).toMatchObject({ event: { raw: { new: { text } } } });
  });

  it('obey the options of change events', async () => {
    expect(one(change({}), { eventTypePrefix: 'row' })).toMatchObject({ event: { type: 'row-updated' } });
    const expired = change({ NewImage: undefined }, { eventName: 'REMOVE', userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' } });
    expect(one(expired, { ignoreTtlExpiredEvents: true })).toMatchObject({ skip: expect.any(String), event: { type: 'thing-deleted' } });
  });

  it('are not confused with events that have a dynamodb of their own', async () => {
    const own = { ...event, dynamodb: { table: 'x' }, eventName: 'INSERT' };
    expect(one(withPayload(own))).toMatchObject({ event: own, origin: { clock: 'producer' } });
  });

  it('that are broken are faults', async () => {
    expect(faultOf(change({ NewImage: { a: { X: '1' } } }))).toMatchObject({ field: 'dynamodb.NewImage.a' });
    expect(faultOf(change({}, { eventName: 'TRUNCATE' }))).toMatchObject({ field: 'eventName' });
  });
});
