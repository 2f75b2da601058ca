import { NumberValueImpl as NumberValue } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import { fromAttributeMap } from '../../../src/attribute-value';
import { isOplockStreamError } from '../../../src/errors';
import type { Decoded } from '../../../src/sources/decode';
import { dynamodbSource } from '../../../src/sources/dynamodb';
import { toDynamodbKinesisRecords, toDynamodbRecords } from '../../../src/sources/dynamodb-records';
import { kinesisSource } from '../../../src/sources/kinesis';
import { awkwardName, mutated } from './arbitraries';

const decode = (record: unknown): readonly Decoded[] => dynamodbSource.decode(record, {});

// Within the range of DynamoDB; and no -0, which it does not have. Beyond 2^53 an integer comes back as a bigint.
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) =>
  !Object.is(n, -0) && (n === 0 || (Math.abs(n) >= 1e-130 && Math.abs(n) < 1e126)) && (!Number.isInteger(n) || Number.isSafeInteger(n)));
const big = fc.bigInt({ min: 10n ** 16n, max: 10n ** 38n });
const binary = fc.uint8Array({ maxLength: 20 }).map((bytes) => new Uint8Array(bytes));

const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string(), fc.boolean(), fc.constant(null), number, fc.maxSafeInteger().filter((n) => !Object.is(n, -0)), big, binary,
    fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 3 }).map((all) => new Set(all)),
    fc.uniqueArray(number, { minLength: 1, maxLength: 3 }).map((all) => new Set(all)),
    fc.uniqueArray(big, { minLength: 1, maxLength: 3 }).map((all) => new Set(all)),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(awkwardName, tie('value')), { maxLength: 3 }).map(fromEntries),
  ),
}));

function fromEntries(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  return Object.fromEntries(entries); // defines own properties, `__proto__` too
}

const image = fc.array(fc.tuple(awkwardName, value), { maxLength: 5 }).map(fromEntries)
  .map((item): Record<string, unknown> => ({ ...item, timestamp: 1731924555370 }));
const key = fc.oneof(awkwardName, fc.maxSafeInteger().filter((n) => !Object.is(n, -0)), big, fc.uint8Array({ minLength: 1, maxLength: 10 }).map((b) => new Uint8Array(b)));
const textOf = (pk: unknown): string => (ArrayBuffer.isView(pk) ? Buffer.from(pk.buffer, pk.byteOffset, pk.byteLength).toString('base64') : String(pk));

describe('DynamoDB records', () => {
  it('carry any row there and back, from the stream and over Kinesis', () => {
    fc.assert(fc.property(key, image, image, (pk, newImage, oldImage) => {
      const changes = [{ keys: { pk, sk: 'thing' }, newImage, oldImage }];
      const [fromStream] = decode(toDynamodbRecords(changes).Records[0]);
      const [overKinesis] = kinesisSource.decode(toDynamodbKinesisRecords(changes).Records[0], {});
      for (const decoded of [fromStream, overKinesis]) {
        if (!decoded || 'error' in decoded) throw decoded?.error ?? new Error('nothing');
        expect(decoded.event.partitionKey).toBe(textOf(pk));
        expect(decoded.origin.key).toBe(textOf(pk));
        expect(decoded.event.raw).toEqual({ new: { ...newImage, pk, sk: 'thing' }, old: { ...oldImage, pk, sk: 'thing' } });
        expect(Object.keys(decoded.event.raw?.new ?? {}).sort()).toEqual(Object.keys({ ...newImage, pk, sk: 'thing' }).sort());
        expect(Object.getPrototypeOf(decoded.event.raw?.new)).toBe(Object.prototype);
      }
    }), { numRuns: 300 });
  });

  it('are each accounted for, whatever they are', () => {
    const [modify, insert, remove] = toDynamodbRecords([
      { keys: { pk: 'a', sk: 'thing' }, newImage: { n: 1, list: [1, { b: new Set(['x']) }], timestamp: 1731924555370 }, oldImage: { timestamp: 1731924555000 } },
      { keys: { pk: 1n }, newImage: { discriminator: 'thing', deleted: true, awsregion: 'us-west-2' } },
      { keys: { pk: 'a', sk: 'b' }, oldImage: { b: new Uint8Array([1]) }, ttlExpired: true },
    ]).Records;
    const record = fc.oneof(fc.anything({ withBigInt: true, withNullPrototype: true }), mutated(modify), mutated(insert), mutated(remove));
    fc.assert(fc.property(record, (one) => {
      const decoded = decode(one);
      expect(decoded).toHaveLength(1);
      for (const { origin, ...rest } of decoded) {
        expect(origin.source).toBe('dynamodb');
        expect(typeof origin.key).toBe('string');
        if ('error' in rest) expect(isOplockStreamError(rest.error)).toBe(true);
        else expect([typeof rest.event.id, Number.isFinite(rest.event.timestamp), rest.event.partitionKey]).toEqual(['string', true, origin.key]);
      }
    }), { numRuns: 1500 });
  });
});

describe('DynamoDB numbers', () => {
  it('keep every digit', () => {
    const digits = fc.stringMatching(/^[1-9][0-9]{0,36}[1-9]$/);
    fc.assert(fc.property(digits, fc.integer({ min: -80, max: 80 }), fc.boolean(), (text, exponent, negative) => {
      const { n } = fromAttributeMap({ n: { N: `${negative ? '-' : ''}${text}E${exponent}` } });
      // Compared as integers: both sides times 10^k, by arithmetic on the text alone.
      const shown = n instanceof NumberValue ? n.toString() : typeof n === 'bigint' ? n.toString() : (n as number).toString();
      expect(scaled(shown)).toBe(scaled(`${negative ? '-' : ''}${text}E${exponent}`));
    }), { numRuns: 500 });
  });

  const scaled = (text: string): bigint => {
    const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
    const [whole = '', fraction = ''] = mantissa.split('.');
    return BigInt(whole + fraction) * 10n ** BigInt(300 + Number(exponent) - fraction.length);
  };
});
