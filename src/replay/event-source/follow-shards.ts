import { invokerOf, type Settings } from './settings';
import type { Run } from './run';
import { startable } from './shard-list';
import { startShardReader, type ShardReader } from './shard-reader';
import type { Shard } from './stream-source';
import { backOffMs, createBell } from './wait';

export interface Following {
  /** The starting position is taken in every shard, or the mapping is stopped. */
  readonly ready: Promise<void>;
  /** Stopped, and no invocation is under way. */
  readonly done: Promise<void>;
  /** Everything that was there `quietMs` after the call, and after the last activity, has been read and settled. */
  drained(calledAt: number, quietMs: number): boolean;
  /** What reading fails with now. */
  lastError(): unknown;
}

interface Listing {
  /** When it was asked for, in ms of the monotonic clock. */
  readonly at: number;
  readonly shards: readonly Shard[];
}

/** Keeps a reader for each shard of the stream: the new ones when their parents are done. */
export const followShards = <R>({ settings, counts, signal }: Pick<Run<R>, 'settings' | 'counts' | 'signal'>): Following => {
  const { source } = settings;
  const sync = createBell();
  const readers = new Map<string, ShardReader>();
  const finished = new Set<string>();
  let listing: Listing | undefined;
  let lastActivity = performance.now();
  let lastError: unknown;
  let becomeReady = (): void => {};
  const ready = new Promise<void>((resolve) => { becomeReady = resolve; });

  const open = async (): Promise<{ readonly run: Run<R>; readonly latest: Iterators }> => {
    const streamArn = await source.open(signal);
    const run = { settings, counts, signal, streamArn, invoker: invokerOf(settings, streamArn), onActivity: () => { lastActivity = performance.now(); } };
    return { run, latest: await latestIterators(settings, signal) };
  };

  const begin = (run: Run<R>, shard: Shard, iterator: string | undefined): void => {
    const reader = startShardReader(run, shard, {
      from: { type: iterator === undefined ? 'TRIM_HORIZON' : 'LATEST' },
      isClosed: () => listing?.shards.find(({ id }) => id === shard.id)?.closed ?? true,
      ...(iterator === undefined ? {} : { iterator }),
    });
    readers.set(shard.id, reader);
    void reader.done.then(() => {
      finished.add(shard.id);
      sync.ring();
    });
  };

  const follow = async (): Promise<void> => {
    let opened: Awaited<ReturnType<typeof open>> | undefined;
    for (let failures = 0; !signal.aborted;) {
      try {
        opened ??= await open();
        const at = performance.now();
        listing = { at, shards: await source.shards(signal) };
        const { run, latest } = opened;
        for (const [id, iterator] of latest) if (iterator === undefined) finished.add(id);
        for (const shard of startable(listing.shards, new Set([...readers.keys(), ...finished]), finished)) begin(run, shard, latest.get(shard.id));
        becomeReady();
        failures = 0;
        lastError = undefined;
        await sync.wait(signal, settings.shardSyncIntervalMs);
      } catch (error) {
        if (signal.aborted) break;
        failures += 1;
        lastError = error;
        settings.onError(error, { phase: 'read' });
        await sync.wait(signal, backOffMs(failures));
      }
    }
    await Promise.all([...readers.values()].map(({ done }) => done));
    becomeReady();
  };

  return {
    ready,
    done: follow(),
    lastError: () => [lastError, ...[...readers.values()].map((reader) => reader.lastError())].find((error) => error !== undefined),
    drained: (calledAt, quietMs) => {
      const since = Math.max(calledAt, lastActivity) + quietMs;
      if (performance.now() < since) return false;
      if (!listing || listing.at < since) {
        sync.ring();
        return false;
      }
      return listing.shards.every(({ id }) => finished.has(id) || readers.get(id)?.drained(since) === true);
    },
  };
};

/** By shard; `undefined`: it is closed, and has nothing later. */
type Iterators = ReadonlyMap<string, string | undefined>;

/** With LATEST, the iterators of all shards, taken before the first is read; else none. */
const latestIterators = async <R>({ source, startingPosition }: Settings<R>, signal: AbortSignal): Promise<Iterators> => {
  const iterators = new Map<string, string | undefined>();
  if (startingPosition !== 'LATEST') return iterators;
  await Promise.all((await source.shards(signal)).map(async ({ id }) => {
    iterators.set(id, await source.iterator(id, { type: 'LATEST' }, signal));
  }));
  return iterators;
};
