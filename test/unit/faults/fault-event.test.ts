import fc from 'fast-check';
import type { Event } from '../../../src/event';
import { OplockStreamError } from '../../../src/errors';
import { toFaultEvent, type FaultInput } from '../../../src/faults/fault-event';
import type { Origin } from '../../../src/uow';

const data = Buffer.from(JSON.stringify({ id: 'e1', type: 'thing-created', timestamp: 1_700_000_000_000 })).toString('base64');
const record = {
  kinesis: { kinesisSchemaVersion: '1.0', partitionKey: 'p1', sequenceNumber: '49590338271490256608559692538361571095921575989136588898', data, approximateArrivalTimestamp: 1545084650.987 },
  eventSource: 'aws:kinesis', eventVersion: '1.0',
  eventID: 'shardId-000000000006:49590338271490256608559692538361571095921575989136588898',
  eventName: 'aws:kinesis:record', awsRegion: 'us-east-2', eventSourceARN: 'arn:aws:kinesis:us-east-2:123456789012:stream/lambda-stream',
};
const origin: Origin = {
  source: 'kinesis', sourceScope: record.eventSourceARN, shard: 'shardId-000000000006', identifier: record.kinesis.sequenceNumber,
  subSequence: 0, key: 'p1', clock: 'producer',
};
const event: Event = { id: 'e1', type: 'thing-created', timestamp: 1_700_000_000_000, partitionKey: 'thing-1' };
const input: FaultInput = { error: new TypeError('no name'), record, event, origin, pipeline: 'things', now: 1_700_000_001_000 };

describe('toFaultEvent', () => {
  it('carries what is needed to understand and to resubmit', () => {
    const { id, ...rest } = toFaultEvent({ ...input, tags: { functionname: 'listener', pipeline: 'not this one' } });
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(rest).toEqual({
      type: 'fault', timestamp: 1_700_000_001_000, partitionKey: 'thing-1',
      tags: { functionname: 'listener', pipeline: 'things', source: 'kinesis' },
      err: { name: 'TypeError', message: 'no name', stack: (input.error as Error).stack },
      uow: { record, event, pipeline: 'things' },
    });
    expect(JSON.stringify(rest.uow.record)).toBe(JSON.stringify(record));
  });

  it('has an id that a retry repeats, and nothing else does', () => {
    const id = (change: Partial<FaultInput>) => toFaultEvent({ ...input, ...change }).id;
    expect(id({ now: 5, error: new Error('another message'), tags: { attempt: 2 } })).toBe(id({}));
    const others = [
      id({ pipeline: 'other' }), id({ origin: { ...origin, subSequence: 1 } }), id({ origin: { ...origin, identifier: '5' } }),
      id({ origin: { ...origin, sourceScope: 'arn:other' } }), id({ origin: { ...origin, shard: 'shardId-000000000007' } }),
      id({ origin: { ...origin, identifier: '' }, record: null }), id({ origin: { ...origin, identifier: '' }, record: 7 }),
    ];
    expect(new Set([id({}), ...others]).size).toBe(others.length + 1);
  });

  it('does not confuse fields that run into each other', () => {
    const id = (identifier: string, pipeline: string) => toFaultEvent({ ...input, pipeline, origin: { ...origin, identifier } }).id;
    expect(id('5', '0,x')).not.toBe(id('5,0', 'x'));
    expect(id('5', '1')).not.toBe(id('51', ''));
  });

  it('does without an event', () => {
    const { event: _, ...without } = input;
    const fault = toFaultEvent({ ...without, pipeline: '' });
    expect(fault.partitionKey).toBe('p1');
    expect(fault.uow).toEqual({ record, pipeline: '' });
    const nameless = toFaultEvent({ ...without, origin: { ...origin, key: '' } });
    expect(nameless.partitionKey).toBe(nameless.id);
  });

  it('tells code, details and cause of an error', () => {
    const error = new OplockStreamError('INVALID_RECORD', 'Record 3: timestamp is NaN', { details: { field: 'timestamp', found: NaN }, cause: new SyntaxError('at 7') });
    expect(toFaultEvent({ ...input, error }).err).toMatchObject({
      name: 'OplockStreamError', code: 'INVALID_RECORD', message: 'Record 3: timestamp is NaN',
      details: { field: 'timestamp', found: 'NaN' }, cause: { name: 'SyntaxError', message: 'at 7' },
    });
  });

  it.each([
    ['a string', 'broken', { name: 'NonError', message: 'broken' }],
    ['nothing', undefined, { name: 'NonError', message: 'null' }],
    ['an array', [1, 'a'], { name: 'NonError', message: '[1,"a"]' }],
    ['an object', { reason: 'x' }, { name: 'Error', message: '{"reason":"x"}' }],
    ['an error whose toJSON hides it', Object.assign(new RangeError('hidden'), { toJSON: () => ({}) }), { name: 'RangeError', message: 'hidden' }],
    ['an error with a numeric code', Object.assign(new Error('m'), { code: 42 }), { name: 'Error', message: 'm', code: '42' }],
  ])('describes %s', (_, error, expected) => {
    expect(toFaultEvent({ ...input, error }).err).toMatchObject(expected);
  });

  it('is JSON, whatever error, record, event and tags hold', () => {
    const anything = fc.anything({ withBigInt: true, withMap: true, withSet: true, withTypedArray: true, withNullPrototype: true, withDate: true });
    fc.assert(fc.property(anything, anything, anything, fc.dictionary(fc.string(), anything), (error, rec, body, tags) => {
      const fault = toFaultEvent({ ...input, error, record: rec, event: { ...event, body, n: 2n ** 60n }, tags });
      expect(JSON.parse(JSON.stringify(fault))).toStrictEqual(fault);
      expect(fault.uow.event).toMatchObject({ id: 'e1', n: '1152921504606846976' });
      expect(fault.tags).toMatchObject({ pipeline: 'things', source: 'kinesis' });
      expect(typeof fault.err.name).toBe('string');
      expect(typeof fault.err.message).toBe('string');
    }));
  });
});
