import fc from 'fast-check';
import { isOplockStreamError } from '../../../src/errors';
import type { Decoded } from '../../../src/sources/decode';
import { kinesisSource } from '../../../src/sources/kinesis';
import { toKinesisRecords } from '../../../src/sources/kinesis-records';
import { awkwardName, mutated } from './arbitraries';

const decodeAll = (records: readonly unknown[]): Decoded[] =>
  records.flatMap((record) => kinesisSource.decode(record, { maxDecompressedBytes: 1_000_000 }));

/** What a JSON text can be: no -0, names of any kind, `__proto__` an own property. */
const json = fc.json({ maxDepth: 6, noUnicodeString: false }).map((text): unknown => JSON.parse(text));

const event = fc
  .tuple(
    fc.record({
      id: fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }),
      type: fc.string({ minLength: 1, maxLength: 20 }),
      timestamp: fc.integer({ min: Date.UTC(1990, 0, 1), max: Date.UTC(2100, 0, 1) }),
      // Kinesis keys are Unicode, so half of a surrogate pair is none.
      partitionKey: fc.oneof(awkwardName.filter((key) => Buffer.from(key).toString() === key), fc.nat(99).map(String)),
    }),
    fc.array(fc.tuple(awkwardName, json), { maxLength: 4 }),
  )
  .map(([base, extra]): Record<string, unknown> => {
    const text = extra.map(([name, value]) => `,${JSON.stringify(name)}:${JSON.stringify(value)}`).join('');
    const parsed = JSON.parse(`${JSON.stringify({ ...base, tags: {} }).slice(0, -1)}${text}}`) as Record<string, unknown>;
    return { ...parsed, ...base, tags: {} };
  })
  .filter((e) => typeof e['tableName'] !== 'string');

describe('Kinesis records', () => {
  it('carry any event there and back: plain, gzipped, aggregated', () => {
    fc.assert(fc.property(
      fc.array(event, { minLength: 1, maxLength: 6 }),
      fc.boolean(),
      fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
      (events, gzip, aggregate) => {
        const { Records } = toKinesisRecords(events, { gzip, ...(aggregate !== undefined && { aggregate }) });
        const decoded = decodeAll(kinesisSource.records({ Records }));
        expect(decoded.map((d) => ('event' in d ? JSON.stringify(d.event) : d.error.message))).toEqual(events.map((e) => JSON.stringify(e)));
        expect(decoded.map((d) => d.origin.key)).toEqual(events.map((e) => e['partitionKey']));
        const sequences = decoded.map((d) => d.origin.sequence ?? '');
        expect([...sequences].sort()).toEqual(sequences);
      },
    ), { numRuns: 150 });
  });

  it('are each accounted for, whatever they are', () => {
    const [sample, aggregated, zipped] = [{}, { aggregate: true as const }, { gzip: true }]
      .map((options) => toKinesisRecords([{ id: '1', type: 't', timestamp: 1731924555370 }, { id: '2', type: 't', timestamp: 1731924555371 }], options).Records[0]);
    const record = fc.oneof(
      fc.anything({ withBigInt: true, withNullPrototype: true, withMap: true, withDate: true }),
      mutated(sample), mutated(aggregated), mutated(zipped),
      fc.oneof(json.map((value) => Buffer.from(JSON.stringify(value))), fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
        fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.concat([Buffer.from('f3899ac2', 'hex'), bytes])),
        fc.base64String({ maxLength: 80 }).map((text) => Buffer.from(`["COMPRESSED${text}"]`)))
        .map((bytes) => ({ ...sample, kinesis: { ...sample?.kinesis, data: bytes.toString('base64') } })),
    );
    fc.assert(fc.property(record, (value) => {
      const decoded = decodeAll([value]);
      expect(decoded.length).toBeGreaterThan(0);
      for (const one of decoded) {
        expect(one.origin.source).toBe('kinesis');
        expect(typeof one.origin.identifier).toBe('string');
        if ('error' in one) expect(isOplockStreamError(one.error)).toBe(true);
        else expect([typeof one.event.id, typeof one.event.type, typeof one.event.timestamp]).toEqual(['string', 'string', 'number']);
      }
    }), { numRuns: 1500 });
  });

  it('of one batch are accounted for together, or the event is refused as a whole', () => {
    fc.assert(fc.property(fc.oneof(fc.anything(), fc.record({ Records: fc.array(fc.anything()) })), (event) => {
      let records: readonly unknown[] | undefined;
      try {
        records = kinesisSource.records(event as never);
      } catch (error) {
        expect(isOplockStreamError(error) && error.code).toBe('WRONG_EVENT');
      }
      if (records) expect(records).toBe((event as { Records: unknown }).Records);
    }), { numRuns: 500 });
  });
});
