import { LockLostError, lockMetrics, type Lock, type LockEvent } from '../../../../src/locks';
import { settle } from '../../../support/locks/fake-clock';
import { failureOf, finish, serviceError } from '../../../support/locks/finish';
import { lockWorld, type LockWorld } from '../../../support/locks/world';

const timeout = (): Error => Object.assign(new Error('no answer'), { name: 'TimeoutError' });

describe('what a client tells of its locks', () => {
  let world: LockWorld;
  let told: LockEvent[];
  const onEvent = (event: LockEvent): void => { told.push(event); };
  beforeEach(async () => {
    world = await lockWorld();
    told = [];
  });
  const kinds = () => told.map(({ kind }) => kind);

  test('an acquisition, its renewals and its release', async () => {
    const locks = world.locks({ onEvent, exclusive: true });
    world.trouble.before = async () => { await world.clock.advance(20); };
    const lock = await locks.acquire('a');
    world.trouble.before = async () => { await world.clock.advance(5); };
    await lock.heartbeat();
    delete world.trouble.before;
    await world.clock.advance(1_000);
    await lock.release();
    const lease = { key: 'a', acquisitionId: lock.acquisitionId };
    expect(told).toEqual([
      { ...lease, kind: 'acquired', fencingToken: 1, waitedMs: 20, tookOver: false, resumed: false },
      // A lease of 10 s, a second of margin; it counts from before each request.
      { ...lease, kind: 'renewed', tookMs: 5, leftMs: 9_000 - 25 },
      { ...lease, kind: 'released', heldMs: 1_005 },
    ]);
  });

  test('who has it when it is refused, at once or after a wait', async () => {
    await world.locks({ ownerName: 'other', heartbeatMs: 2_000 }).acquire('a');
    const locks = world.locks({ onEvent });
    await locks.tryAcquire('a');
    const waiting = locks.acquire('a', { waitMs: 3_000 }).catch(() => {});
    await world.clock.advance(3_000);
    await waiting;
    expect(told).toEqual([0, 3_000].map((waitedMs) => ({ key: 'a', kind: 'refused', waitedMs, holder: { ownerName: 'other', leaseMs: 10_000 } })));
  });

  test('the error of one that fails, and of one that is aborted', async () => {
    const locks = world.locks({ onEvent });
    world.trouble.before = () => { throw timeout(); };
    await locks.tryAcquire('a').catch(() => {});
    await finish(world.clock, failureOf(locks.acquire('a', { waitMs: 1_000 })));
    delete world.trouble.before;
    await world.put({ key: 'b', what: 'no lock' });
    await locks.tryAcquire('b').catch(() => {});
    await locks.acquire('c', { signal: AbortSignal.abort() }).catch(() => {});
    expect(told).toMatchObject([
      { key: 'a', kind: 'failed', error: { code: 'LOCK_BACKEND' } }, { key: 'a', kind: 'failed', error: { code: 'LOCK_TIMEOUT' } }, { key: 'b', kind: 'failed', error: { code: 'LOCK_ROW_INVALID' } }, { key: 'c', kind: 'failed', error: { code: 'LOCK_ABORTED' } },
    ]);
  });

  test('a renewal without an answer, and that the lock was lost by it: once', async () => {
    const lock = await world.locks({ onEvent, heartbeatMs: 4_000 }).acquire('a');
    world.trouble.before = () => { throw timeout(); };
    await world.clock.advance(9_000);
    expect(lock.lost).toBeInstanceOf(LockLostError);
    const released = lock.release({ bestEffort: true });
    await world.clock.advance(60_000);
    await released;
    expect(new Set(kinds())).toEqual(new Set(['acquired', 'renewal-failed', 'lost']));
    expect(told.filter(({ kind }) => kind === 'lost')).toEqual([{ key: 'a', acquisitionId: lock.acquisitionId, kind: 'lost', reason: 'deadline', error: lock.lost, heldMs: 9_000 }]);
    const left = told.flatMap((event) => (event.kind === 'renewal-failed' ? [event.leftMs] : []));
    expect(left).toEqual([...left].sort((a, b) => b - a));
    expect(left.every((ms) => ms > 0 && ms < 6_000)).toBe(true);
  });

  test('a renewal whose answer comes when its own lease is over too has renewed nothing', async () => {
    const lock = await world.locks({ onEvent, heartbeatMs: false }).acquire('a');
    world.trouble.after = () => { world.clock.suspend(20_000); };
    expect(await failureOf(lock.heartbeat())).toMatchObject({ code: 'LOCK_LOST', reason: 'suspended' });
    expect(kinds()).toEqual(['acquired', 'lost']);
  });

  test('a renewal that is only assumed is one without an answer', async () => {
    const lock = await world.locks({ onEvent, heartbeatMs: false, holdOnServiceUnavailable: true }).acquire('a');
    world.trouble.before = () => { throw serviceError('ServiceUnavailable', 503); };
    await lock.heartbeat();
    expect(told.slice(1)).toMatchObject([{ kind: 'renewal-failed', error: { name: 'ServiceUnavailable' } }]);
  });

  test('what a release finds out: by whom the lock was taken', async () => {
    const locks = world.locks({ onEvent, heartbeatMs: false });
    const lock = await locks.acquire('a');
    await world.remove('a');
    await world.locks({ ownerName: 'thief' }).acquire('a');
    expect(await lock.release()).toBe('lost');
    expect(lock.lost).toMatchObject({ reason: 'stolen', by: 'thief' });
    expect(told.at(-1)).toMatchObject({ kind: 'lost', reason: 'stolen', error: { by: 'thief' } });
    expect(lock.signal.aborted).toBe(false); // nobody works under it any more
  });

  test('a release without an answer, once, whatever comes of another', async () => {
    const lock = await world.locks({ onEvent, heartbeatMs: false }).acquire('a');
    world.trouble.before = () => { throw timeout(); };
    const released = failureOf(lock.release());
    await world.clock.advance(60_000);
    expect(await released).toMatchObject({ code: 'LOCK_BACKEND' });
    delete world.trouble.before;
    expect(await lock.release()).toBe('released');
    expect(kinds()).toEqual(['acquired', 'release-failed']);
  });

  test.each(['delete', 'keep'] as const)('another release knows its own row where the first had arrived without an answer: %s', async (onRelease) => {
    const lock = await world.locks({ onEvent, heartbeatMs: false }).acquire('a', { onRelease });
    // The first try arrives, and no other.
    let tries = 0;
    Object.assign(world.trouble, { before: () => { if ((tries += 1) > 1) throw timeout(); }, after: () => { throw timeout(); } });
    expect(await finish(world.clock, failureOf(lock.release()))).toMatchObject({ code: 'LOCK_BACKEND' });
    for (const when of ['before', 'after'] as const) delete world.trouble[when];
    await world.locks({ heartbeatMs: false }).acquire('a');
    expect(await lock.release()).toBe('released');
    expect(lock.lost).toBeUndefined();
    expect(kinds()).toEqual(['acquired', 'release-failed']);
  });

  test.each([['delete', 'under way'], ['keep', 'under way'], ['delete', 'over'], ['keep', 'over']] as const)('a guarded write that a release has overtaken is refused, and the lock was not lost: %s, %s', async (onRelease, release) => {
    const locks = world.locks({ onEvent });
    let arrive = (): void => {};
    world.trouble.before = ({ constructor: { name } }) => (name.includes('Transact') ? new Promise<void>((resolve) => { arrive = resolve; }) : undefined);
    world.trouble.after = async ({ constructor: { name } }) => {
      if (name.includes('Put') || release === 'over') return;
      // The row is given back, and nobody knows yet.
      arrive();
      await settle();
    };
    let guarding: Promise<unknown> | undefined;
    let lock: Lock | undefined;
    const working = locks.withLock('a', { onRelease }, ({ lease }) => {
      lock = lease;
      guarding = failureOf(lease.guard([{ Put: { TableName: world.table, Item: { key: 'x' } } }]));
      return 'done';
    });
    expect(await finish(world.clock, working)).toBe('done');
    arrive();
    expect(await guarding).toMatchObject({ code: 'LOCK_MISUSE' });
    expect(lock?.lost).toBeUndefined();
    expect(kinds()).toEqual(['acquired', 'released']);
  });

  test('a late release whose answer was lost knows the row that it has kept', async () => {
    const lock = await world.locks({ onEvent, heartbeatMs: false }).acquire('a', { onRelease: 'keep' });
    await world.clock.advance(9_500);
    world.trouble.after = () => {
      delete world.trouble.after;
      throw timeout();
    };
    expect(await finish(world.clock, lock.release())).toBe('released');
    expect(kinds()).toEqual(['acquired', 'lost']);
  });

  test('a lock that is given again is no acquisition of its own, and ends with the last release', async () => {
    const locks = world.locks({ onEvent });
    const [first, second] = [await locks.acquire('a'), await locks.acquire('a', { reentrant: true })];
    await second.release();
    expect(kinds()).toEqual(['acquired']);
    await first.release();
    expect(kinds()).toEqual(['acquired', 'released']);
  });

  test('a lock that was taken over, and one that was resumed', async () => {
    const dead = await world.locks({ heartbeatMs: false }).acquire('a');
    const locks = world.locks({ onEvent });
    const taking = locks.acquire('a', { waitMs: 60_000 });
    await world.clock.advance(12_000);
    const lock = await taking;
    const resumed = await world.locks({ onEvent }).resume(lock.handle());
    await world.locks({ onEvent }).resume(dead.handle()).catch(() => {});
    expect(told.filter(({ kind }) => kind !== 'renewed')).toMatchObject([
      { kind: 'acquired', acquisitionId: lock.acquisitionId, tookOver: true, resumed: false },
      { kind: 'acquired', acquisitionId: resumed.acquisitionId, tookOver: false, resumed: true },
      { kind: 'failed', key: 'a', error: { code: 'LOCK_LOST', reason: 'stolen' } },
    ]);
  });

  test('permits are refused once for all of their slots, and waited for as a whole', async () => {
    const other = world.locks({ heartbeatMs: 2_000 }).permits('gpu', 3);
    const held = [await other.acquire(), await other.acquire(), await other.acquire()];
    const permits = world.locks({ onEvent }).permits('gpu', 3);
    await permits.tryAcquire();
    const waiting = permits.acquire({ waitMs: 10_000 });
    await world.clock.advance(2_500);
    await held[1]?.release();
    await world.clock.advance(1_000);
    const lock = await waiting;
    expect(told).toMatchObject([{ kind: 'refused', key: 'gpu', holder: {} }, { kind: 'acquired', key: lock.key }]);
    expect(told[1]?.kind === 'acquired' && told[1].waitedMs).toBeGreaterThan(2_500);
  });

  test('an acquisition that was under way when the client was closed has failed', async () => {
    const locks = world.locks({ onEvent });
    let closed: Promise<void> | undefined;
    world.trouble.after = () => { closed ??= locks.close(); };
    await locks.acquire('a').catch(() => {});
    await closed;
    expect(told).toMatchObject([{ kind: 'failed', key: 'a', error: { code: 'LOCK_CLIENT_CLOSED' } }]);
    expect(await world.rows()).toEqual([]);
  });

  test('a resumed lock that comes when the client is closed is given back, and was never acquired', async () => {
    const handle = (await world.locks({ heartbeatMs: false }).acquire('a')).handle();
    const locks = world.locks({ onEvent });
    let closed: Promise<void> | undefined;
    world.trouble.after = ({ constructor: { name } }) => { if (name.includes('Update')) closed ??= locks.close(); };
    expect(await failureOf(locks.resume(handle))).toMatchObject({ code: 'LOCK_CLIENT_CLOSED' });
    await closed;
    expect(kinds()).toEqual(['failed']);
    expect(await world.rows()).toEqual([]);
  });

  test('what a listener throws, now or later, is logged and harms nothing', async () => {
    const logged: unknown[] = [];
    const logger = { debug: () => {}, warn: () => {}, error: (...args: unknown[]) => { logged.push(args); } };
    const bad: readonly (() => unknown)[] = [() => { throw new Error('now'); }, () => Promise.reject(new Error('later'))];
    for (const listener of bad) {
      const lock = await world.locks({ onEvent: listener, logger }).acquire('a');
      expect(await lock.release()).toBe('released');
    }
    await world.clock.advance(1);
    expect(logged).toMatchObject(['now', 'now', 'later', 'later'].map((message) => [expect.stringContaining('onEvent'), { error: { message } }]));
    expect(() => world.locks({ onEvent: 'no' as never })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });
});

describe('lockMetrics', () => {
  test('counts how locks were acquired and ended, and how near the end they were renewed', async () => {
    const world = await lockWorld();
    const added: [string, string, number, object][] = [];
    const onEvent = lockMetrics({ add: (...args) => { added.push(args); } }, { dimensions: ({ key }) => ({ lock: key }) });
    const of = { lock: 'a' };
    const lock = await world.locks({ onEvent, heartbeatMs: 3_000, random: () => 0 }).acquire('a');
    await world.locks({ onEvent: lockMetrics({ add: (...args) => { added.push(args); } }) }).tryAcquire('a');
    await world.clock.advance(3_000);
    await world.remove('a');
    await lock.release();
    expect(added).toEqual([
      ['lock.acquired', 'Count', 1, of], ['lock.wait', 'Milliseconds', 0, of],
      ['lock.refused', 'Count', 1, {}],
      ['lock.renewal', 'Milliseconds', 0, of], ['lock.renewal.left', 'Milliseconds', 6_000, of],
      ['lock.lost', 'Count', 1, of], ['lock.lost.deleted', 'Count', 1, of], ['lock.held', 'Milliseconds', 3_000, of],
    ]);
  });
});
