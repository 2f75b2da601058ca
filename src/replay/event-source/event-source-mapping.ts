import { setMaxListeners } from 'node:events';
import { OplockStreamError } from '../../errors';
import { followShards } from './follow-shards';
import type { EventSourceMappingOptions } from './options';
import { settingsOf } from './settings';
import { createCounts, type MappingStats } from './stats';
import { createBell } from './wait';

export interface DrainOptions {
  /** Give up waiting after, in ms. Default 30,000. */
  readonly timeoutMs?: number;
  /** For how long there must have been nothing to do, in ms. Default 250: a stream may show a write a little later. */
  readonly quietMs?: number;
}

export interface EventSourceMapping {
  /** Resolves when the starting position is taken in every shard: what is written from then on is read. */
  ready(): Promise<void>;
  /**
   * Resolves when every shard has been read to its tip and all of it is settled; what was written before the call is
   * among it. Throws `DRAIN_TIMEOUT`, `MAPPING_STOPPED`.
   */
  drained(options?: DrainOptions): Promise<void>;
  /** Ends it: the invocations under way are waited for, no other begins. What is not settled by then is not. */
  stop(): Promise<void>;
  /** A copy of the counts. */
  readonly stats: MappingStats;
}

/**
 * Calls the handler with the records of a stream as Lambda's event source mapping does, on this machine. It starts at
 * once, tries again whatever fails, and keeps the process alive until it is stopped.
 * Throws `MAPPING_INVALID` and `FILTER_INVALID` for options that cannot be.
 */
export const eventSourceMapping = <R>(options: EventSourceMappingOptions<R>): EventSourceMapping => {
  const settings = settingsOf(options);
  const counts = createCounts();
  const stopping = new AbortController();
  const { signal } = stopping;
  // Every lane of every shard waits with it.
  setMaxListeners(0, signal);
  const following = followShards({ settings, counts, signal });

  const end = async (): Promise<void> => {
    settings.signal?.removeEventListener('abort', onAbort);
    stopping.abort();
    await following.done;
  };
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= end());
  const onAbort = (): void => { void stop(); };
  if (settings.signal?.aborted) onAbort();
  else settings.signal?.addEventListener('abort', onAbort);

  return {
    ready: () => following.ready,
    stop,
    get stats() { return { ...counts }; },
    drained: async ({ timeoutMs = 30_000, quietMs = 250 } = {}) => {
      const calledAt = performance.now();
      while (!following.drained(calledAt, quietMs)) {
        if (signal.aborted) throw new OplockStreamError('MAPPING_STOPPED', 'The mapping was stopped before the stream was drained. Wait for drained() first, then stop it.');
        if (performance.now() - calledAt > timeoutMs) throw notDrained(timeoutMs, counts, following.lastError());
        await createBell().wait(signal, 20);
      }
    },
  };
};

const notDrained = (timeoutMs: number, { read, delivered, filtered, givenUp, failedInvocations }: MappingStats, error: unknown): OplockStreamError => new OplockStreamError(
  'DRAIN_TIMEOUT',
  `The stream was not drained within ${timeoutMs} ms: ${read} records read, ${delivered} delivered, ${filtered} filtered, ${givenUp} given up, ${failedInvocations} failed invocations. `
  + `${error === undefined ? 'Look at what the handler does, and at onError; or' : `Reading failed last with: ${error instanceof Error ? `${error.name}: ${error.message}` : 'a value that is no error'}. Correct that, or`} raise timeoutMs.`,
  error === undefined ? {} : { cause: error },
);
