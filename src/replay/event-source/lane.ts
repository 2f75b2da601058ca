import { firstDelivery, nextDeliveries, type Delivery, type Invocation } from '../next-deliveries';
import { createBatchBuffer } from './batch-buffer';
import { invokeHandler, type Invoker } from './invoke';
import { onFailureRecord, type FailureCondition } from './on-failure';
import type { Settings } from './settings';
import type { Counts } from './stats';
import { backOffMs, createBell } from './wait';

/** What all lanes of a mapping share. */
export interface Run<R> {
  readonly settings: Settings<R>;
  readonly counts: Counts;
  /** Aborts when the mapping is to stop: the invocation under way ends, no other begins. */
  readonly signal: AbortSignal;
  readonly streamArn: string;
  readonly invoker: Invoker;
  /** Something was read, or has ended. */
  readonly onActivity: () => void;
}

/** One of the orders of a shard: a batch of it must be settled before the next begins. */
export interface Lane<R> {
  add(record: R): void;
  /** Reading on would only fill the memory. */
  full(): boolean;
  idle(): boolean;
  /** Resolves when there is room again. */
  room(): Promise<void>;
  /** Nothing will be added. Resolves when all is settled, or the mapping is stopped. */
  close(): Promise<void>;
}

export const createLane = <R>(run: Run<R>, shardId: string): Lane<R> => {
  const { settings, signal } = run;
  const buffer = createBatchBuffer<R>(settings.batchSize, settings.windowMs);
  const [news, room] = [createBell(), createBell()];
  const capacity = 2 * settings.batchSize;
  let closed = false;
  let busy = false;

  const work = async (): Promise<void> => {
    while (!signal.aborted && !(closed && buffer.size === 0)) {
      const batch = buffer.size > 0 ? buffer.take(performance.now(), closed) : undefined;
      if (batch === undefined || typeof batch === 'number') {
        await news.wait(signal, batch);
        continue;
      }
      busy = true;
      room.ring();
      await deliver(run, shardId, batch);
      busy = false;
    }
  };
  const worker = work();

  return {
    add: (record) => {
      buffer.add(record, performance.now());
      news.ring();
    },
    full: () => buffer.size >= capacity,
    idle: () => !busy && buffer.size === 0,
    room: () => room.wait(signal),
    close: () => {
      closed = true;
      news.ring();
      return worker;
    },
  };
};

/** Delivers a batch until each of its records is delivered or given up, or the mapping is stopped. */
const deliver = async <R>(run: Run<R>, shardId: string, batch: readonly R[]): Promise<void> => {
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
      await giveUp(run, shardId, old, 'RecordAgeExceeded', current.invocations, thrown);
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
    if (givenUp.length > 0) await giveUp(run, shardId, givenUp, 'RetryAttemptsExhausted', current.invocations + 1, thrown);
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

const giveUp = async <R>(
  { settings, counts, signal, streamArn, invoker }: Run<R>, shardId: string, records: readonly R[], condition: FailureCondition, invocations: number, thrown: boolean,
): Promise<void> => {
  const { source, onFailure, onError, onSettled } = settings;
  const failure = onFailureRecord({
    kind: source.kind, streamArn, functionArn: invoker.functionArn, shardId, condition, invocations, thrown,
    facts: records.map(source.facts), now: Date.now(),
  });
  for (let failures = 1; onFailure; failures += 1) {
    try {
      await onFailure(failure, records);
      break;
    } catch (error) {
      onError(error, { phase: 'onFailure', shardId });
    }
    await createBell().wait(signal, backOffMs(failures));
    if (signal.aborted) return;
  }
  counts.givenUp += records.length;
  onSettled(records, 'givenUp');
};
