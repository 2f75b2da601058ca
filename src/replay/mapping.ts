import type { StreamEvent } from './fixture/read';
import { firstDelivery, nextDeliveries, type Delivery as Pending, type Invocation } from './next-deliveries';
import { ProcessDied } from './troubles/trouble';

export { recordIdentifier, recordsToRetry } from './records-to-retry';

/** A Lambda function of a stream, as the event source mapping calls it. */
export type StreamHandler = (event: StreamEvent) => unknown;

export interface MappingOptions {
  /**
   * How often the same records are delivered again before they are given up. Default 10. Progress, when the
   * checkpoint moves on, starts the count anew.
   */
  readonly maximumRetryAttempts?: number;
  /**
   * Split what fails and go on with each half, so that one bad record is given up alone. Default false: the first
   * records to run out of attempts end the delivery.
   */
  readonly bisectBatchOnFunctionError?: boolean;
  /** Wait before the n-th retry of the same records, in ms. Default: none. */
  readonly retryDelayMs?: (attempt: number) => number;
  /** Called before each invocation, with what it is given. */
  readonly onInvoke?: (records: readonly unknown[]) => void;
}

/** What became of one batch. */
export interface Delivery {
  readonly invocations: number;
  /** The records that were given up when the attempts ran out. Empty: all is well. */
  readonly undelivered: readonly unknown[];
  /** What the handler threw, in order. */
  readonly errors: readonly unknown[];
}

/**
 * Delivers a batch as Lambda's event source mapping does: again from the checkpoint while the handler reports
 * failures, the whole of it again when the handler throws, until all is settled or the attempts run out.
 */
export const deliverBatch = async (batch: readonly unknown[], handler: StreamHandler, options: MappingOptions = {}): Promise<Delivery> => {
  const { maximumRetryAttempts = 10, bisectBatchOnFunctionError = false, retryDelayMs, onInvoke } = options;
  const rules = { maximumRetryAttempts, bisectBatchOnFunctionError, reportBatchItemFailures: true, progressStartsAnew: true };
  const errors: unknown[] = [];
  const undelivered: unknown[] = [];
  let invocations = 0;
  let pending: readonly Pending<unknown>[] = batch.length > 0 ? [firstDelivery(batch)] : [];
  for (let current = pending[0]; current; current = pending[0]) {
    const { records, retries } = current;
    const delay = retries > 0 ? retryDelayMs?.(retries) ?? 0 : 0;
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
    onInvoke?.(records);
    invocations += 1;
    const { next, givenUp } = nextDeliveries(current, await invoke(records, handler, errors), rules);
    undelivered.push(...givenUp);
    pending = [...next, ...pending.slice(1)];
  }
  return { invocations, undelivered, errors };
};

const invoke = async (records: readonly unknown[], handler: StreamHandler, errors: unknown[]): Promise<Invocation> => {
  try {
    return { kind: 'response', response: await handler({ Records: records }) };
  } catch (error) {
    if (error instanceof ProcessDied) return { kind: 'interrupted' };
    errors.push(error);
    return { kind: 'failed' };
  }
};
