import { TransactWriteCommand, UpdateCommand, type UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import { getEventListeners, getMaxListeners } from 'node:events';
import { settle } from '../../../support/locks/fake-clock';
import { lockWorld, watched, type LockWorld } from '../../../support/locks/world';

const timeout = (): Error => Object.assign(new Error('lost'), { name: 'TimeoutError' });

describe('lease locks', () => {
  let world: LockWorld;
  beforeEach(async () => { world = await lockWorld(); });

  test('an absent row is acquired and released with one request each', async () => {
    const locks = world.locks();
    const lock = await locks.acquire('a');
    expect(world.requests()).toEqual(['Put']);
    expect(lock.isHeld()).toBe(true);
    expect(await world.rows()).toEqual([{ key: 'a', ownerName: locks.ownerName, leaseDuration: '10000', recordVersionNumber: expect.any(String), acquisitionId: lock.acquisitionId }]);
    expect(await lock.release()).toBe('released');
    expect(await lock.release()).toBe('released');
    expect(world.requests()).toEqual(['Delete']);
    expect(await world.rows()).toEqual([]);
    expect(lock.isHeld()).toBe(false);
    expect(world.clock.timers()).toBe(0);
  });

  test('a released row is acquired with one request, too', async () => {
    const locks = world.locks();
    await (await locks.acquire('a', { onRelease: 'keep', data: 'one' })).release();
    world.requests();
    const lock = await locks.acquire('a');
    expect(world.requests()).toEqual(['Put']);
    expect(lock.tookOver).toBe(false);
    await locks.close();
  });

  test('a held lock renews itself, and a contender waits for its release', async () => {
    const [a, b] = [world.locks(), world.locks()];
    const lock = await a.acquire('a');
    const other = watched(b.acquire('a', { waitMs: 60_000 }));
    await world.clock.advance(30_000);
    expect(other.ended).toBe(false);
    expect(lock.isHeld()).toBe(true);
    await lock.release();
    await world.clock.advance(1_500);
    expect(other.value?.isHeld()).toBe(true);
    expect(other.value?.tookOver).toBe(false);
    await Promise.all([a.close(), b.close()]);
    expect(world.clock.timers()).toBe(0);
  });

  test('a dead holder is taken over a lease after it was seen, not earlier', async () => {
    const [a, b] = [world.locks({ heartbeatMs: false }), world.locks()];
    await a.acquire('a');
    await world.clock.advance(9_000);
    const other = watched(b.acquire('a'));
    await world.clock.advance(10_000);
    expect(other.ended).toBe(false);
    await world.clock.advance(2);
    expect(other.value?.tookOver).toBe(true);
    await b.close();
  });

  test('a take-over whose answer was lost, and found after its own lease, still is one', async () => {
    const [a, b] = [world.locks({ heartbeatMs: false }), world.locks()];
    await a.acquire('a');
    const other = watched(b.acquire('a', { waitMs: 60_000 }));
    await world.clock.advance(9_000);
    let takenOver = false;
    world.trouble.after = ({ constructor: { name } }) => { if (name === 'PutCommand') { takenOver = true; throw timeout(); } };
    world.trouble.before = ({ constructor: { name } }) => {
      if (!takenOver || !name.includes('Get')) return;
      delete world.trouble.after;
      delete world.trouble.before;
      world.clock.block(10_000);
    };
    await world.clock.advance(5_000);
    expect(other.value?.tookOver).toBe(true);
    await b.close();
  });

  test('an acquisition whose answer was lost is found again with one read', async () => {
    const locks = world.locks();
    world.trouble.after = () => { delete world.trouble.after; throw timeout(); };
    const lock = watched(locks.acquire('a'));
    await world.clock.advance(1_000);
    expect(lock.value?.isHeld()).toBe(true);
    expect(world.requests().slice(0, 2)).toEqual(['Put', 'Get']);
    await locks.close();
  });

  test('a renewal whose answer was lost is no loss', async () => {
    const locks = world.locks();
    const lock = await locks.acquire('a');
    world.trouble.after = () => { delete world.trouble.after; throw timeout(); };
    await world.clock.advance(60_000);
    expect(lock.isHeld()).toBe(true);
    await locks.close();
  });

  test('a black hole loses the lock at its local deadline, and says so through the signal', async () => {
    const locks = world.locks();
    const lock = await locks.acquire('a');
    world.trouble.before = () => new Promise(() => {});
    await world.clock.advance(8_999);
    expect(lock.signal.aborted).toBe(false);
    await world.clock.advance(1);
    expect(lock.signal.reason).toMatchObject({ code: 'LOCK_LOST', reason: 'deadline' });
    expect(lock.isHeld()).toBe(false);
  });

  test('a frozen process finds its lock suspended, and sends nothing', async () => {
    const locks = world.locks();
    const lock = await locks.acquire('a');
    world.requests();
    world.clock.suspend(20_000);
    expect(lock.isHeld()).toBe(false);
    expect(lock.lost).toMatchObject({ reason: 'suspended' });
    await world.clock.advance(20_000);
    expect(world.requests()).toEqual([]);
  });

  test('a lock that is renewed by hand is not taken while it is', async () => {
    const [a, b] = [world.locks({ heartbeatMs: false }), world.locks()];
    const lock = await a.acquire('a');
    const other = watched(b.acquire('a', { waitMs: 60_000 }));
    await world.clock.advance(8_000);
    await lock.heartbeat();
    await world.clock.advance(8_000);
    expect(other.ended).toBe(false);
    await a.close().catch(() => {});
    expect(lock.isHeld()).toBe(false);
    await world.clock.advance(2_000);
    expect(other.value?.isHeld()).toBe(true);
    await b.close();
  });

  test('tryAcquire tells the holder, and its observation takes a dead lock over later', async () => {
    const [a, b, c] = [world.locks({ heartbeatMs: false, ownerName: 'dead' }), world.locks(), world.locks()];
    await a.acquire('a');
    const first = await b.tryAcquire('a');
    if (first.acquired) throw new Error('it is held');
    expect(first).toMatchObject({ acquired: false, holder: { ownerName: 'dead', leaseMs: 10_000 }, retryAfterMs: 10_001 });
    await world.clock.advance(12_001);
    expect((await c.tryAcquire('a')).acquired).toBe(false);
    const taken = await c.tryAcquire('a', { observation: first.observation as string });
    expect(taken.acquired).toBe(true);
    await c.close();
  });

  test.each([1_000, undefined])('an observation that goes through many processes takes a dead lock over (a try every %p ms)', async (everyMs) => {
    const start = world.clock.monotonic();
    await world.locks({ heartbeatMs: false }).acquire('a');
    let observation: string | undefined;
    for (let tries = 1; ; tries += 1) {
      const locks = world.locks(); // a new process each time
      const tried = await locks.tryAcquire('a', { observation });
      await locks.close();
      if (tried.acquired) break;
      ({ observation } = tried);
      expect(tries).toBeLessThan(20);
      await world.clock.advance(everyMs ?? tried.retryAfterMs);
    }
    // Longer than the lease and the skew of two clocks, and not much longer.
    const tookMs = world.clock.monotonic() - start;
    expect(tookMs).toBeGreaterThan(12_000);
    expect(tookMs).toBeLessThanOrEqual(13_000);
  });

  test('withLock gives the lock back, and the error of the function wins', async () => {
    const locks = world.locks();
    expect(await locks.withLock('a', ({ lease }) => lease.isHeld())).toBe(true);
    await expect(locks.withLock('a', () => Promise.reject(new Error('mine')))).rejects.toThrow('mine');
    expect(await world.rows()).toEqual([]);
    expect(world.clock.timers()).toBe(0);
  });

  test('an exclusive table numbers the acquisitions', async () => {
    const locks = world.locks({ exclusive: true });
    for (const fence of [1, 2, 3]) expect(await locks.withLock('a', (scope) => scope.fence)).toBe(fence);
  });

  test('a guarded write is refused once the lock is somebody else\'s', async () => {
    const [a, b] = [world.locks({ heartbeatMs: false }), world.locks()];
    const lock = await a.acquire('a');
    const put = { Put: { TableName: world.table, Item: { key: 'result', by: 'a' } } };
    await lock.guard([put]);
    const other = watched(b.acquire('a'));
    world.clock.jumpWall(-60_000);
    await world.clock.advance(8_000);
    await world.clock.advance(3_000);
    expect(other.value?.isHeld()).toBe(true);
    await expect(lock.guard([put])).rejects.toMatchObject({ code: 'LOCK_LOST' });
    await b.close();
  });

  test('close ends the waits and gives back what is held', async () => {
    const [a, b] = [world.locks(), world.locks()];
    await a.acquire('a');
    await b.acquire('b');
    const waiting = watched(b.acquire('a'));
    await settle();
    await b.close();
    await settle();
    expect(waiting.error).toMatchObject({ code: 'LOCK_CLIENT_CLOSED' });
    expect((await world.rows()).map(({ key }) => key)).toEqual(['a']);
    await a.close();
    expect(world.clock.timers()).toBe(0);
    await expect(b.acquire('x')).rejects.toMatchObject({ code: 'LOCK_CLIENT_CLOSED' });
  });

  test('close during an acquisition gives back what may have been written, before it is over', async () => {
    const locks = world.locks();
    world.trouble.after = () => new Promise(() => {});
    const lock = watched(locks.acquire('a'));
    await settle();
    delete world.trouble.after;
    await locks.close();
    expect(lock.error).toMatchObject({ code: 'LOCK_CLIENT_CLOSED' });
    expect(await world.rows()).toEqual([]);
    expect(world.clock.timers()).toBe(0);
  });

  test('another process goes on with a lock by its handle, and the first one finds it gone', async () => {
    const [a, b] = [world.locks({ heartbeatMs: false }), world.locks()];
    const lock = await a.acquire('a');
    const resumed = await b.resume(lock.handle());
    expect(resumed.acquisitionId).toBe(lock.acquisitionId);
    await expect(lock.heartbeat()).rejects.toMatchObject({ code: 'LOCK_LOST', reason: 'stolen' });
    expect(await resumed.release()).toBe('released');
    await expect(b.resume(lock.handle())).rejects.toMatchObject({ reason: 'deleted' });
  });

  test('a shorter lease that may have arrived counts, although its answer was lost', async () => {
    const locks = world.locks({ heartbeatMs: false });
    const lock = await locks.acquire('a');
    world.trouble.after = () => { throw timeout(); };
    const renewal = watched(lock.heartbeat({ leaseMs: 500 }));
    await world.clock.advance(1_000);
    expect(renewal.error).toMatchObject({ code: 'LOCK_LOST' });
    expect(lock.isHeld()).toBe(false);
  });

  // Jest's `process` hears nothing of the warning itself.
  test('many acquisitions at once are no leak of listeners to Node', async () => {
    const targets = new Set<EventTarget>();
    const add = EventTarget.prototype.addEventListener;
    const spy = jest.spyOn(EventTarget.prototype, 'addEventListener').mockImplementation(function listen(this: EventTarget, ...args) {
      targets.add(this);
      add.apply(this, args);
    });
    const locks = world.locks();
    const acquisitions = Array.from({ length: 20 }, (_, i) => locks.acquire(`lock-${i}`));
    spy.mockRestore();
    const most = (target: EventTarget): number => {
      try {
        return getMaxListeners(target) || Infinity;
      } catch {
        return Infinity; // Node 20 throws where it is 0, any number
      }
    };
    const warned = [...targets].filter((target) => getEventListeners(target, 'abort').length > most(target));
    await Promise.all(acquisitions);
    await locks.close();
    expect(targets.size).toBeGreaterThan(0);
    expect(warned).toEqual([]);
  });

  test('in an exclusive table a late copy of the acquisition does not make its guards valid again', async () => {
    const locks = world.locks({ exclusive: true, heartbeatMs: false });
    let copy: object | undefined;
    world.trouble.after = ({ input }) => { copy ??= input; };
    const lock = await locks.acquire('a');
    const check = lock.check();
    const checked = () => world.client.send(new TransactWriteCommand({ TransactItems: [check] }));
    await checked();
    await lock.release();
    await world.client.send(new UpdateCommand(copy as UpdateCommandInput));
    expect(await world.rows()).toMatchObject([{ acquisitionId: lock.acquisitionId, ownerName: lock.ownerName, fencingToken: 2 }]);
    await expect(checked()).rejects.toMatchObject({ name: 'TransactionCanceledException' });
  });

  test('the signal keeps to a shorter lease that may have arrived, also when nobody asks any more', async () => {
    const locks = world.locks({ heartbeatMs: false });
    const lock = await locks.acquire('a');
    world.trouble.after = () => { throw Object.assign(new Error('no'), { name: 'AccessDeniedException' }); };
    await expect(lock.heartbeat({ leaseMs: 500 })).rejects.toMatchObject({ code: 'LOCK_BACKEND' });
    await world.clock.advance(500);
    expect(lock.signal.aborted).toBe(true);
  });

  test('a guarded write without an answer is not called refused because the lease ran out meanwhile', async () => {
    const locks = world.locks({ heartbeatMs: false, leaseMs: 1_000, safetyMarginMs: 0 });
    const lock = await locks.acquire('a');
    world.trouble.after = () => { throw timeout(); };
    const written = watched(lock.guard([{ Put: { TableName: world.table, Item: { key: 'result' } } }]));
    world.clock.block(1_500);
    await world.clock.advance(1_000);
    expect(written.error).toMatchObject({ code: 'LOCK_BACKEND' });
    expect((await world.rows()).map(({ key }) => key)).toContain('result');
    expect(lock.lost).toBeDefined();
  });
});
