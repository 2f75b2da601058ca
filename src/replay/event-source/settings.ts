import { consoleLogger } from '../../logger';
import { filter } from './filter/criteria';
import type { Invoker } from './invoke';
import { checkOptions, type ErrorPlace, type EventSourceMappingOptions } from './options';
import type { RetryRules } from '../next-deliveries';
import { parseArn } from './arn';

/** The options with every default filled in. */
export const settingsOf = <R>(options: EventSourceMappingOptions<R>) => {
  checkOptions(options);
  const rules: RetryRules = {
    maximumRetryAttempts: options.maximumRetryAttempts ?? -1,
    bisectBatchOnFunctionError: options.bisectBatchOnFunctionError ?? false,
    reportBatchItemFailures: options.functionResponseTypes?.includes('ReportBatchItemFailures') ?? false,
    progressStartsAnew: false,
  };
  const age = options.maximumRecordAgeInSeconds ?? -1;
  const onError = options.onError ?? logError;
  const observe = <A extends unknown[]>(callback: ((...args: A) => void) | undefined) => (...args: A): void => {
    try {
      callback?.(...args);
    } catch (error) {
      // Who only watches must not change what is delivered.
      onError(error, { phase: 'callback' });
    }
  };
  return {
    ...options,
    rules,
    batchSize: options.batchSize ?? 100,
    windowMs: (options.maximumBatchingWindowInSeconds ?? 0) * 1000,
    lanes: options.parallelizationFactor ?? 1,
    maximumAgeMs: age < 0 ? Infinity : age * 1000,
    wanted: filter(options.filterCriteria, options.source.filterKeys),
    /** Epoch ms; earlier records are passed over. */
    notBefore: options.startingPosition === 'AT_TIMESTAMP' ? epochMs(options.startingPositionTimestamp) : -Infinity,
    functionTimeoutMs: options.functionTimeoutMs ?? 60_000,
    functionName: options.functionName ?? 'local',
    retryDelayMs: options.retryDelayMs ?? ((attempt: number) => Math.min(50 * 2 ** attempt, 2_000)),
    pollIntervalMs: options.pollIntervalMs ?? 100,
    shardSyncIntervalMs: options.shardSyncIntervalMs ?? 1_000,
    duplicate: options.duplicate ?? 0,
    random: options.random ?? Math.random,
    onError,
    onInvoke: observe(options.onInvoke),
    onSettled: observe(options.onSettled),
  };
};

export type Settings<R> = ReturnType<typeof settingsOf<R>>;

export const invokerOf = <R>({ functionName, functionTimeoutMs, context }: Settings<R>, streamArn: string): Invoker => {
  const { partition, region, account } = parseArn(streamArn);
  return {
    functionName,
    functionArn: `arn:${partition}:lambda:${region}:${account}:function:${functionName}`,
    timeoutMs: functionTimeoutMs,
    ...(context ? { context } : {}),
  };
};

const epochMs = (given: number | Date | undefined): number => (given instanceof Date ? given.getTime() : Number(given) * 1000);

const logError = (error: unknown, { phase, shardId }: ErrorPlace): void => {
  consoleLogger.warn(`Event source mapping: ${phase} failed and is tried again.`, { shardId, error });
};
