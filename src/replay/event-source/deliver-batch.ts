import { firstDelivery, nextDeliveries, type Delivery, type Invocation } from '../next-deliveries';
import { giveUp } from './give-up';
import { invokeHandler } from './invoke';
import type { Run } from './run';
import type { Settings } from './settings';
import { createBell } from './wait';

/** Delivers a batch until each of its records is delivered or given up, or the mapping is stopped. */
export const deliver = async <R>(run: Run<R>, shardId: string, batch: readonly R[]): Promise<void> => {
  const { settings, counts, signal } = run;
  let pending: readonly Delivery<R>[] = [firstDelivery(batch)];
  let repeated = false;
  let thrown = false;
  for (let current = pending[0]; current && !signal.aborted; current = pending[0]) {
    if (current.retries > 0) await createBell().wait(signal, settings.retryDelayMs(current.retries));
    if (signal.aborted) return;
    const rest = pending.slice(1);
    const { old, young } = byAge(current, settings);
    if (old.length > 0) {
      await giveUp(run, { shardId, records: old, condition: 'RecordAgeExceeded', invocations: current.invocations, thrown });
      pending = young.length > 0 ? [{ ...current, records: young }, ...rest] : rest;
      continue;
    }
    const invocation = await invoke(run, shardId, current.records);
    thrown = invocation.kind === 'failed';
    const { delivered, next, givenUp } = nextDeliveries(current, invocation, settings.rules);
    if (delivered.length > 0) {
      counts.delivered += delivered.length;
      settings.onSettled(delivered, 'delivered');
    }
    if (givenUp.length > 0) {
      await giveUp(run, { shardId, records: givenUp, condition: 'RetryAttemptsExhausted', invocations: current.invocations + 1, thrown });
    }
    pending = [...next, ...rest];
    if (pending.length === 0 && !repeated && givenUp.length === 0 && settings.random() < settings.duplicate) {
      // As when Lambda could not note its checkpoint: the whole of the batch comes again.
      repeated = true;
      counts.duplicated += 1;
      pending = [firstDelivery(batch)];
    }
  }
};

const byAge = <R>({ records }: Delivery<R>, { maximumAgeMs, source }: Settings<R>): { old: readonly R[]; young: readonly R[] } => {
  if (maximumAgeMs === Infinity) return { old: [], young: records };
  const oldest = Date.now() - maximumAgeMs;
  const isOld = (record: R): boolean => source.facts(record).time < oldest;
  return { old: records.filter(isOld), young: records.filter((record) => !isOld(record)) };
};

const invoke = async <R>({ settings, counts, invoker, onActivity }: Run<R>, shardId: string, records: readonly R[]): Promise<Invocation> => {
  settings.onInvoke(records);
  counts.invocations += 1;
  counts.inFlight += 1;
  try {
    return { kind: 'response', response: await invokeHandler(settings.handler, records, invoker) };
  } catch (error) {
    counts.failedInvocations += 1;
    settings.onError(error, { phase: 'invoke', shardId });
    return { kind: 'failed' };
  } finally {
    counts.inFlight -= 1;
    onActivity();
  }
};
