import type { LockClient } from '../../../../src/locks/lease/client-types';
import type { Lock } from '../../../../src/locks/lease/types';
import { createReplay, type PlayOptions, type Replay } from './replay';

/** What the steps of a session got out of the client. */
export interface Session {
  readonly replay: Replay;
  readonly seen: Map<string, unknown>;
}

/** As the real client was driven when the traces were recorded: two owners and three locks, one label after another. */
export const playSession = async (kind: 'hash' | 'range'): Promise<Session> => {
  const [table, sortKeyName] = kind === 'hash' ? ['locks', undefined] : ['rlocks', 'rangeKey'];
  const replay = await createReplay(table, { partitionKeyName: 'key', sortKeyName });
  const { clock } = replay;
  const [a, b] = [replay.client('ownerA'), replay.client('ownerB')];
  const seen = new Map<string, unknown>();
  const sort = kind === 'range' ? { sortKey: 's1' } : {};
  const play = async <T>(step: string, run: () => Promise<T>, options: PlayOptions = {}): Promise<T> => {
    const value = await replay.play(`${kind}.${step}`, run, options);
    seen.set(step, value);
    return value;
  };
  const get = (client: LockClient, key: string, options: Parameters<LockClient['acquire']>[1] = {}): Promise<Lock> =>
    client.acquire(key, { ...sort, refreshMs: 50, consistentReleased: false, ...options });
  const failure = <T>(promise: Promise<T>): Promise<unknown> => promise.then(() => 'none', (error: unknown) => error);

  let ofA = await play('acquire.new', () => get(a, 'k1', { data: 'd1', attributes: { extra: 'x' } }));
  await play('heartbeat.plain', () => ofA.heartbeat());
  await play('heartbeat.data', () => ofA.heartbeat({ data: 'd2' }));
  await play('heartbeat.deleteData', () => ofA.heartbeat({ data: null }));
  await play('heartbeat.lease', () => ofA.heartbeat({ leaseMs: 900 }));
  await play('acquire.busy.heartbeated', async () => {
    const waiting = failure(get(b, 'k1', { waitMs: 500, refreshMs: 100 }));
    const beat = async (): Promise<void> => { await ofA.heartbeat({ leaseMs: 600 }); };
    for (const at of BEATS) clock.after(at, () => void beat());
    return waiting;
  });
  await play('heartbeat.beforeRelease', () => ofA.heartbeat());
  await play('release.mark.data', () => ofA.release({ onRelease: 'keep', data: 'rel' }));
  let ofB = await play('acquire.released.put', () => get(b, 'k1', { replaceData: false }));
  await play('release.mark', () => ofB.release({ onRelease: 'keep' }));
  await play('acquire.released.put.consistent', async () => {
    ofA = await get(a, 'k1', { replaceData: false, consistentReleased: true, onRelease: 'keep' });
    return ofA.release();
  });
  await play('acquire.released.update', async () => {
    ofA = await get(a, 'k1', { existingRow: 'update', replaceData: false, attributes: { extra: 'y' } });
    return ofA.release({ onRelease: 'keep' });
  });
  ofA = await play('acquire.released.update.consistent', () => get(a, 'k1', { existingRow: 'update', consistentReleased: true }));
  let since = clock.monotonic();
  ofB = await play('acquire.expired.put', () => get(b, 'k1'));
  seen.set('expired.put waited', clock.monotonic() - since);
  since = clock.monotonic();
  ofA = await play('acquire.expired.update', () => get(a, 'k1', { existingRow: 'update' }));
  seen.set('expired.update waited', clock.monotonic() - since);
  await play('release.delete', () => ofA.release());
  await play('acquire.new.update', () => get(a, 'k2', { existingRow: 'update' }));
  await play('acquire.skipWait.held', () => b.tryAcquire('k2', sort));
  clock.block(601);
  const stale = await play('acquire.skipWait.stale', () => b.tryAcquire('k2', sort));
  if (!stale.acquired) throw new Error('a dead lock that was seen a lease ago was not taken');
  await play('getLock.sameOwnerName.thenRelease', async () => {
    const view = await replay.client('ownerB').inspect('k2', sort);
    const locks = kind === 'hash' ? [stale.lock, ofB] : [ofB, stale.lock];
    const outcomes: unknown[] = [];
    for (const lock of locks) outcomes.push(await lock.release());
    return { view, outcomes };
  }, { never: [1] });
  await play('acquire.k2.again', () => get(b, 'k2'));
  await play('getLock.other', () => a.inspect('k2', sort));
  await play('acquire.onlyIfExists.missing', () => failure(get(a, 'nope', { mustExist: true, waitMs: 100 })));
  const all = async (options: Parameters<LockClient['list']>[0]): Promise<unknown[]> => {
    const views: unknown[] = [];
    for await (const view of a.list(options)) views.push(view);
    return views;
  };
  await play('getAll', () => all({}));
  await play('getByPk', () => all({ key: 'k2' }));
  await play('release.stolen', async () => {
    const lost = await get(a, 'k3');
    await get(b, 'k3');
    return lost.release();
  });
  await play('heartbeat.afterReleaseMark', async () => {
    const lock = await get(a, 'k4', { onRelease: 'keep' });
    return [await lock.release(), await failure(lock.heartbeat())];
  }, { never: [3] });
  return { replay, seen };
};

/** Heartbeats of the holder between the looks of the contender at 0, 100, … 500 ms, in the recorded order. */
const BEATS = [50, 150, 250, 330, 360, 450];
