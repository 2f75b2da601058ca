import type { DynamoDBRecord } from 'aws-lambda';
import type { Decoded } from '../../../src/sources/decode';
import { dynamodbSource, type DynamodbOptions } from '../../../src/sources/dynamodb';
import { toDynamodbRecords, type DynamodbRecordsOptions, type TableChange } from '../../../src/sources/dynamodb-records';

const one = (record: unknown, options: DynamodbOptions = {}): Decoded => {
  const decoded = dynamodbSource.decode(record, options);
  if (!Array.isArray(decoded)) throw new Error('a promise');
  expect(decoded).toHaveLength(1);
  return (decoded as Decoded[])[0] as Decoded;
};

const eventOf = (record: unknown, options?: DynamodbOptions): Record<string, unknown> => {
  const decoded = one(record, options);
  if ('error' in decoded) throw decoded.error;
  return { ...decoded.event, clock: decoded.origin.clock };
};

const faultOf = (record: unknown, options?: DynamodbOptions): Record<string, unknown> => {
  const decoded = one(record, options);
  if (!('error' in decoded)) throw new Error('it was decoded');
  expect(decoded.error.code).toBe('INVALID_RECORD');
  expect(decoded.error.message).toContain(`field ${String(decoded.error.details['field'])}: found ${String(decoded.error.details['found'])}`);
  return { ...decoded.error.details };
};

const build = (change: TableChange, options?: DynamodbRecordsOptions): DynamoDBRecord => toDynamodbRecords([change], options).Records[0] as DynamoDBRecord;

// As AWS documents it: the stream's time is in whole seconds.
const documented = (dynamodb: object = {}, more: object = {}): Record<string, unknown> => ({
  eventID: 'c4ca4238a0b923820dcc509a6f75849b',
  eventName: 'MODIFY',
  eventVersion: '1.1',
  eventSource: 'aws:dynamodb',
  awsRegion: 'us-east-1',
  dynamodb: {
    ApproximateCreationDateTime: 1731924555,
    Keys: { pk: { S: 'thing-7' }, sk: { S: 'thing' } },
    NewImage: { pk: { S: 'thing-7' }, sk: { S: 'thing' }, discriminator: { S: 'Thing' }, name: { S: 'new' }, timestamp: { N: '1731924555370' } },
    OldImage: { pk: { S: 'thing-7' }, sk: { S: 'thing' }, discriminator: { S: 'Thing' }, name: { S: 'old' }, timestamp: { N: '1731924555120' } },
    SequenceNumber: '4421584500000000017450439091',
    SizeBytes: 59,
    StreamViewType: 'NEW_AND_OLD_IMAGES',
    ...dynamodb,
  },
  eventSourceARN: 'arn:aws:dynamodb:us-east-1:123456789012:table/things/stream/2024-01-01T00:00:00.000',
  ...more,
});

describe('a DynamoDB record', () => {
  it('yields a change event and where it is from', () => {
    expect(one(documented())).toEqual({
      record: documented(),
      event: {
        id: 'c4ca4238a0b923820dcc509a6f75849b',
        type: 'thing-updated',
        partitionKey: 'thing-7',
        timestamp: 1731924555370,
        tags: { region: 'us-east-1' },
        raw: {
          new: { pk: 'thing-7', sk: 'thing', discriminator: 'Thing', name: 'new', timestamp: 1731924555370 },
          old: { pk: 'thing-7', sk: 'thing', discriminator: 'Thing', name: 'old', timestamp: 1731924555120 },
        },
      },
      origin: expect.objectContaining({
        source: 'dynamodb',
        sourceScope: 'arn:aws:dynamodb:us-east-1:123456789012:table/things/stream/2024-01-01T00:00:00.000',
        shard: '',
        identifier: '4421584500000000017450439091',
        subSequence: 0,
        key: 'thing-7',
        clock: 'row',
        sequence: '028:4421584500000000017450439091',
      }),
    });
  });

  const keys = { pk: 'p', sk: 'thing' };
  const before = { name: 'a', timestamp: 1731924555120 };
  const after = { name: 'b', timestamp: 1731924555370 };
  const second = 1731924555000;

  it.each<[DynamodbRecordsOptions['viewType'], TableChange, string, number, string, string[]]>([
    ['NEW_AND_OLD_IMAGES', { keys, newImage: before }, 'thing-created', before.timestamp, 'row', ['new']],
    ['NEW_AND_OLD_IMAGES', { keys, newImage: after, oldImage: before }, 'thing-updated', after.timestamp, 'row', ['new', 'old']],
    ['NEW_AND_OLD_IMAGES', { keys, oldImage: after }, 'thing-deleted', after.timestamp + 1, 'row', ['old']],
    ['NEW_IMAGE', { keys, newImage: before }, 'thing-created', before.timestamp, 'row', ['new']],
    ['NEW_IMAGE', { keys, newImage: after, oldImage: before }, 'thing-updated', after.timestamp, 'row', ['new']],
    ['NEW_IMAGE', { keys, oldImage: after }, 'thing-deleted', second, 'stream-second', []],
    ['OLD_IMAGE', { keys, newImage: before }, 'thing-created', second, 'stream-second', []],
    ['OLD_IMAGE', { keys, newImage: after, oldImage: before }, 'thing-updated', second, 'stream-second', ['old']],
    ['OLD_IMAGE', { keys, oldImage: after }, 'thing-deleted', second, 'stream-second', ['old']],
    ['KEYS_ONLY', { keys, newImage: before }, 'thing-created', second, 'stream-second', []],
    ['KEYS_ONLY', { keys, newImage: after, oldImage: before }, 'thing-updated', second, 'stream-second', []],
    ['KEYS_ONLY', { keys, oldImage: after }, 'thing-deleted', second, 'stream-second', []],
  ])('under %s: %j is %s', (viewType, change, type, timestamp, clock, images) => {
    const event = eventOf(build(change, { viewType: viewType ?? 'KEYS_ONLY' }));
    expect(event).toMatchObject({ type, timestamp, clock, partitionKey: 'p' });
    expect(Object.keys(event['raw'] as object)).toEqual(images);
  });

  it('of a delete is newer than the update of the same second', () => {
    const update = eventOf(build({ keys, oldImage: before, newImage: after }));
    const remove = eventOf(build({ keys, oldImage: after, timestamp: 1731924555999 }));
    expect(remove['timestamp']).toBeGreaterThan(update['timestamp'] as number);
  });
});

describe('the keys of a DynamoDB record', () => {
  it.each<[string, object, string]>([
    ['text as it is', { S: 'Thing 7/é' }, 'Thing 7/é'], ['a hostile text', { S: '__proto__' }, '__proto__'],
    ['a number', { N: '42' }, '42'], ['a number in another spelling', { N: '4.20E+1' }, '42'],
    ['a huge number', { N: '90071992547409930001' }, '90071992547409930001'], ['a small number', { N: '1E-7' }, '0.0000001'], ['zero', { N: '-0.0' }, '0'],
    ['binary', { B: 'AAH/' }, 'AAH/'], ['bytes', { B: new Uint8Array([0, 1, 255]) }, 'AAH/'],
  ])('are %s', (_, pk, text) => {
    const decoded = one(documented({ Keys: { pk } }));
    expect(decoded.origin.key).toBe(text);
    expect(decoded).toMatchObject({ event: { partitionKey: text } });
  });

  it('may have other names', () => {
    expect(eventOf(documented({ Keys: { id: { S: 'only' } } }))['partitionKey']).toBe('only');
    expect(eventOf(documented({ Keys: { id: { S: 'i' }, at: { N: '5' } }, NewImage: {} }), { pkFn: 'id', skFn: 'at' })).toMatchObject({ partitionKey: 'i', type: '5-updated' });
    expect(faultOf(documented({ Keys: { id: { S: 'i' }, at: { N: '5' } } }))).toMatchObject({ field: 'dynamodb.Keys.pk', found: 'only "id", "at"' });
  });
});

describe('the type of a change event', () => {
  const type = (dynamodb: object, options?: DynamodbOptions, eventName = 'MODIFY'): unknown => eventOf(documented(dynamodb, { eventName }), options)['type'];
  const live = { discriminator: { S: 'Thing' } };
  const gone = { discriminator: { S: 'Thing' }, deleted: { BOOL: true } };

  it('begins with the discriminator, else the sort key, else the partition key, in lower case', () => {
    expect(type({ NewImage: { kind: { S: 'ORDER' } } }, { discriminatorFn: 'kind' })).toBe('order-updated');
    expect(type({ NewImage: undefined, OldImage: { discriminator: { S: 'Old' } } }, {}, 'REMOVE')).toBe('old-deleted');
    expect(type({ NewImage: {} })).toBe('thing-updated');
    expect(type({ NewImage: { discriminator: { N: '1' } } })).toBe('thing-updated');
    expect(type({ NewImage: { discriminator: { S: '' } } })).toBe('thing-updated');
    expect(type({ NewImage: {}, Keys: { pk: { S: 'Thing-7' } } })).toBe('thing-7-updated');
    expect(type({ NewImage: {}, Keys: { pk: { N: '7' } } })).toBe('7-updated');
    expect(type({}, { eventTypePrefix: 'Row' })).toBe('Row-updated');
  });

  it('knows soft deletes and their undoing', () => {
    expect(type({ NewImage: gone, OldImage: live })).toBe('thing-deleted');
    expect(type({ NewImage: live, OldImage: gone })).toBe('thing-undeleted');
    expect(type({ NewImage: { ...live, deleted: { BOOL: false } }, OldImage: gone })).toBe('thing-undeleted');
    expect(type({ NewImage: live, OldImage: live })).toBe('thing-updated');
    expect(type({ NewImage: gone, OldImage: undefined })).toBe('thing-deleted');
    expect(type({ NewImage: gone, OldImage: undefined }, {}, 'INSERT')).toBe('thing-deleted');
    expect(type({ NewImage: undefined, OldImage: gone }, {}, 'REMOVE')).toBe('thing-deleted');
  });

  it('does not bring a deleted row back because its time to live was changed', () => {
    expect(type({ NewImage: { ...gone, ttl: { N: '2' } }, OldImage: { ...gone, ttl: { N: '1' } } })).toBe('thing-deleted');
  });

  it('does not guess from an old image alone, nor from a deleted that is no flag', () => {
    expect(type({ NewImage: undefined, OldImage: gone, StreamViewType: 'OLD_IMAGE' })).toBe('thing-updated');
    expect(type({ NewImage: { ...live, deleted: { S: 'true' } }, OldImage: live })).toBe('thing-updated');
  });

  it('takes what DynamoDB Local calls an expired row for a delete', () => {
    expect(type({ NewImage: undefined }, {}, 'UNKNOWN_TO_SDK_VERSION')).toBe('thing-deleted');
  });
});

describe('the time of a change event', () => {
  const time = (dynamodb: object, options?: DynamodbOptions, eventName = 'MODIFY'): [unknown, unknown] => {
    const { timestamp, clock } = eventOf(documented(dynamodb, { eventName }), options);
    return [timestamp, clock];
  };
  const image = (timestamp: object): object => ({ NewImage: { timestamp } });

  it('is the stream\'s when the row has none, and says how coarse it is', () => {
    expect(time({ NewImage: {} })).toEqual([1731924555000, 'stream-second']);
    expect(time(image({ NULL: true }))).toEqual([1731924555000, 'stream-second']);
    expect(time({ NewImage: undefined, OldImage: {} }, {}, 'REMOVE')).toEqual([1731924555000, 'stream-second']);
    expect(time({ NewImage: {}, ApproximateCreationDateTime: 1731924555.0 })).toEqual([1731924555000, 'stream-second']);
    expect(time({ NewImage: {}, ApproximateCreationDateTime: 1731924555370 })).toEqual([1731924555370, 'stream-ms']);
    expect(time({ NewImage: {}, ApproximateCreationDateTime: 1731924555370123 })).toEqual([1731924555370.123, 'stream-ms']);
  });

  it('is of an attribute of any name', () => {
    const NewImage = { timestamp: { S: 'not a time' }, updatedAt: { N: '1731924555001' } };
    expect(time({ NewImage }, { timestampAttribute: 'updatedAt' })).toEqual([1731924555001, 'row']);
    expect(time({ NewImage }, { timestampAttribute: 'constructor' })).toEqual([1731924555000, 'stream-second']);
  });

  it('may have more digits than a double', () => {
    expect(time(image({ N: '1731924555370.123046875000001' }))).toEqual([1731924555370.123, 'row']);
  });

  it('does not need the stream\'s when the row has one', () => {
    expect(time({ ApproximateCreationDateTime: undefined })).toEqual([1731924555370, 'row']);
  });

  it.each<[object, RegExp]>([
    [{ N: '1731924555' }, /seconds/], [{ N: '1731924555370000' }, /microseconds/], [{ N: '-5' }, /negative/], [{ N: 'NaN' }, /"NaN"/],
    [{ S: '2024-11-18T10:09:15Z' }, /ISO date/], [{ S: '1731924555370' }, /number as text/], [{ BOOL: true }, /an object/], [{ M: {} }, /an object/],
  ])('is never silently another clock\'s: %j in the row is a fault', (timestamp, found) => {
    const fault = faultOf(documented(image(timestamp)));
    expect(fault['field']).toBe('dynamodb.NewImage.timestamp');
    expect(fault['found']).toMatch(found);
    expect(faultOf(documented({ NewImage: undefined, OldImage: { timestamp } }, { eventName: 'REMOVE' }))['field']).toBe('dynamodb.OldImage.timestamp');
  });

  it('is a fault when there is none at all', () => {
    for (const created of [undefined, null, '2024-11-18T10:09:15Z', NaN, -1, 1e30]) {
      expect(faultOf(documented({ NewImage: {}, ApproximateCreationDateTime: created }))['field']).toBe('dynamodb.ApproximateCreationDateTime');
    }
  });

  it('may be old when told so', () => {
    const old = image({ N: String(Date.UTC(1980, 0, 1)) });
    expect(faultOf(documented(old))['field']).toBe('dynamodb.NewImage.timestamp');
    expect(time(old, { minTimestamp: 0 })).toEqual([Date.UTC(1980, 0, 1), 'row']);
  });
});

describe('deletes by time to live', () => {
  const expired = build({ keys: { pk: 'p', sk: 'thing' }, oldImage: { timestamp: 1731924555370 }, ttlExpired: true });

  it('are deletes with a mark, or left out', () => {
    expect(one(expired)).toMatchObject({ event: { type: 'thing-deleted', timestamp: 1731924555371, tags: { region: 'us-east-1', ttlExpired: true } } });
    expect(one(expired)).not.toHaveProperty('skip');
    expect(one(expired, { ignoreTtlExpiredEvents: true })).toMatchObject({ skip: 'deleted by time to live', event: { type: 'thing-deleted' } });
  });

  it('are told apart from a user\'s', () => {
    const remove = { NewImage: undefined };
    for (const userIdentity of [undefined, null, 'dynamodb.amazonaws.com', { type: 'Service', principalId: 'other.amazonaws.com' }, { type: 'User', principalId: 'dynamodb.amazonaws.com' }]) {
      const decoded = one(documented(remove, { eventName: 'REMOVE', userIdentity }), { ignoreTtlExpiredEvents: true });
      expect(decoded).not.toHaveProperty('skip');
      expect('event' in decoded && decoded.event.tags).toEqual({ region: 'us-east-1' });
    }
    const streamsApi = one(documented(remove, { eventName: 'REMOVE', userIdentity: { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' } }));
    expect(streamsApi).toMatchObject({ event: { tags: { ttlExpired: true } } });
  });
});

describe('replicas of a global table', () => {
  const skip = (dynamodb: object, options?: DynamodbOptions, more?: object): unknown => {
    const decoded = one(documented(dynamodb, more), options);
    return 'skip' in decoded ? decoded.skip : undefined;
  };

  it.each(['aws:rep:updateregion', 'awsregion'])('are known by %s and left out', (attribute) => {
    const there = { NewImage: { [attribute]: { S: 'us-west-2' } } };
    expect(skip(there)).toBe('replica of another region');
    expect(skip(there, { ignoreReplicas: false })).toBeUndefined();
    expect(skip({ NewImage: { [attribute]: { S: 'us-east-1' } } })).toBeUndefined();
    expect(skip({ NewImage: undefined, OldImage: there.NewImage }, {}, { eventName: 'REMOVE' })).toBe('replica of another region');
    expect(skip({ NewImage: {}, OldImage: there.NewImage })).toBeUndefined();
  });

  it('are never assumed', () => {
    const there = { NewImage: { awsregion: { S: 'us-west-2' } } };
    expect(skip(there, {}, { awsRegion: undefined })).toBeUndefined();
    expect(skip({ NewImage: { awsregion: { S: '' } } })).toBeUndefined();
    expect(skip({ NewImage: { awsregion: { N: '1' } } })).toBeUndefined();
    expect(skip({ NewImage: undefined, OldImage: undefined })).toBeUndefined();
  });
});

describe('the images of a change event', () => {
  it('lose no digit and no name', () => {
    const NewImage = JSON.parse('{"n":{"N":"99999999999999999999999999999999999999"},"__proto__":{"M":{"polluted":{"S":"x"}}},"a#b:c.d":{"BS":["AAH/"]},"😀":{"NS":["1","2"]}}') as object;
    const { raw } = eventOf(documented({ NewImage })) as { raw: { new: Record<string, unknown> } };
    expect(raw.new['n']).toBe(99999999999999999999999999999999999999n);
    expect(Object.keys(raw.new)).toEqual(['n', '__proto__', 'a#b:c.d', '😀']);
    expect(Object.getPrototypeOf(raw.new)).toBe(Object.prototype);
    expect(raw.new['a#b:c.d']).toEqual(new Set([new Uint8Array([0, 1, 255])]));
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('a bad DynamoDB record', () => {
  it.each<[string, unknown, string, RegExp]>([
    ['null', null, 'record', /null/],
    ['text', 'x', 'record', /the string/],
    ['empty', {}, 'dynamodb', /missing/],
    ['of another source', { ...documented(), eventSource: 'aws:kinesis' }, 'eventSource', /"aws:kinesis"/],
    ['without dynamodb', documented({}, { dynamodb: undefined }), 'dynamodb', /missing/],
    ['without eventName', documented({}, { eventName: undefined }), 'eventName', /missing/],
    ['with another eventName', documented({}, { eventName: 'toString' }), 'eventName', /"toString"/],
    ['without Keys', documented({ Keys: undefined }), 'dynamodb.Keys', /missing/],
    ['with no keys in Keys', documented({ Keys: {} }), 'dynamodb.Keys', /an empty object/],
    ['with an impossible key', documented({ Keys: { pk: { BOOL: true } } }), 'dynamodb.Keys.pk', /an object/],
    ['with a key that is no number', documented({ Keys: { pk: { N: 'x' } } }), 'dynamodb.Keys.pk', /an object/],
    ['without SequenceNumber', documented({ SequenceNumber: undefined }), 'dynamodb.SequenceNumber', /missing/],
    ['with a numeric SequenceNumber', documented({ SequenceNumber: 111 }), 'dynamodb.SequenceNumber', /the number 111/],
    ['without eventID', documented({}, { eventID: undefined }), 'id', /missing/],
    ['with a list for an image', documented({ NewImage: [] }), 'dynamodb.NewImage', /an array/],
    ['with a malformed attribute', documented({ OldImage: { list: { L: [{ S: 'x' }, { Q: 1 }] } } }), 'dynamodb.OldImage.list[1]', /unknown type tag "Q"/],
  ])('%s is a fault that names it', (_, record, field, found) => {
    const fault = faultOf(record);
    expect(fault).toMatchObject({ source: 'dynamodb', field });
    expect(fault['found']).toMatch(found);
  });

  it('keeps what is known of it, for the report to Lambda', () => {
    expect(one(documented({ NewImage: { a: 1 } })).origin).toMatchObject({ identifier: '4421584500000000017450439091', key: 'thing-7' });
    expect(one(null).origin).toMatchObject({ source: 'dynamodb', identifier: '', key: '' });
  });

  it('never shows what is in the row', () => {
    const decoded = one(documented({ NewImage: { a: { S: 'top-secret' }, b: { Q: 'top-secret' }, timestamp: { M: { x: { S: 'top-secret' } } } } }));
    const { error } = decoded as { error: Error };
    expect(`${error.message}${error.stack ?? ''}${String(error.cause)}`).not.toContain('top-secret');
  });
});
