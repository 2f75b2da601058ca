import { settle } from '../../../support/locks/fake-clock';
import { failureOf, finish, noAnswer, rowOf, serviceError } from '../../../support/locks/finish';
import { lockWorld, watched, type LockWorld } from '../../../support/locks/world';
import type { Lock } from '../../../../src/locks';

let world: LockWorld;
beforeEach(async () => { world = await lockWorld(); });
const rowNow = async () => (await world.rows())[0];

describe('reentrancy', () => {
  test('testAcquireLockMultipleTimesNotReentrant, acquireLock_withReentrantFalse_failsIfHoldingLock', async () => {
    const locks = world.locks();
    await locks.acquire('a');
    expect(await failureOf(finish(world.clock, locks.acquire('a', { waitMs: 2_000 })))).toMatchObject({ code: 'LOCK_TIMEOUT', holder: { ownerName: locks.ownerName }, message: expect.stringContaining('which is this client itself') as string });
  });

  test('testAcquireLockMultipleTimesReentrant, acquireLock_withReentrant_doesNotFailIfHoldingLock: counted', async () => {
    const locks = world.locks();
    const first = await locks.acquire('a', { reentrant: true });
    world.requests();
    const second = await locks.acquire('a', { reentrant: true });
    expect(world.requests()).toEqual([]);
    expect(second.acquisitionId).toBe(first.acquisitionId);
    expect(await first.release()).toBe('still-held');
    expect([first.isHeld(), second.isHeld()]).toEqual([false, true]);
    expect(await second.release()).toBe('released');
    expect(await world.rows()).toEqual([]);
  });
});

describe('renewals', () => {
  test('testEnsureLock: renewed only when less is left', async () => {
    const lock = await world.locks({ heartbeatMs: false }).acquire('a');
    world.requests();
    await world.clock.advance(4_000);
    await lock.ensure(3_000);
    expect(world.requests()).toEqual([]);
    await lock.ensure(9_000);
    expect(world.requests()).toEqual(['Update']);
    expect(lock.remainingMs()).toBeGreaterThan(8_000);
  });

  test('testHeartbeatAllLocks: one renewal that fails does not stop the others', async () => {
    const locks = world.locks();
    const held = await Promise.all(['a', 'b', 'c'].map((key) => locks.acquire(key)));
    world.trouble.before = ({ input }) => { if ((input.Key as { key?: string } | undefined)?.key === 'b') throw serviceError('InternalServerError', 500); };
    await world.clock.advance(30_000);
    expect(held.map((lock) => lock.isHeld())).toEqual([true, false, true]);
    expect(held[1]?.lost).toMatchObject({ reason: 'deadline', cause: { name: 'InternalServerError' } });
  });

  test('testSetupTooSmallHearbeatCheck: a lease is at least two heartbeats', () => {
    expect(() => world.locks({ leaseMs: 10_000, heartbeatMs: 5_001 })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }) as Error);
    expect(() => world.locks({ leaseMs: 10_000, heartbeatMs: 5_000 })).not.toThrow();
    expect(() => world.locks({ leaseMs: 10_000, heartbeatMs: false })).not.toThrow();
  });

  test('cannotHeartbeatExpiredLock, sendHeartbeat_whenExpired: although nobody has taken it', async () => {
    const lock = await world.locks({ heartbeatMs: false }).acquire('a');
    await world.clock.advance(10_001);
    world.requests();
    expect(await failureOf(lock.heartbeat())).toMatchObject({ code: 'LOCK_LOST', reason: 'deadline' });
    expect(world.requests()).toEqual([]);
  });

  test('cannotHeartbeatLockYouDontOwn, sendHeartbeat_whenLockIsStolen_stopsSessionMonitor', async () => {
    const dangers: Lock[] = [];
    const lock = await world.locks({ heartbeatMs: false }).acquire('a', { sessionMonitor: { safeTimeMs: 5_000, onDanger: (one) => dangers.push(one) } });
    await world.put(rowOf('a'));
    expect(await failureOf(lock.heartbeat())).toMatchObject({ code: 'LOCK_LOST', reason: 'stolen', by: 'somebody' });
    await world.clock.advance(60_000);
    expect(dangers).toEqual([]);
    expect((await rowNow())?.ownerName).toBe('somebody');
    expect(world.clock.timers()).toBe(0);
  });

  test('sendHeartbeat_whenNotExpiredAndSameOwner_releasedTrue: a lock that was released is not renewed', async () => {
    const lock = await world.locks().acquire('a', { onRelease: 'keep' });
    await lock.release();
    world.requests();
    expect(await failureOf(lock.heartbeat())).toMatchObject({ code: 'LOCK_MISUSE' });
    expect(await failureOf(lock.ensure(5_000))).toMatchObject({ code: 'LOCK_MISUSE' });
    expect(world.requests()).toEqual([]);
  });

  test.each([false, true])('sendHeartbeat_whenServiceUnavailable_andHoldLockOnServiceUnavailable%s', async (holdOnServiceUnavailable) => {
    const lock = await world.locks({ holdOnServiceUnavailable }).acquire('a');
    world.trouble.before = () => { throw serviceError('ServiceUnavailable', 503); };
    await world.clock.advance(60_000);
    expect(lock.isHeld()).toBe(holdOnServiceUnavailable);
    delete world.trouble.before;
    await world.clock.advance(6_000);
    expect(lock.isHeld()).toBe(holdOnServiceUnavailable);
    // Only an answer 503: a table that is not reached says nothing.
    world.trouble.before = () => { throw noAnswer(); };
    await world.clock.advance(60_000);
    expect(lock.isHeld()).toBe(false);
  });
});

describe('releases', () => {
  test('testReleaseLockBestEffort, testReleaseLockNotBestEffort', async () => {
    const locks = world.locks();
    const [one, other] = [await locks.acquire('a'), await locks.acquire('b')];
    world.trouble.before = () => { throw noAnswer(); };
    expect(await failureOf(finish(world.clock, one.release()))).toMatchObject({ code: 'LOCK_BACKEND' });
    expect(await finish(world.clock, other.release({ bestEffort: true }))).toBe('unknown');
    expect([one.isHeld(), other.isHeld()]).toEqual([false, false]);
    delete world.trouble.before;
    expect(await one.release()).toBe('released');
  });

  test('canReleaseExpiredLock: while nobody has taken it', async () => {
    const lock = await world.locks({ heartbeatMs: false }).acquire('a');
    await world.clock.advance(20_000);
    expect(lock.lost?.reason).toBe('deadline');
    expect(await lock.release()).toBe('released');
    expect(await world.rows()).toEqual([]);
  });

  test('cannotReleaseLockYouDontOwn, testAcquiringSomeoneElsesLock: the row of the new holder stays as it is', async () => {
    const lock = await world.locks({ heartbeatMs: false }).acquire('a');
    const other = await finish(world.clock, world.locks().acquire('a', { data: 'theirs' }));
    const before = await rowNow();
    expect(await lock.release()).toBe('lost');
    expect(await lock.release({ onRelease: 'keep' })).toBe('lost');
    expect(await rowNow()).toEqual(before);
    expect(other.isHeld()).toBe(true);
  });
});

describe('session monitor', () => {
  const monitored = (safeTimeMs: number, dangers: Lock[], options = {}) =>
    world.locks({ heartbeatMs: 2_500, ...options }).acquire('a', { sessionMonitor: { safeTimeMs, onDanger: (lock) => dangers.push(lock) } });

  test('testSafeTimeLessThanHeartbeat, testSafeTimeMoreThanLeaseDuration', async () => {
    for (const safeTimeMs of [0, 2_500, 10_000, 10_001, NaN]) expect(await failureOf(monitored(safeTimeMs, []))).toMatchObject({ code: 'INVALID_OPTION' });
    expect(world.requests()).toEqual([]);
  });

  test('testFiringCallbackWithoutSessionMonitor, testAboutToExpireWithoutSessionMonitor', async () => {
    const lock = await world.locks().acquire('a');
    expect(() => lock.inDanger()).toThrow(expect.objectContaining({ code: 'LOCK_MISUSE' }) as Error);
  });

  test('testSessionMonitorCallbackFiredOnNonHeartbeatingLock, testShortLeaseNoHeartbeatCallbackFired: once, at its time', async () => {
    const dangers: Lock[] = [];
    const lock = await monitored(4_000, dangers, { heartbeatMs: false });
    await world.clock.advance(3_999);
    expect([dangers.length, lock.inDanger()]).toEqual([0, false]);
    await world.clock.advance(1);
    expect([dangers.length, lock.inDanger()]).toEqual([1, true]);
    expect(dangers[0]?.acquisitionId).toBe(lock.acquisitionId);
    await world.clock.advance(60_000);
    expect(dangers.length).toBe(1);
  });

  test('testLongLeaseHeartbeatCallbackFired: not while it is renewed, then when it is not', async () => {
    const dangers: Lock[] = [];
    const lock = await monitored(4_000, dangers);
    await world.clock.advance(60_000);
    expect(dangers.length).toBe(0);
    world.trouble.before = () => { throw noAnswer(); };
    await world.clock.advance(4_500);
    expect([dangers.length, lock.isHeld()]).toEqual([1, true]);
  });

  test('testHeartbeatAfterSafetyTimeout: a renewal ends the danger', async () => {
    const dangers: Lock[] = [];
    const lock = await monitored(4_000, dangers, { heartbeatMs: false });
    await world.clock.advance(5_000);
    expect(lock.inDanger()).toBe(true);
    await lock.heartbeat();
    expect(lock.inDanger()).toBe(false);
    await world.clock.advance(4_000);
    expect(dangers.length).toBe(2);
  });

  test('testCallbackNotCalledOnClosingClient, and not after a release', async () => {
    const dangers: Lock[] = [];
    const locks = world.locks({ heartbeatMs: false });
    const sessionMonitor = { safeTimeMs: 4_000, onDanger: (lock: Lock) => dangers.push(lock) };
    await (await locks.acquire('a', { sessionMonitor })).release();
    await locks.acquire('b', { sessionMonitor });
    await locks.close();
    await world.clock.advance(60_000);
    expect(dangers).toEqual([]);
    expect(world.clock.timers()).toBe(0);
  });

  test('acquireLock_whenReacquiringSameLock_stopsPreviousSessionMonitor', async () => {
    const dangers: string[] = [];
    const locks = world.locks({ heartbeatMs: false });
    const acquire = (name: string) => locks.acquire('a', { sessionMonitor: { safeTimeMs: 4_000, onDanger: () => dangers.push(name) } });
    await (await acquire('first')).release();
    await acquire('second');
    await world.clock.advance(5_000);
    expect(dangers).toEqual(['second']);
  });

  test('a callback that throws harms nobody', async () => {
    const errors: string[] = [];
    const lock = await world.locks({ heartbeatMs: false, logger: { debug: () => {}, warn: () => {}, error: (text) => errors.push(text) } })
      .acquire('a', { sessionMonitor: { safeTimeMs: 4_000, onDanger: () => { throw new Error('theirs'); } } });
    await world.clock.advance(5_000);
    expect(errors).toEqual([expect.stringContaining('onDanger')]);
    expect(lock.isHeld()).toBe(true);
  });
});

describe('contention', () => {
  test('acquireLock_whenLockAlreadyExists_throwLockNotGranted: held until the time is over', async () => {
    const lock = await world.locks().acquire('a');
    expect(await failureOf(finish(world.clock, world.locks().acquire('a', { waitMs: 5_000 })))).toMatchObject({ code: 'LOCK_TIMEOUT', holder: { ownerName: lock.ownerName, leaseMs: 10_000 }, message: expect.not.stringContaining('reentrant') as string });
  });

  test('testSucceedToAcquireLockAfterTimeout: without a time, a wait outlives a dead holder', async () => {
    await world.put(rowOf('a', { leaseDuration: '30000' }));
    const start = world.clock.monotonic();
    const lock = await finish(world.clock, world.locks().acquire('a'));
    expect(lock.tookOver).toBe(true);
    expect(world.clock.monotonic() - start).toBeGreaterThan(30_000);
  });

  test('acquireLock_…HaveSleptForMinimumLeaseDurationTime_skipsAddingLeaseDuration: a wait is not prolonged by every new holder', async () => {
    await world.locks().acquire('a');
    const start = world.clock.monotonic();
    expect(await failureOf(finish(world.clock, world.locks().acquire('a')))).toMatchObject({ code: 'LOCK_TIMEOUT' });
    expect(world.clock.monotonic() - start).toBeLessThan(12_000);
  });
});

describe('without waiting', () => {
  test('acquireLock_skipWait…_whenLockNotExists', async () => {
    expect((await world.locks().tryAcquire('a')).acquired).toBe(true);
  });

  test('…NotReleased…throwsAlreadyOwned, tryAcquire…returnsEmpty: one look', async () => {
    await world.put(rowOf('a'));
    expect(await world.locks().tryAcquire('a')).toMatchObject({ acquired: false, holder: { ownerName: 'somebody', leaseMs: 10_000 }, retryAfterMs: 10_001 });
    expect(world.requests()).toEqual(['Put']);
  });

  test('…whenLockExistsAndIsExpired, …eventuallyGetsTheLock: what an earlier try has seen counts', async () => {
    await world.put(rowOf('a'));
    const locks = world.locks();
    for (let tries = 0; tries < 10; tries += 1) {
      expect((await locks.tryAcquire('a')).acquired).toBe(false);
      await world.clock.advance(1_000);
    }
    await world.clock.advance(1);
    expect(await locks.tryAcquire('a')).toMatchObject({ acquired: true, lock: { tookOver: true } });
  });

  test('…whenRecordVersionChangesAfterCachedObservation…observesNewVersionBeforeAcquiring', async () => {
    await world.put(rowOf('a'));
    const locks = world.locks();
    await locks.tryAcquire('a');
    await world.clock.advance(10_001);
    await world.put(rowOf('a', { recordVersionNumber: 'r-2' }));
    expect(await locks.tryAcquire('a')).toMatchObject({ acquired: false, retryAfterMs: 10_001 });
    await world.clock.advance(10_001);
    expect((await locks.tryAcquire('a')).acquired).toBe(true);
  });

  test.each(['Acquired', 'Updated'])('…whenExpiredCachedLockIsConcurrently%s…throwsUnavailable', async (what) => {
    await world.put(rowOf('a'));
    const locks = world.locks();
    await locks.tryAcquire('a');
    await world.clock.advance(10_001);
    let writes = 0;
    world.trouble.before = async ({ constructor: { name } }) => {
      // The first write of the try finds the row as it was, the second, which takes it, does not.
      if (/Put/.test(name) && (writes += 1) === 2) await world.put(rowOf('a', what === 'Acquired' ? { ownerName: 'another', recordVersionNumber: 'r-2' } : { recordVersionNumber: 'r-2' }));
    };
    expect(await locks.tryAcquire('a')).toMatchObject({ acquired: false, holder: { ownerName: what === 'Acquired' ? 'another' : 'somebody' } });
    expect((await rowNow())?.recordVersionNumber).toBe('r-2');
  });

  test('…whenExpiredCachedLockIsUpdated…removesIsReleased', async () => {
    await world.put(rowOf('a', { extra: 1 }));
    const locks = world.locks();
    await locks.tryAcquire('a', { existingRow: 'update' });
    await world.clock.advance(10_001);
    expect((await locks.tryAcquire('a', { existingRow: 'update' })).acquired).toBe(true);
    expect(await rowNow()).toMatchObject({ extra: 1 });
    expect(await rowNow()).not.toHaveProperty('isReleased');
  });

  test('an old observation that is shown again and again does not keep a dead lock from being taken', async () => {
    await world.put(rowOf('a', { recordVersionNumber: 'r-0' }));
    const locks = world.locks();
    const first = await locks.tryAcquire('a');
    const observation = first.acquired ? undefined : first.observation;
    await world.clock.advance(100);
    await world.put(rowOf('a'));
    const results: boolean[] = [];
    for (let at = 0; at <= 11_000; at += 1_000) {
      results.push((await locks.tryAcquire('a', { observation: observation as string })).acquired);
      await world.clock.advance(1_000);
    }
    expect(results.indexOf(true)).toBe(11);
  });

  test('maxLockObservationCacheSize: the oldest observation is forgotten, and 0 is refused', async () => {
    expect(() => world.locks({ maxObservations: 0 })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }) as Error);
    const locks = world.locks({ maxObservations: 1 });
    for (const key of ['a', 'b']) {
      await world.put(rowOf(key));
      await locks.tryAcquire(key);
    }
    await world.clock.advance(10_001);
    expect([(await locks.tryAcquire('b')).acquired, (await locks.tryAcquire('a')).acquired]).toEqual([true, false]);
  });
});

test('close_whenReleasingOneLockFails_releasesRemainingLocks', async () => {
  const locks = world.locks();
  for (const key of ['a', 'b', 'c']) await locks.acquire(key);
  world.trouble.before = ({ input, constructor: { name } }) => { if (name === 'DeleteCommand' && (input.Key as { key: string }).key === 'b') throw noAnswer(); };
  const error = await failureOf(finish(world.clock, locks.close()));
  expect(error).toMatchObject({ name: 'AggregateError', errors: [{ code: 'LOCK_BACKEND', details: { key: 'b' } }] });
  expect((await world.rows()).map(({ key }) => key)).toEqual(['b']);
  expect(world.clock.timers()).toBe(0);
});

test('releaseLock while a wait is under way elsewhere: nobody is disturbed', async () => {
  const lock = await world.locks().acquire('a');
  const waiting = watched(world.locks().acquire('a', { waitMs: 10_000 }));
  await settle();
  await lock.release();
  await world.clock.advance(1_600);
  expect(waiting.value?.isHeld()).toBe(true);
});
