import type { Context } from 'aws-lambda';
import { OplockStreamError } from '../../errors';
import type { FilterCriteria } from './filter/criteria';
import type { OnFailureRecord } from './on-failure';
import type { StreamSource } from './stream-source';

/** A function of a stream, as Lambda calls it. */
export type SourceHandler<R> = (event: { Records: R[] }, context: Context) => unknown;

/** Named as in Lambda's API, with its defaults. Limits that AWS has to protect itself are not enforced. */
export interface EventSourceMappingOptions<R> {
  /** {@link kinesisStream} or {@link dynamodbStream}. */
  readonly source: StreamSource<R>;
  readonly handler: SourceHandler<R>;
  /** Most records of an invocation, 1 to 10,000. Default 100. */
  readonly batchSize?: number;
  /** How long to collect records when there are fewer, in seconds, 0 to 300. Default 0. */
  readonly maximumBatchingWindowInSeconds?: number;
  /** Invocations at a time of one shard, 1 to 10. Records of a partition key, or of an item, stay in order. Default 1. */
  readonly parallelizationFactor?: number;
  /** Retries of a failed batch, 0 to 10,000. Default -1: until its records are too old. */
  readonly maximumRetryAttempts?: number;
  /** Older records are given up. Default -1: none is. */
  readonly maximumRecordAgeInSeconds?: number;
  /** Default false. */
  readonly bisectBatchOnFunctionError?: boolean;
  /** With `ReportBatchItemFailures` responses are looked at. Default none. */
  readonly functionResponseTypes?: readonly 'ReportBatchItemFailures'[];
  /** Where to start in shards that are there now; in later ones always at the beginning. */
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST' | 'AT_TIMESTAMP';
  /** Needed for `AT_TIMESTAMP`: epoch seconds, or a date. */
  readonly startingPositionTimestamp?: number | Date;
  readonly filterCriteria?: FilterCriteria;
  /** Takes what was given up: Lambda's record of it, and the records themselves. It is called again when it fails. */
  readonly onFailure?: (failure: OnFailureRecord, records: readonly R[]) => unknown;

  /** A handler that takes longer has failed; it cannot be stopped, though. In ms. Default 60,000. */
  readonly functionTimeoutMs?: number;
  /** In the context and in ARNs. Default `local`. */
  readonly functionName?: string;
  /** Makes the context of an invocation out of the one that it would get. */
  readonly context?: (context: Context) => Context;
  /** Wait before the n-th retry of the same records, in ms. Default: 50 × 2^n, at most 2,000. */
  readonly retryDelayMs?: (attempt: number) => number;
  /** Wait after a shard had nothing, in ms. Default 100. */
  readonly pollIntervalMs?: number;
  /** How often to look for new shards, in ms. Default 1,000. */
  readonly shardSyncIntervalMs?: number;
  /** Share of the batches, 0 to 1, that are delivered once more although they succeeded. Default 0. */
  readonly duplicate?: number;
  /** Of `duplicate`: 0 to below 1. Default Math.random. */
  readonly random?: () => number;
  /** Stops the mapping, as `stop()` does. */
  readonly signal?: AbortSignal;
  /** What was thrown by the stream, the handler or `onFailure`; but for callbacks it is tried again. Default: a warning on the console. It must not throw. */
  readonly onError?: (error: unknown, where: ErrorPlace) => void;
  /** Called before each invocation. */
  readonly onInvoke?: (records: readonly R[]) => void;
  /** Called once for each record, or more often when it is delivered more often. */
  readonly onSettled?: (records: readonly R[], how: 'delivered' | 'givenUp') => void;
}

export interface ErrorPlace {
  /** `callback`: `onInvoke` or `onSettled` threw. */
  readonly phase: 'read' | 'invoke' | 'onFailure' | 'callback';
  /** Absent when no one shard is concerned. */
  readonly shardId?: string;
}

const limits = {
  batchSize: [1, 10_000, true],
  maximumBatchingWindowInSeconds: [0, 300, false],
  parallelizationFactor: [1, 10, true],
  maximumRetryAttempts: [-1, 10_000, true],
  maximumRecordAgeInSeconds: [-1, 604_800, false],
  duplicate: [0, 1, false],
} as const;

/** Throws `MAPPING_INVALID` naming the option. */
export const checkOptions = <R>(options: EventSourceMappingOptions<R>): void => {
  for (const [name, [least, most, whole]] of Object.entries(limits) as [keyof typeof limits, (typeof limits)[keyof typeof limits]][]) {
    const value = options[name];
    if (value === undefined || (value >= least && value <= most && (!whole || Number.isInteger(value)))) continue;
    throw new OplockStreamError('MAPPING_INVALID', `${name} is ${String(value)}. Give a ${whole ? 'whole ' : ''}number from ${least} to ${most}.`);
  }
  if (!['TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP'].includes(options.startingPosition)) {
    throw new OplockStreamError('MAPPING_INVALID', `startingPosition is ${String(options.startingPosition)}. Give TRIM_HORIZON, LATEST or AT_TIMESTAMP.`);
  }
  if (options.startingPosition === 'AT_TIMESTAMP' && options.startingPositionTimestamp === undefined) {
    throw new OplockStreamError('MAPPING_INVALID', 'startingPosition is AT_TIMESTAMP. Give startingPositionTimestamp, too.');
  }
};
