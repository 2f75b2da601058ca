import fc from 'fast-check';
import { fieldsOf, type Field } from '../../../src/sources/protobuf';

/** Another way to write what `fieldsOf` reads: with bigints, bit by bit. */
const varint = (value: bigint): number[] => (value < 128n ? [Number(value)] : [Number(value & 127n) | 128, ...varint(value >> 7n)]);
const tag = (field: number, type: number): number[] => varint((BigInt(field) << 3n) | BigInt(type));

const number = fc.integer({ min: 1, max: 2 ** 29 - 1 });
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const part: fc.Arbitrary<{ readonly wire: readonly number[]; readonly read: readonly Field[] }> = fc.oneof(
  fc.tuple(number, fc.oneof(fc.nat(300), fc.maxSafeNat())).map(([field, value]) => ({ wire: [...tag(field, 0), ...varint(BigInt(value))], read: [{ field, value }] })),
  fc.tuple(number, fc.uint8Array({ maxLength: 200 })).map(([field, value]) => ({ wire: [...tag(field, 2), ...varint(BigInt(value.length)), ...value], read: [{ field, value }] })),
  fc.tuple(number, bytes(8)).map(([field, value]) => ({ wire: [...tag(field, 1), ...value], read: [] })),
  fc.tuple(number, bytes(4)).map(([field, value]) => ({ wire: [...tag(field, 5), ...value], read: [] })),
);

describe('the fields of a protobuf message', () => {
  it('are read as they were written, and a message that is cut off inside a field is refused', () => {
    fc.assert(fc.property(fc.array(part, { minLength: 1, maxLength: 8 }), fc.nat(), (parts, at) => {
      const message = Uint8Array.from(parts.flatMap(({ wire }) => wire));
      expect([...fieldsOf(message)]).toEqual(parts.flatMap(({ read }) => read));

      const ends = new Set([0]);
      parts.reduce((sum, { wire }) => (ends.add(sum + wire.length), sum + wire.length), 0);
      const cut = at % message.length;
      const read = (): unknown => [...fieldsOf(message.subarray(0, cut))];
      if (ends.has(cut)) expect(read).not.toThrow();
      else expect(read).toThrow(RangeError);
    }));
  });

  it('of anything at all come to an end', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (message) => {
      try {
        expect([...fieldsOf(message)].length).toBeLessThanOrEqual(message.length / 2);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }), { numRuns: 2000 });
  });

  it.each([
    ['a varint that never ends', [8, ...Array.from({ length: 11 }, () => 255)]],
    ['field 0', [0, 1]],
    ['a group', [11, 12]],
    ['an unknown type', [15, 0]],
    ['more bytes than there are', [10, 255, 255, 255, 255, 15]],
  ])('refuses %s', (_name, message) => {
    expect(() => [...fieldsOf(Uint8Array.from(message))]).toThrow(RangeError);
  });
});
