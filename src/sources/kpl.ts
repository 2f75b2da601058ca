import type { KinesisStreamRecordPayload } from 'aws-lambda';
import { UnreadablePayload } from './unreadable';

/** One of the user records that the Kinesis Producer Library packed into a Kinesis record. */
export interface UserRecord {
  /** `undefined` when the aggregate points outside its own table of keys. */
  readonly partitionKey: string | undefined;
  /** Base64. */
  readonly data: string;
}

export const KPL_MAGIC = Buffer.from([0xf3, 0x89, 0x9a, 0xc2]);

const CHECKSUM_BYTES = 16;

// The largest aggregate that the producer library makes is 1 MiB, which holds fewer events than this even if each
// is nothing but its id, type and timestamp. A crafted one of empty records would become a million faults.
const MAX_USER_RECORDS = 20_000;

export const isAggregate = (bytes: Uint8Array): boolean => KPL_MAGIC.every((byte, i) => bytes[i] === byte);

/**
 * The user records of an aggregate, in order; its checksum is verified. The library is loaded only when an
 * aggregate is seen: it brings protobufjs along, which a cold start without aggregates need not pay for.
 *
 * @throws UnreadablePayload when the aggregate is corrupt, empty or absurdly large
 */
export const deaggregate = async (payload: KinesisStreamRecordPayload, bytes: Uint8Array): Promise<readonly UserRecord[]> => {
  if (holdsTooMany(bytes)) throw new UnreadablePayload(`a KPL aggregate of more than ${MAX_USER_RECORDS} records`, 'fewer');
  const { deaggregateSync } = await import('aws-kinesis-agg');
  let failure: unknown;
  let records: readonly UserRecord[] = [];
  deaggregateSync(payload, true, (error: unknown, found) => {
    if (error) failure ??= error;
    else if (found) records = found;
  });
  if (failure !== undefined) throw new UnreadablePayload('a corrupt KPL aggregate', 'one that matches its checksum');
  if (records.length === 0) throw new UnreadablePayload('a KPL aggregate without records', 'at least one');
  return records;
};

/** Counts before the library builds an object of each. Counts what it understands: the library reports the rest. */
const holdsTooMany = (bytes: Uint8Array): boolean => {
  const end = bytes.length - CHECKSUM_BYTES;
  let at = KPL_MAGIC.length;
  let count = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; at < end; factor *= 128) {
      const byte = bytes[at] ?? 0;
      at += 1;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (at < end && count <= MAX_USER_RECORDS) {
    const tag = varint(); // the message has length-delimited fields only: two tables, and the records as number 3
    at += varint();
    if (tag === 3 * 8 + 2) count += 1;
  }
  return count > MAX_USER_RECORDS;
};
