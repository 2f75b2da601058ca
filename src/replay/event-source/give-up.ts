import { onFailureRecord, type FailureCondition } from './on-failure';
import type { Run } from './run';
import { backOffMs, createBell } from './wait';

export interface GivingUp<R> {
  readonly shardId: string;
  readonly records: readonly R[];
  readonly condition: FailureCondition;
  readonly invocations: number;
  /** The last invocation threw or took too long; else its response reported the records. */
  readonly thrown: boolean;
}

/** Hands the records to `onFailure`, again until it takes them or the mapping is stopped: then they are not settled. */
export const giveUp = async <R>({ settings, counts, signal, streamArn, invoker }: Run<R>, { records, ...given }: GivingUp<R>): Promise<void> => {
  const { source, onFailure, onError, onSettled } = settings;
  const failure = onFailureRecord({
    kind: source.kind, streamArn, functionArn: invoker.functionArn, ...given,
    facts: records.map(source.facts), now: Date.now(),
  });
  for (let failures = 1; onFailure; failures += 1) {
    try {
      await onFailure(failure, records);
      break;
    } catch (error) {
      onError(error, { phase: 'onFailure', shardId: given.shardId });
    }
    await createBell().wait(signal, backOffMs(failures));
    if (signal.aborted) return;
  }
  counts.givenUp += records.length;
  onSettled(records, 'givenUp');
};
