import { createHash } from 'node:crypto';
import { OplockStreamError } from '../../errors';
import type { Event } from '../../event';
import { toJson } from '../../faults/to-json';
import { describeFound } from '../../found';
import { publishKey } from '../publish/publisher';

/** An event as Kinesis gets it. */
export interface Encoded {
  readonly data: Uint8Array;
  readonly partitionKey: string;
  /** What Kinesis counts: the data and the partition key. */
  readonly bytes: number;
}

const MAX_KEY_LENGTH = 256;

/**
 * JSON in UTF-8. What JSON cannot say becomes the nearest that it can: bigint and `NumberValue` their digits as a
 * string, so that no digit is lost; Set an array, bytes base64, Date ISO text.
 */
export const encode = (event: Event, keyOf: (event: Event) => string = publishKey): Encoded => {
  const data = Buffer.from(JSON.stringify(toJson(event)));
  const partitionKey = shortKey(keyOf(event));
  return { data, partitionKey, bytes: data.length + Buffer.byteLength(partitionKey) };
};

/** Kinesis takes keys of 1 to 256 characters. A longer one is replaced by its SHA-256, so that the same key stays the same. */
const shortKey = (key: unknown): string => {
  if (typeof key !== 'string' || key === '') {
    throw new OplockStreamError('INVALID_PARTITION_KEY', `the partition key of an event must be a text that is not empty, found ${describeFound(key)}`);
  }
  return key.length <= MAX_KEY_LENGTH ? key : createHash('sha256').update(key).digest('hex');
};
