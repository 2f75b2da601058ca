import { compareIdentifiers } from '../ledger/checkpoint';
import type { StreamEvent } from './fixture/read';

/** A Lambda function of a stream, as the event source mapping calls it. */
export type StreamHandler = (event: StreamEvent) => unknown;

export interface MappingOptions {
  /**
   * How often the same records are delivered again before they are given up. Default 10. Progress, when the
   * checkpoint moves on, starts the count anew.
   */
  readonly maximumRetryAttempts?: number;
  /** Wait before the n-th retry of the same records, in ms. Default: none. */
  readonly retryDelayMs?: (attempt: number) => number;
  /** Called before each invocation, with what it is given. */
  readonly onInvoke?: (records: readonly unknown[]) => void;
}

/** What became of one batch. */
export interface Delivery {
  readonly invocations: number;
  /** The records from the last checkpoint on, when the attempts ran out. Empty: all is well. */
  readonly undelivered: readonly unknown[];
  /** What the handler threw, in order. */
  readonly errors: readonly unknown[];
}

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
export const recordsToRetry = (records: readonly unknown[], response: unknown): readonly unknown[] => {
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

/**
 * Delivers a batch as Lambda's event source mapping does: again from the checkpoint while the handler reports
 * failures, the whole of it again when the handler throws, until all is settled or the attempts run out.
 */
export const deliverBatch = async (batch: readonly unknown[], handler: StreamHandler, options: MappingOptions = {}): Promise<Delivery> => {
  const { maximumRetryAttempts = 10, retryDelayMs, onInvoke } = options;
  const errors: unknown[] = [];
  let invocations = 0;
  let attempt = 0;
  let records = batch;
  while (records.length > 0) {
    const given = records;
    onInvoke?.(given);
    invocations += 1;
    try {
      records = recordsToRetry(given, await handler({ Records: given }));
    } catch (error) {
      errors.push(error);
    }
    attempt = records.length < given.length ? 0 : attempt + 1;
    if (attempt > maximumRetryAttempts) break;
    const delay = records.length > 0 ? retryDelayMs?.(attempt) ?? 0 : 0;
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
  }
  return { invocations, undelivered: records, errors };
};
