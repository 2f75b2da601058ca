import { setMaxListeners } from 'node:events';
import { anySignal } from '../any-signal';
import { LockBackendError, LockClientClosedError, type LockName } from '../errors';
import { acquireAll } from './acquire-all';
import { breakRow, brokenLock } from './break';
import { giveBack } from './cleanup';
import { readHandle } from './handle';
import { inspectLock, listLocks } from './inspect';
import { createLeases } from './leases';
import { createObservations, readToken, writeToken } from './observations';
import type { Own, Owned } from './owned';
import { createPatience } from './patience';
import { createPermits } from './permits';
import type { Identity } from './requests';
import { holderOf, refusalOf, retryAfter } from './refusal';
import { resumeLock } from './resume';
import { settingsOf } from './settings';
import { takeLock, type Granted, type TakeEnd, type Taking, type Wanted } from './take';
import { createTelling } from './telling';
import type { LockClient } from './client-types';
import type { AcquireAllOptions, MultiLockScope } from './multi-types';
import type { AcquireOptions, Lock, LockClientOptions, LockScope, TryAcquireOptions, TryAcquireResult } from './types';
import { checkOnRelease, idOf, nameOf, wantedOf } from './wanted';
import { watchLock } from './watch';
import { runHolding } from './with-lock';

/** Versions that are remembered as nobody's. */
const MAX_ORPHANS = 1_000;

/**
 * Lease locks on a DynamoDB table, compatible with the tables of the Java DynamoDB lock client. A lease says who may work,
 * not who does: see `lock.guard` and `lock.fencingToken` for what a late holder must not break.
 *
 * @throws OplockStreamError `INVALID_OPTION`
 */
export const createLockClient = (options: LockClientOptions): LockClient => {
  const settings = settingsOf(options);
  const { clock, schema, ownerName, logger, table } = settings;
  const observations = createObservations(settings.maxObservations);
  const telling = createTelling(settings);
  const leases = createLeases(settings);
  const instanceId = settings.newId();
  const closing = new AbortController();
  setMaxListeners(0, closing.signal); // one for each acquisition under way
  /** Acquisitions under way, and what they have left to be done. */
  const waiting = new Set<Promise<unknown>>();
  const background = new Set<Promise<unknown>>();
  const orphans = new Set<string>();
  let closed: Promise<void> | undefined;

  const inBackground = (task: Promise<unknown>): void => {
    const entry = task.catch((error: unknown) => logger.warn('a lock could not be given back; it runs out by itself', { error })).finally(() => background.delete(entry));
    background.add(entry);
  };

  const assertOpen = (): void => {
    if (closed) throw new LockClientClosedError();
  };

  interface Ended {
    readonly owned?: Owned;
    readonly end?: TakeEnd;
    readonly waitedMs: number;
  }

  /** What close() waits for. */
  const underWay = <T>(task: Promise<T>): Promise<T> => {
    const ended = task.finally(() => waiting.delete(ended));
    waiting.add(ended);
    return ended;
  };

  /** A lock that was granted to a client that was closed meanwhile is given back, and was never acquired. */
  const begin = async (identity: Identity, granted: Granted, keep: TryAcquireOptions, { since, resumed }: { readonly since: number; readonly resumed: boolean }): Promise<Owned> => {
    if (closed) {
      await leases.hold(identity, granted, keep, { quietly: true }).lock.release({ bestEffort: true });
      throw new LockClientClosedError();
    }
    const { name, acquisitionId, fencingToken } = identity;
    const owned = leases.hold(identity, granted, keep);
    settings.tell?.({ ...name, kind: 'acquired', acquisitionId, fencingToken, waitedMs: clock.monotonic() - since, tookOver: granted.tookOver, resumed });
    return owned;
  };

  const take = (name: LockName, given: AcquireOptions, look?: Look): Promise<Ended> => underWay(takeNow(name, given, look));

  const takeNow = async (name: LockName, given: AcquireOptions, look?: Look): Promise<Ended> => {
    assertOpen();
    const id = idOf(name);
    const wanted: Wanted = { ...wantedOf(settings, name, given), ...(look && { readFirst: look.readFirst }) };
    const again = given.reentrant ? leases.rejoin(name, given) : undefined;
    if (again) return { owned: again, waitedMs: 0 };
    const token = given.observation === undefined ? undefined
      : readToken(given.observation, { id, clock, instanceId, maxSkewMs: settings.trustClocks?.maxSkewMs ?? DEFAULT_SKEW_MS });
    if (token) observations.learn(id, token);

    const { signal, end: detach } = anySignal(closing.signal, given.signal);
    const start = clock.monotonic();
    const taking: Taking = { settings, observations, id, isOrphan: (rvn) => orphans.has(rvn), rejoin: given.reentrant ? () => leases.isHeld(id) : undefined };
    try {
      const end = await takeLock(taking, wanted, createPatience({ clock, signal, leaseMs: wanted.leaseMs, waitMs: given.waitMs }));
      const waitedMs = clock.monotonic() - start;
      if (end.kind === 'granted') {
        const identity: Identity = { schema, name, ownerName, acquisitionId: wanted.acquisitionId, fencingToken: end.granted.fencingToken, ttlName: settings.ttl?.attributeName };
        return { owned: await begin(identity, end.granted, given, { since: look?.since ?? start, resumed: false }), waitedMs };
      }
      if (end.kind !== 'same' && end.leftovers.length > 0) {
        for (const rvn of end.leftovers) orphans.add(rvn);
        for (const rvn of [...orphans].slice(0, Math.max(0, orphans.size - MAX_ORPHANS))) orphans.delete(rvn);
        inBackground(giveBack(taking, wanted, end.leftovers, given));
      }
      if (end.kind === 'rejoined') return await takeNow(name, given, look);
      return { end, waitedMs };
    } finally {
      detach();
    }
  };

  const refusal = (name: LockName, { end, waitedMs }: Ended, signal: AbortSignal | undefined): Error =>
    (end?.kind === 'aborted' && closed ? new LockClientClosedError() : refusalOf(settings, name, end, waitedMs, signal));

  const own: Own = (name, given) => telling.acquiring(name, async () => {
    const ended = await take(name, given);
    if (ended.owned) return ended.owned;
    throw refusal(name, ended, given.signal);
  });

  const acquire = async (key: string, given: AcquireOptions = {}): Promise<Lock> => (await own(nameOf(settings, key, given.sortKey), given)).lock;

  const tryOne = async (name: LockName, given: AcquireOptions, look?: Look): Promise<TryAcquireResult> => {
    const ended = await take(name, { ...given, waitMs: 0 }, look);
    if (ended.owned) return { acquired: true, lock: ended.owned.lock };
    const { end } = ended;
    if (end?.kind !== 'unavailable') throw refusal(name, ended, given.signal);
    if (end.cause !== undefined) throw new LockBackendError(name, 'acquiring', end.cause);
    const { row, observation } = end;
    if (!row || !observation) return { acquired: false, retryAfterMs: 0 };
    return {
      acquired: false,
      holder: holderOf(row),
      observation: writeToken(observation, { id: idOf(name), clock, instanceId }),
      retryAfterMs: retryAfter(settings, row, observation),
    };
  };

  const around = { logger, inBackground };
  const runUnder = <T>(lock: Lock, run: Run<T>): Promise<T> => runHolding([lock], () => run({ signal: lock.signal, lease: lock, fence: lock.fencingToken }), around);

  const client: LockClient = {
    ownerName,
    tableName: table.tableName,
    acquire,
    tryAcquire: async (key, given = {}) => {
      const name = nameOf(settings, key, given.sortKey);
      return telling.trying(name, () => tryOne(name, given));
    },
    withLock: async <T>(key: string, ...rest: readonly [Run<T>] | readonly [AcquireOptions, Run<T>]): Promise<T> => {
      const [given, run] = rest.length === 1 ? [{}, rest[0]] : rest;
      return runUnder(await acquire(key, given), run);
    },
    acquireAll: (keys, given = {}) => acquireAll(settings, own, keys, given),
    withLocks: async <T>(keys: readonly (string | LockName)[], ...rest: readonly [MultiRun<T>] | readonly [AcquireAllOptions, MultiRun<T>]): Promise<T> => {
      const [given, run] = rest.length === 1 ? [{}, rest[0]] : rest;
      const lease = await acquireAll(settings, own, keys, given);
      return runHolding(lease.locks, () => run({ signal: lease.signal, lease }), around);
    },
    permits: (key, size, { sortKey } = {}) => createPermits({ settings, telling, tryOne, closing: closing.signal, runUnder }, nameOf(settings, key, sortKey), size),
    resume: async (handle, keep = {}) => {
      assertOpen();
      checkOnRelease(settings, keep.onRelease, 'resume({ onRelease })');
      const read = readHandle(handle);
      const name = nameOf(settings, read.key, read.sortKey);
      const start = clock.monotonic();
      return telling.acquiring(name, () => underWay((async () => {
        const { identity, granted } = await resumeLock(settings, name, read);
        return (await begin(identity, granted, keep, { since: start, resumed: true })).lock;
      })()));
    },
    inspect: (key, { sortKey } = {}) => inspectLock(settings, nameOf(settings, key, sortKey)),
    watch: (key, { sortKey, ...given } = {}) => watchLock(settings, closing.signal, nameOf(settings, key, sortKey), given),
    break: async (key, { sortKey } = {}) => {
      const name = nameOf(settings, key, sortKey);
      return brokenLock(name, await breakRow(settings, observations, { id: idOf(name), name, by: ownerName }));
    },
    list: (given) => listLocks(settings, given ?? {}),
    tableExists: () => table.exists(),
    close: () => (closed ??= closeAll()),
  };

  const closeAll = async (): Promise<void> => {
    // After this function has returned to close(), which makes the client closed.
    await Promise.resolve();
    closing.abort();
    await Promise.allSettled(waiting);
    const releases = await leases.releaseAll();
    await Promise.allSettled(background);
    const errors = releases.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    if (errors.length > 0) throw new AggregateError(errors, `${errors.length} of ${releases.length} locks could not be released; they run out by themselves`);
  };

  return client;
};

type Run<T> = (scope: LockScope) => Promise<T> | T;
type MultiRun<T> = (scope: MultiLockScope) => Promise<T> | T;

/** At a slot of a pool, that has been waited for since then. */
type Look = Required<Pick<Wanted, 'readFirst'>> & { readonly since: number };

/** Machines that keep their clocks by NTP differ by less. */
const DEFAULT_SKEW_MS = 2_000;
