import { createHash } from 'node:crypto';
import { KPL_MAGIC } from './kpl';

const varint = (value: number): Buffer => {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Buffer.from([...bytes, rest]);
};

const delimited = (field: number, bytes: Uint8Array): Buffer => Buffer.concat([varint(field * 8 + 2), varint(bytes.length), bytes]);

const integer = (field: number, value: number): Buffer => Buffer.concat([varint(field * 8), varint(value)]);

/**
 * A Kinesis Producer Library aggregate, for the builder: magic, a protobuf message of a table of partition keys
 * and the records that point into it, MD5. Written here because aws-kinesis-agg keeps its table in an object,
 * which puts keys that are digits first while the records go on pointing at their old places.
 */
export const encodeAggregate = (records: readonly { readonly partitionKey: string; readonly data: Uint8Array }[]): Buffer => {
  const table = new Map<string, number>();
  for (const { partitionKey } of records) if (!table.has(partitionKey)) table.set(partitionKey, table.size);
  const message = Buffer.concat([
    ...[...table.keys()].map((key) => delimited(1, Buffer.from(key))),
    ...records.map(({ partitionKey, data }) => delimited(3, Buffer.concat([integer(1, table.get(partitionKey) ?? 0), delimited(3, data)]))),
  ]);
  return Buffer.concat([KPL_MAGIC, message, createHash('md5').update(message).digest()]);
};
