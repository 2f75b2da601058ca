import { anySignal } from '../any-signal';
import type { LockName } from '../errors';
import { createMulti } from './multi';
import type { Own, Owned } from './owned';
import { invalidOption, type Settings } from './settings';
import type { AcquireAllOptions, MultiLock } from './multi-types';
import { idOf, nameOf } from './wanted';

const isList = (keys: unknown): boolean => Array.isArray(keys) && keys.length > 0;

/** Each name once, in an order that is the same on every node: two that want the same locks can't each wait for the other. */
const sortedNames = (settings: Settings, keys: readonly (string | LockName)[], sortKey: string | undefined): LockName[] => {
  if (!isList(keys)) throw invalidOption('keys', keys, 'a list of at least one name', 'acquireAll(keys)');
  const names = new Map(keys.map((given) => {
    const name = typeof given === 'string' ? nameOf(settings, given, sortKey) : nameOf(settings, given.key, given.sortKey);
    return [idOf(name), name] as const;
  }));
  return [...names].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, name]) => name);
};

/** One lock after the other. When one can't be had, or one that is held already is lost, all are given back. */
export const acquireAll = async (settings: Settings, own: Own, keys: readonly (string | LockName)[], { sortKey, ...given }: AcquireAllOptions): Promise<MultiLock> => {
  const { clock } = settings;
  const names = sortedNames(settings, keys, sortKey);
  const start = clock.monotonic();
  const owned: Owned[] = [];
  const loss = new AbortController();
  const { signal, end } = anySignal(given.signal, loss.signal);
  try {
    for (const name of names) {
      const waitMs = given.waitMs === undefined ? {} : { waitMs: Math.max(0, given.waitMs - (clock.monotonic() - start)) };
      const one = await own(name, { ...given, ...name, ...waitMs, signal });
      owned.push(one);
      const lose = () => loss.abort(one.lock.lost);
      if (one.lock.lost) lose();
      else one.lock.signal.addEventListener('abort', lose, { once: true });
      loss.signal.throwIfAborted();
    }
    return createMulti(settings, owned);
  } catch (error) {
    await Promise.all(owned.map(({ lock }) => lock.release({ bestEffort: true })));
    throw loss.signal.aborted ? loss.signal.reason : error;
  } finally {
    end();
  }
};
