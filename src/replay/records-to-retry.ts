import { compareIdentifiers } from '../ledger/checkpoint';

/** The sequence number of a Kinesis or DynamoDB stream record: what a handler reports it by. */
export const recordIdentifier = (record: unknown): string | undefined => {
  const { kinesis, dynamodb } = (record ?? {}) as {
    readonly kinesis?: { readonly sequenceNumber?: unknown };
    readonly dynamodb?: { readonly SequenceNumber?: unknown };
  };
  const identifier = kinesis?.sequenceNumber ?? dynamodb?.SequenceNumber;
  return typeof identifier === 'string' && identifier !== '' ? identifier : undefined;
};

/**
 * What Lambda delivers again after this response, with ReportBatchItemFailures switched on.
 * - no response, no list, an empty list: nothing
 * - identifiers of the batch: everything from the lowest sequence number among them on. "From there on" goes by
 *   sequence number, which is the same as by position in a recorded batch and still loses nothing in a shuffled one
 * - an empty, missing or unknown identifier, or a response of another shape: everything
 */
export const recordsToRetry = <R>(records: readonly R[], response: unknown): readonly R[] => {
  if (response === undefined || response === null) return [];
  if (typeof response !== 'object' || Array.isArray(response)) return records;
  const { batchItemFailures: failures } = response as { readonly batchItemFailures?: unknown };
  if (failures === undefined || failures === null) return [];
  if (!Array.isArray(failures)) return records;
  const known = new Set(records.map(recordIdentifier));
  let checkpoint: string | undefined;
  for (const failure of failures as readonly unknown[]) {
    const identifier = (failure as { readonly itemIdentifier?: unknown } | null | undefined)?.itemIdentifier;
    if (typeof identifier !== 'string' || identifier === '' || !known.has(identifier)) return records;
    if (checkpoint === undefined || compareIdentifiers(identifier, checkpoint) < 0) checkpoint = identifier;
  }
  if (checkpoint === undefined) return [];
  const from = checkpoint;
  return records.filter((record) => compareIdentifiers(recordIdentifier(record) ?? '', from) >= 0);
};
