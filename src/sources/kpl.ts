import { createHash } from 'node:crypto';
import { fieldsOf } from './protobuf';
import { UnreadablePayload } from './unreadable';

/** One of the user records that the Kinesis Producer Library packed into a Kinesis record. */
export interface UserRecord {
  /** `undefined` when the aggregate points outside its own table of keys. */
  readonly partitionKey: string | undefined;
  readonly data: Uint8Array;
}

export const KPL_MAGIC = /* @__PURE__ */ Buffer.from([0xf3, 0x89, 0x9a, 0xc2]);

const CHECKSUM_BYTES = 16; // MD5, at the end

// The largest aggregate that the producer library makes is 1 MiB, which holds fewer events than this even if each
// is nothing but its id, type and timestamp. A crafted one of empty records would become a million faults.
const MAX_USER_RECORDS = 20_000;

export const isAggregate = (bytes: Uint8Array): boolean => KPL_MAGIC.every((byte, i) => bytes[i] === byte);

/**
 * The user records of an aggregate, in order; its checksum is verified. (aws-kinesis-agg, the obvious choice, pins
 * a version of protobufjs with a published vulnerability, and adds a third to the size of a bundle.)
 *
 * @throws UnreadablePayload when the aggregate is corrupt, empty or absurdly large
 */
export const deaggregate = (bytes: Uint8Array): readonly UserRecord[] => {
  const message = bytes.subarray(KPL_MAGIC.length, -CHECKSUM_BYTES);
  const digest = createHash('md5').update(message).digest();
  if (bytes.length < KPL_MAGIC.length + CHECKSUM_BYTES || !digest.equals(bytes.subarray(-CHECKSUM_BYTES))) throw corrupt();
  const records = readMessage(message);
  if (records.length === 0) throw new UnreadablePayload('a KPL aggregate without records', 'at least one');
  return records;
};

const corrupt = (): UnreadablePayload => new UnreadablePayload('a corrupt KPL aggregate', 'one that matches its checksum');

/** AggregatedRecord { repeated string partition_key_table = 1; …; repeated Record records = 3 } */
const readMessage = (message: Uint8Array): readonly UserRecord[] => {
  const keys: string[] = [];
  const found: { readonly keyIndex: number; readonly data: Uint8Array }[] = [];
  try {
    for (const { field, value } of fieldsOf(message)) {
      if (field === 1) keys.push(Buffer.from(bytesOf(value)).toString());
      else if (field === 3) found.push(readRecord(bytesOf(value)));
      if (found.length > MAX_USER_RECORDS) break;
    }
  } catch {
    throw corrupt();
  }
  if (found.length > MAX_USER_RECORDS) throw new UnreadablePayload(`a KPL aggregate of more than ${MAX_USER_RECORDS} records`, 'fewer');
  return found.map(({ keyIndex, data }) => ({ partitionKey: keys[keyIndex], data }));
};

/** Record { required uint64 partition_key_index = 1; …; required bytes data = 3; … } */
const readRecord = (message: Uint8Array): { readonly keyIndex: number; readonly data: Uint8Array } => {
  let keyIndex = -1;
  let data: Uint8Array = new Uint8Array();
  for (const { field, value } of fieldsOf(message)) {
    if (field === 1) keyIndex = typeof value === 'number' ? value : -1;
    else if (field === 3) data = bytesOf(value);
  }
  return { keyIndex, data };
};

const bytesOf = (value: number | Uint8Array): Uint8Array => {
  if (typeof value === 'number') throw corrupt();
  return value;
};
