/** A field of a message: its number, and a number (a varint) or the bytes (of text, bytes and messages alike). */
export interface Field {
  readonly field: number;
  readonly value: number | Uint8Array;
}

const MAX_VARINT_BYTES = 10;

/**
 * The fields of a message in protobuf's wire format, in order; numbers of a fixed size are passed over. Written here
 * because that is all it takes: the runtime of a library adds 30 KB to each bundle.
 *
 * @throws RangeError where the bytes stop making sense; groups, which protobuf gave up, make none
 */
export const fieldsOf = function* (bytes: Uint8Array): Generator<Field> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let i = 0; i < MAX_VARINT_BYTES; i += 1) {
      const byte = bytes[at];
      if (byte === undefined) break;
      at += 1;
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    throw new RangeError('a varint without an end');
  };
  const take = (length: number): Uint8Array => {
    if (length > bytes.length - at) throw new RangeError('a field without an end');
    at += length;
    return bytes.subarray(at - length, at);
  };

  while (at < bytes.length) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    if (field === 0) throw new RangeError('a field without a number');
    switch (tag % 8) {
      case 0: yield { field, value: varint() }; break;
      case 1: take(8); break;
      case 2: yield { field, value: take(varint()) }; break;
      case 5: take(4); break;
      default: throw new RangeError('a field of an unknown type');
    }
  }
};
