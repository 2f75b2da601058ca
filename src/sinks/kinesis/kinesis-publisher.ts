import { PutRecordsCommand, type KinesisClient, type PutRecordsResultEntry } from '@aws-sdk/client-kinesis';
import { OplockStreamError } from '../../errors';
import type { Event } from '../../event';
import { publishKey, type EventPublisher, type Published } from '../publish/publisher';
import { defaultClient } from './client';
import { encode, type Encoded } from './encode';

export interface KinesisPublisherOptions {
  /** Default: the environment's STREAM_NAME, read at the first request. */
  readonly streamName?: string;
  /** Instead of the name. */
  readonly streamArn?: string;
  /** Default: a client of the publisher's own with sane timeouts, made at the first request. */
  readonly client?: KinesisClient;
  /** What decides the shard, and the order. Default: `event.partitionKey`, else `event.id`. Beyond 256 characters its SHA-256 is sent. */
  readonly partitionKey?: (event: Event) => string;
  /** The stream's limit for one record, in bytes, data and partition key together. Default 1 MiB, which is a stream's own default. */
  readonly maxRecordBytes?: number;
}

const MIB = 1024 * 1024;

/**
 * Puts events into a Kinesis data stream, for `publish` and `cdc`. Make it once, outside the handler, and give all rules
 * of a stream the same one: it owns the client, and rules that share it send together, in order. Needs
 * `kinesis:PutRecords`.
 */
export const kinesisPublisher = (options: KinesisPublisherOptions = {}): EventPublisher => {
  const { partitionKey: keyOf = publishKey, maxRecordBytes = MIB } = options;
  if (!(maxRecordBytes >= 1)) throw new OplockStreamError('INVALID_OPTION', `kinesisPublisher: maxRecordBytes must be at least 1, found ${String(maxRecordBytes)}`);
  let own: KinesisClient | undefined;
  const client = () => options.client ?? (own ??= defaultClient());

  // An event is measured first, and may be sent more than once: it is encoded once.
  const known = new WeakMap<Event, Encoded>();
  const encoded = (event: Event): Encoded => {
    let found = known.get(event);
    if (!found) known.set(event, (found = encode(event, keyOf)));
    return found;
  };

  const put = async (events: readonly Event[], { signal }: { readonly signal: AbortSignal }): Promise<readonly Published[]> => {
    const Records = events.map((event) => {
      const { data: Data, partitionKey: PartitionKey } = encoded(event);
      return { Data, PartitionKey };
    });
    const { Records: results = [] } = await client().send(new PutRecordsCommand({ ...streamOf(options), Records }), { abortSignal: signal });
    return events.map((_event, i) => publishedOf(results[i]));
  };
  return Object.assign(put, {
    maxEvents: 500,
    maxBytes: Math.max(5 * MIB, maxRecordBytes),
    maxEventBytes: maxRecordBytes,
    bytesOf: (event: Event) => encoded(event).bytes,
    keyOf,
  });
};

const streamOf = ({ streamArn, streamName = process.env['STREAM_NAME'] }: KinesisPublisherOptions): { StreamARN: string } | { StreamName: string } => {
  if (streamArn) return { StreamARN: streamArn };
  if (streamName) return { StreamName: streamName };
  throw new OplockStreamError('NO_STREAM', 'no stream: give `streamName` or `streamArn` to kinesisPublisher(), or set STREAM_NAME');
};

/** An entry of the answer. One that is missing, or says nothing, stands for an event that must be sent again. */
const publishedOf = (entry: PutRecordsResultEntry | undefined): Published => {
  if (entry?.SequenceNumber && !entry.ErrorCode) return undefined;
  const name = entry?.ErrorCode ?? 'InternalFailure'; // how often it is tried follows from the name
  const message = entry?.ErrorMessage ?? 'the answer of PutRecords has neither a sequence number nor an error';
  return { error: Object.assign(new Error(message), { name }) };
};
