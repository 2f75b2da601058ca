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

// Six megabytes, the most that Lambda delivers at once, hold fewer real events than this. An aggregate of empty
// records, three bytes each, would become a million faults.
const MAX_USER_RECORDS = 100_000;

export const isAggregate = (bytes: Uint8Array): boolean => KPL_MAGIC.every((byte, i) => bytes[i] === byte);

/**
 * The user records of an aggregate, in order; its checksum is verified. The library is loaded only when an
 * aggregate is seen: it brings protobufjs along, which a cold start without aggregates need not pay for.
 *
 * @throws UnreadablePayload when the aggregate is corrupt or empty
 */
export const deaggregate = async (payload: KinesisStreamRecordPayload): Promise<readonly UserRecord[]> => {
  const { deaggregateSync } = await import('aws-kinesis-agg');
  let failure: unknown;
  let records: readonly UserRecord[] = [];
  deaggregateSync(payload, true, (error: unknown, found) => {
    if (error) failure ??= error;
    else if (found) records = found;
  });
  if (failure !== undefined) throw new UnreadablePayload('a corrupt KPL aggregate', 'one that matches its checksum');
  if (records.length === 0) throw new UnreadablePayload('a KPL aggregate without records', 'at least one');
  if (records.length > MAX_USER_RECORDS) throw new UnreadablePayload(`a KPL aggregate of ${records.length} records`, `at most ${MAX_USER_RECORDS}`);
  return records;
};
