import { recordsToRetry } from './records-to-retry';

/** Records that wait to be handed to the function, in the order of their shard. */
export interface Delivery<R> {
  readonly records: readonly R[];
  /** How many of the allowed retries they have used. */
  readonly retries: number;
  /** How often exactly these records, or they and settled ones before them, were handed over. */
  readonly invocations: number;
}

/** What an invocation came to. */
export type Invocation =
  /** A response, as JSON gives it back. */
  | { readonly kind: 'response'; readonly response: unknown }
  /** Thrown, timed out, died. */
  | { readonly kind: 'failed' }
  /** It failed because a replay wanted it to. That uses up no retry: nothing is to be given up for it. */
  | { readonly kind: 'interrupted' };

export interface RetryRules {
  /** Retries after the first invocation; negative: without end. */
  readonly maximumRetryAttempts: number;
  readonly bisectBatchOnFunctionError: boolean;
  /** Off: what the response says is not looked at. */
  readonly reportBatchItemFailures: boolean;
  /** Does a checkpoint that moves on give the records behind it all their retries again? (Without bisect.) */
  readonly progressStartsAnew: boolean;
}

/** Each record given is in exactly one of the three. */
export interface NextDeliveries<R> {
  readonly delivered: readonly R[];
  /** To do before anything else of this shard, in this order. */
  readonly next: readonly Delivery<R>[];
  /** Out of retries. */
  readonly givenUp: readonly R[];
}

export const firstDelivery = <R>(records: readonly R[]): Delivery<R> => ({ records, retries: 0, invocations: 0 });

/**
 * What follows an invocation: the one place that decides it.
 * - All is settled: nothing.
 * - With bisect, what failed is split: behind the checkpoint of a partial response, else in the middle. A split uses
 *   up no retry, and ends at one record; only that one is retried as it is.
 * - Without bisect, everything from the checkpoint on is retried as it is, until the retries are used up.
 */
export const nextDeliveries = <R>(delivery: Delivery<R>, invocation: Invocation, rules: RetryRules): NextDeliveries<R> => {
  const { records, retries, invocations } = delivery;
  const failed = failedRecords(records, invocation, rules);
  if (failed.length === 0) return { delivered: records, next: [], givenUp: [] };
  const progress = failed.length < records.length;
  const behind = new Set(failed);
  const delivered = progress ? records.filter((record) => !behind.has(record)) : [];
  if (rules.bisectBatchOnFunctionError && (progress || failed.length > 1)) {
    return { delivered, next: progress ? [firstDelivery(failed)] : halves(failed), givenUp: [] };
  }
  const used = invocation.kind === 'interrupted' ? retries : progress && rules.progressStartsAnew ? 0 : retries + 1;
  const exhausted = rules.maximumRetryAttempts >= 0 && used > rules.maximumRetryAttempts;
  return exhausted
    ? { delivered, next: [], givenUp: failed }
    : { delivered, next: [{ records: failed, retries: used, invocations: invocations + 1 }], givenUp: [] };
};

const failedRecords = <R>(records: readonly R[], invocation: Invocation, rules: RetryRules): readonly R[] => {
  if (invocation.kind !== 'response') return records;
  return rules.reportBatchItemFailures ? recordsToRetry(records, invocation.response) : [];
};

const halves = <R>(records: readonly R[]): readonly Delivery<R>[] => {
  const middle = Math.ceil(records.length / 2);
  return [firstDelivery(records.slice(0, middle)), firstDelivery(records.slice(middle))];
};
