import { createHash } from 'node:crypto';
import { UnreadablePayload } from './unreadable';

/** One of the user records that the Kinesis Producer Library packed into a Kinesis record. */
export interface UserRecord {
  /** `undefined` when the aggregate points outside its own table of keys. */
  readonly partitionKey: string | undefined;
  readonly data: Uint8Array;
}

export const KPL_MAGIC = Buffer.from([0xf3, 0x89, 0x9a, 0xc2]);

const CHECKSUM_BYTES = 16; // MD5, at the end

// The largest aggregate that the producer library makes is 1 MiB, which holds fewer events than this even if each
// is nothing but its id, type and timestamp. A crafted one of empty records would become a million faults.
const MAX_USER_RECORDS = 20_000;

export const isAggregate = (bytes: Uint8Array): boolean => KPL_MAGIC.every((byte, i) => bytes[i] === byte);

/** The part of `@bufbuild/protobuf/wire` that is used: a reader of the wire format. */
type Wire = typeof import('@bufbuild/protobuf/wire');

/**
 * The user records of an aggregate, in order; its checksum is verified. The library is loaded only when an
 * aggregate is seen: a cold start without aggregates need not pay for it. (aws-kinesis-agg, the obvious choice, pins
 * a version of protobufjs with a published vulnerability, and adds a third to the size of a bundle.)
 *
 * @throws UnreadablePayload when the aggregate is corrupt, empty or absurdly large
 */
export const deaggregate = async (bytes: Uint8Array): Promise<readonly UserRecord[]> => {
  const message = bytes.subarray(KPL_MAGIC.length, -CHECKSUM_BYTES);
  const digest = createHash('md5').update(message).digest();
  if (bytes.length < KPL_MAGIC.length + CHECKSUM_BYTES || !digest.equals(bytes.subarray(-CHECKSUM_BYTES))) throw corrupt();
  const wire = await import('@bufbuild/protobuf/wire');
  const records = readMessage(wire, message);
  if (records.length === 0) throw new UnreadablePayload('a KPL aggregate without records', 'at least one');
  return records;
};

const corrupt = (): UnreadablePayload => new UnreadablePayload('a corrupt KPL aggregate', 'one that matches its checksum');

/** AggregatedRecord { repeated string partition_key_table = 1; …; repeated Record records = 3 } */
const readMessage = (wire: Wire, message: Uint8Array): readonly UserRecord[] => {
  const keys: string[] = [];
  const found: { readonly keyIndex: number; readonly data: Uint8Array }[] = [];
  try {
    const reader = new wire.BinaryReader(message);
    while (reader.pos < reader.len) {
      const [field, type] = reader.tag();
      if (field === 1) keys.push(reader.string());
      else if (field === 3) found.push(readRecord(wire, reader.bytes()));
      else reader.skip(type);
      if (found.length > MAX_USER_RECORDS) break;
    }
  } catch {
    throw corrupt();
  }
  if (found.length > MAX_USER_RECORDS) throw new UnreadablePayload(`a KPL aggregate of more than ${MAX_USER_RECORDS} records`, 'fewer');
  return found.map(({ keyIndex, data }) => ({ partitionKey: keys[keyIndex], data }));
};

/** Record { required uint64 partition_key_index = 1; …; required bytes data = 3; … } */
const readRecord = (wire: Wire, message: Uint8Array): { readonly keyIndex: number; readonly data: Uint8Array } => {
  const reader = new wire.BinaryReader(message);
  let keyIndex = -1;
  let data: Uint8Array = new Uint8Array();
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === 1) keyIndex = Number(reader.uint64());
    else if (field === 3) data = reader.bytes();
    else reader.skip(type);
  }
  return { keyIndex, data };
};
