import { randomUUID } from 'node:crypto';
import type { RecordFacts } from './stream-source';

/** Why records were given up. */
export type FailureCondition = 'RetryAttemptsExhausted' | 'RecordAgeExceeded';

export interface BatchInfo {
  readonly shardId: string;
  readonly startSequenceNumber: string;
  readonly endSequenceNumber: string;
  /** ISO 8601. */
  readonly approximateArrivalOfFirstRecord: string;
  readonly approximateArrivalOfLastRecord: string;
  readonly batchSize: number;
  readonly streamArn: string;
}

/** What Lambda sends to an on-failure destination. */
export interface OnFailureRecord {
  readonly requestContext: {
    readonly requestId: string;
    readonly functionArn: string;
    readonly condition: FailureCondition;
    readonly approximateInvokeCount: number;
  };
  /** Absent when the records were too old before the first invocation. */
  readonly responseContext?: { readonly statusCode: number; readonly executedVersion: string; readonly functionError?: string };
  readonly version: '1.0';
  readonly timestamp: string;
  readonly KinesisBatchInfo?: BatchInfo;
  readonly DDBStreamBatchInfo?: BatchInfo;
}

export interface GivenUp {
  readonly kind: 'kinesis' | 'dynamodb';
  readonly streamArn: string;
  readonly functionArn: string;
  readonly shardId: string;
  readonly condition: FailureCondition;
  readonly invocations: number;
  /** The last invocation threw or took too long; else its response reported the records. */
  readonly thrown: boolean;
  /** Of the records, in their order; at least one. */
  readonly facts: readonly RecordFacts[];
  /** Epoch ms. */
  readonly now: number;
}

export const onFailureRecord = ({ kind, facts, now, ...given }: GivenUp): OnFailureRecord => {
  const [first] = facts;
  const last = facts.at(-1);
  const batch: BatchInfo = {
    shardId: given.shardId,
    startSequenceNumber: first?.sequenceNumber ?? '',
    endSequenceNumber: last?.sequenceNumber ?? '',
    approximateArrivalOfFirstRecord: new Date(first?.time ?? 0).toISOString(),
    approximateArrivalOfLastRecord: new Date(last?.time ?? 0).toISOString(),
    batchSize: facts.length,
    streamArn: given.streamArn,
  };
  return {
    requestContext: {
      requestId: randomUUID(),
      functionArn: given.functionArn,
      condition: given.condition,
      approximateInvokeCount: given.invocations,
    },
    ...(given.invocations === 0 ? {} : {
      responseContext: { statusCode: 200, executedVersion: '$LATEST', ...(given.thrown ? { functionError: 'Unhandled' } : {}) },
    }),
    version: '1.0',
    timestamp: new Date(now).toISOString(),
    ...(kind === 'kinesis' ? { KinesisBatchInfo: batch } : { DDBStreamBatchInfo: batch }),
  };
};
