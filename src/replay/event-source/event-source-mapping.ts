import { setMaxListeners } from 'node:events';
import { OplockStreamError } from '../../errors';
import type { Run } from './lane';
import type { EventSourceMappingOptions } from './options';
import { invokerOf, settingsOf, type Settings } from './settings';
import { startable } from './shard-list';
import { startShardReader, type ShardReader } from './shard-reader';
import { createCounts, type MappingStats } from './stats';
import type { ReadFrom, Shard } from './stream-source';
import { backOffMs, createBell } from './wait';

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
  const sync = createBell();
  const readers = new Map<string, ShardReader>();
  const finished = new Set<string>();
  let listing: { readonly at: number; readonly shards: readonly Shard[] } | undefined;
  let lastActivity = performance.now();
  let listError: unknown;
  let becomeReady = (): void => {};
  const readiness = new Promise<void>((resolve) => { becomeReady = resolve; });

  const begin = (run: Run<R>, shard: Shard, from: ReadFrom, iterator: string | undefined): void => {
    const isClosed = (): boolean => listing?.shards.find(({ id }) => id === shard.id)?.closed ?? true;
    const reader = startShardReader(run, shard, { from, isClosed, ...(iterator === undefined ? {} : { iterator }) });
    readers.set(shard.id, reader);
    void reader.done.then(() => {
      finished.add(shard.id);
      sync.ring();
    });
  };

  const follow = async (): Promise<void> => {
    let open: { readonly run: Run<R>; readonly first: ReadonlyMap<string, string | undefined> } | undefined;
    for (let failures = 0; !signal.aborted;) {
      const at = performance.now();
      try {
        if (!open) {
          const streamArn = await settings.source.open(signal);
          const run = { settings, counts, signal, streamArn, invoker: invokerOf(settings, streamArn), onActivity: () => { lastActivity = performance.now(); } };
          const shards = await settings.source.shards(signal);
          open = { run, first: await firstIterators(settings, shards, signal) };
        }
        const { run, first } = open;
        listing = { at, shards: await settings.source.shards(signal) };
        for (const shard of startable(listing.shards, new Set(readers.keys()), finished)) {
          const latest = settings.startingPosition === 'LATEST' && first.has(shard.id);
          begin(run, shard, { type: latest ? 'LATEST' : 'TRIM_HORIZON' }, first.get(shard.id));
        }
        becomeReady();
        listError = undefined;
        failures = 0;
        await sync.wait(signal, settings.shardSyncIntervalMs);
      } catch (error) {
        if (signal.aborted) break;
        failures += 1;
        listError = error;
        settings.onError(error, { phase: 'read' });
        await sync.wait(signal, backOffMs(failures));
      }
    }
  };
  const following = follow();

  const isDrained = (calledAt: number, quietMs: number): boolean => {
    const since = Math.max(calledAt, lastActivity) + quietMs;
    return listing !== undefined && listing.at >= since
      && listing.shards.every(({ id }) => finished.has(id) || readers.get(id)?.drained(since) === true);
  };

  const stop = async (): Promise<void> => {
    stopping.abort();
    settings.signal?.removeEventListener('abort', onAbort);
    await following;
    await Promise.all([...readers.values()].map(({ done }) => done));
    becomeReady();
  };
  let stopped: Promise<void> | undefined;
  const onAbort = (): void => { void (stopped ??= stop()); };
  if (settings.signal?.aborted) onAbort();
  else settings.signal?.addEventListener('abort', onAbort, { once: true });

  return {
    ready: () => readiness,
    stop: () => (stopped ??= stop()),
    get stats() { return { ...counts }; },
    drained: async ({ timeoutMs = 30_000, quietMs = 250 } = {}) => {
      const calledAt = performance.now();
      while (!isDrained(calledAt, quietMs)) {
        if (signal.aborted) throw new OplockStreamError('MAPPING_STOPPED', 'The mapping was stopped before the stream was drained. Wait for drained() first, then stop it.');
        if (performance.now() - calledAt > timeoutMs) throw notDrained(timeoutMs, counts, [listError, ...[...readers.values()].map((reader) => reader.lastError())]);
        const since = Math.max(calledAt, lastActivity) + quietMs;
        if (performance.now() >= since && (listing?.at ?? 0) < since) sync.ring();
        await createBell().wait(signal, 20);
      }
    },
  };
};

/** With LATEST, the iterators of all shards are taken before the first is read; else none. */
const firstIterators = async <R>({ source, startingPosition }: Settings<R>, shards: readonly Shard[], signal: AbortSignal): Promise<ReadonlyMap<string, string | undefined>> => {
  if (startingPosition !== 'LATEST') return new Map();
  return new Map(await Promise.all(shards.map(async ({ id }): Promise<[string, string | undefined]> => [id, await source.iterator(id, { type: 'LATEST' }, signal)])));
};

const notDrained = (timeoutMs: number, { read, delivered, filtered, givenUp, failedInvocations }: MappingStats, errors: readonly unknown[]): OplockStreamError => {
  const error = errors.find((one) => one !== undefined);
  return new OplockStreamError(
    'DRAIN_TIMEOUT',
    `The stream was not drained within ${timeoutMs} ms: ${read} records read, ${delivered} delivered, ${filtered} filtered, ${givenUp} given up, ${failedInvocations} failed invocations. `
    + `${error === undefined ? 'Look at what the handler does, and at onError; or' : `Reading failed last with: ${error instanceof Error ? `${error.name}: ${error.message}` : 'a value that is no error'}. Correct that, or`} raise timeoutMs.`,
    error === undefined ? {} : { cause: error },
  );
};
