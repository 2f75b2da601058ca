import { describeError } from '../../error-text';
import { consoleLogger, safeLogger, type Logger } from '../../logger';
import type { Channel, Subscription } from './channel-types';
import { SharedClosedError } from './errors';
import { checkNumbers } from './settings';

/** What the nodes of a cache tell each other. */
export type CacheMessage = { readonly keys: readonly string[] } | { readonly all: true };

/** Options of {@link createSynchronizedCache}. */
export interface SynchronizedCacheOptions<V> {
  /** For this cache alone. */
  readonly channel: Channel<CacheMessage>;
  /** Asks the source. It must see what was written before an invalidation: of a DynamoDB table, by a consistent read. */
  readonly load: (key: string) => Promise<V> | V;
  /** The ones that were not asked for the longest are dropped. Default 1,000. */
  readonly maxEntries?: number;
  /** Nothing is served from memory when messages could not be looked for since so long, in ms. Default 10,000. */
  readonly maxStaleMs?: number;
  readonly logger?: Logger;
}

export interface SynchronizedCache<V> {
  /** From memory, or else loaded; several who ask for the same share one load. Errors of `load` are thrown and not kept. */
  get(key: string): Promise<V>;
  /** To be called after the source has changed: dropped here at once, and by all other nodes with their next look. Throws LockBackendError: then call it again. */
  invalidate(...keys: readonly string[]): Promise<void>;
  invalidateAll(): Promise<void>;
  readonly size: number;
  /** Leaves the channel open. */
  close(): Promise<void>;
}

/**
 * A map in the memory of each node whose entries all nodes drop when one of them says so.
 * @throws OplockStreamError `INVALID_OPTION`
 */
export const createSynchronizedCache = <V>({ channel, load, maxEntries = 1_000, maxStaleMs = 10_000, logger: given = consoleLogger }: SynchronizedCacheOptions<V>): SynchronizedCache<V> => {
  checkNumbers({ maxEntries, maxStaleMs });
  const logger = safeLogger(given);
  const entries = new Map<string, V>();
  /** A load that is not in here any more was overtaken by an invalidation: its value is given to who asked before, and not kept. */
  const loads = new Map<string, Promise<V>>();
  let subscribing: Promise<Subscription> | undefined;
  let closed = false;

  const drop = (keys: readonly string[]): void => {
    for (const key of keys) {
      entries.delete(key);
      loads.delete(key);
    }
  };
  const dropAll = (): void => {
    entries.clear();
    loads.clear();
  };
  const subscribe = async (): Promise<Subscription> => {
    subscribing ??= channel.subscribe({
      // A message of another kind, from a newer version perhaps: who knows what it meant.
      onMessage: (message) => { if ('keys' in message) drop(message.keys); else dropAll(); },
      onGap: dropAll,
    });
    try {
      return await subscribing;
    } catch (error) {
      subscribing = undefined;
      throw error;
    }
  };
  /** Whether what is in memory may be served. */
  const isCurrent = async (): Promise<boolean> => {
    try {
      const subscription = await subscribe();
      return subscription.staleForMs() <= maxStaleMs || await subscription.sync() === 'current';
    } catch (error) {
      logger.warn('the channel of a cache is out of reach, so the source is asked each time', { error: describeError(error) });
      return false;
    }
  };
  const keep = (key: string, value: V): void => {
    entries.delete(key);
    entries.set(key, value);
    for (const oldest of entries.keys()) {
      if (entries.size <= maxEntries) break;
      entries.delete(oldest);
    }
  };
  const loadOnce = (key: string): Promise<V> => {
    const known = loads.get(key);
    if (known) return known;
    const loading = (async () => load(key))().then(
      (value) => {
        if (loads.get(key) === loading) {
          loads.delete(key);
          keep(key, value);
        }
        return value;
      },
      (error: unknown) => {
        if (loads.get(key) === loading) loads.delete(key);
        throw error;
      },
    );
    loads.set(key, loading);
    return loading;
  };

  return {
    get: async (key) => {
      if (closed) throw new SharedClosedError();
      if (!await isCurrent()) return load(key);
      if (!entries.has(key)) return loadOnce(key);
      const value = entries.get(key) as V;
      keep(key, value);
      return value;
    },
    invalidate: async (...keys) => {
      drop(keys);
      await channel.send({ keys });
    },
    invalidateAll: async () => {
      dropAll();
      await channel.send({ all: true });
    },
    get size() { return entries.size; },
    close: async () => {
      closed = true;
      dropAll();
      await subscribing?.then((subscription) => subscription.close(), () => {});
    },
  };
};
