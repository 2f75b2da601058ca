import type { Lock } from '../../../../src/locks';
import { settle } from '../../../support/locks/fake-clock';
import { lockWorld, watched, type LockWorld } from '../../../support/locks/world';

const timeout = (): Error => Object.assign(new Error('lost'), { name: 'TimeoutError' });

describe('permits', () => {
  let world: LockWorld;
  beforeEach(async () => { world = await lockWorld(); });
  const keys = async () => (await world.rows()).map(({ key }) => key).sort();

  test('as many as there are slots, and none more', async () => {
    const nodes = [world.locks(), world.locks(), world.locks()].map((locks) => locks.permits('gpu', 2));
    const [first, second, third] = await Promise.all(nodes.map((permits) => permits.tryAcquire()));
    const granted = [first, second, third].flatMap((result) => (result?.acquired ? [result.lock] : []));
    expect(granted.map(({ key }) => key).sort()).toEqual(['gpu#0', 'gpu#1']);
    await granted[0]?.release();
    const again = await nodes[2]?.tryAcquire();
    expect(again?.acquired && again.lock.key).toBe(granted[0]?.key);
  });

  test('the first slot that is asked for is a random one', async () => {
    for (const [random, key] of [[0, 'gpu#0'], [0.5, 'gpu#2'], [0.99, 'gpu#3']] as const) {
      const lock = await world.locks({ random: () => random }).permits('gpu', 4).acquire();
      expect(lock.key).toBe(key);
      expect(world.requests()).toEqual(['Put']);
      await lock.release();
      world.requests();
    }
  });

  test('a waiter gets the slot that is given back, and reads while it waits', async () => {
    const [a, b] = [world.locks().permits('gpu', 3), world.locks().permits('gpu', 3)];
    const held = [await a.acquire(), await a.acquire(), await a.acquire()];
    world.requests();
    const other = watched(b.acquire({ waitMs: 60_000 }));
    await world.clock.advance(1_500);
    expect(world.requests().filter((name) => name !== 'Update').slice(0, 6)).toEqual(['Put', 'Put', 'Put', 'Get', 'Get', 'Get']);
    expect(other.ended).toBe(false);
    await held[1]?.release();
    await world.clock.advance(1_500);
    expect(other.value?.key).toBe(held[1]?.key);
  });

  test('5.4 #26 permits: the slots of holders that have died are taken a lease after they were seen', async () => {
    const [dead, alive] = [world.locks({ heartbeatMs: false }).permits('gpu', 3), world.locks().permits('gpu', 3)];
    await dead.acquire();
    await dead.acquire();
    const mine = await alive.acquire();
    const [first, second, third] = [0, 1, 2].map(() => watched(world.locks().permits('gpu', 3).acquire({ waitMs: 60_000 })));
    await world.clock.advance(10_000);
    expect([first, second, third].map((one) => one?.ended)).toEqual([false, false, false]);
    await world.clock.advance(1_000);
    const taken = [first, second, third].flatMap((one) => (one?.value ? [one.value] : []));
    expect(taken.map(({ tookOver }) => tookOver)).toEqual([true, true]);
    expect(new Set([mine, ...taken].map(({ key }) => key)).size).toBe(3);
    await mine.release();
    await world.clock.advance(1_500);
    expect([first, second, third].every((one) => one?.value)).toBe(true);
  });

  test('5.4 #26 permits: with 3 instead of 5, no more than 5 are held, and 3 in the end', async () => {
    const before = Array.from({ length: 5 }, () => world.locks());
    const old: Lock[] = [];
    for (const locks of before) old.push(await locks.permits('gpu', 5).acquire());
    expect(await keys()).toEqual(['gpu#0', 'gpu#1', 'gpu#2', 'gpu#3', 'gpu#4']);
    const after = Array.from({ length: 5 }, () => watched(world.locks().permits('gpu', 3).acquire({ waitMs: 1_000_000 })));
    await world.clock.advance(20_000);
    expect(after.some(({ ended }) => ended)).toBe(false);
    for (const lock of old) {
      await lock.release();
      await world.clock.advance(2_000);
      expect((await keys()).length).toBeLessThanOrEqual(5);
    }
    expect(after.filter(({ value }) => value).map(({ value }) => value?.key).sort()).toEqual(['gpu#0', 'gpu#1', 'gpu#2']);
    expect(await keys()).toEqual(['gpu#0', 'gpu#1', 'gpu#2']);
  });

  test('tryAcquire tells when it may be worth another try, and what it has seen can be carried on', async () => {
    const dead = world.locks({ heartbeatMs: false, ownerName: 'dead' }).permits('gpu', 2);
    await dead.acquire();
    await world.clock.advance(4_000);
    await dead.acquire();
    const first = await world.locks().permits('gpu', 2).tryAcquire();
    if (first.acquired) throw new Error('none is free');
    expect(first).toMatchObject({ holder: { ownerName: 'dead', leaseMs: 10_000 }, retryAfterMs: 10_001 });
    await world.clock.advance(12_001);
    const elsewhere = world.locks().permits('gpu', 2);
    expect((await elsewhere.tryAcquire({ observation: 'something else' })).acquired).toBe(false);
    const taken = await elsewhere.tryAcquire({ observation: first.observation as string });
    expect(taken.acquired && taken.lock.tookOver).toBe(true);
  });

  test('withPermit gives the slot back', async () => {
    const permits = world.locks({ exclusive: true }).permits('gpu', 1);
    expect(await permits.withPermit(({ fence }) => fence)).toBe(1);
    expect(await permits.withPermit({ waitMs: 0 }, ({ fence }) => fence)).toBe(2);
    await expect(permits.withPermit(() => Promise.reject(new Error('mine')))).rejects.toThrow('mine');
    expect(await world.rows()).toMatchObject([{ key: 'gpu#0', isReleased: '1' }]);
  });

  test('nobody waits for longer than said, and the error says for what', async () => {
    const a = world.locks({ ownerName: 'other' }).permits('gpu', 2);
    await a.acquire();
    await a.acquire();
    const b = watched(world.locks().permits('gpu', 2).acquire({ waitMs: 3_000 }));
    await world.clock.advance(2_999);
    expect(b.ended).toBe(false);
    await world.clock.advance(1);
    expect(b.error).toMatchObject({ code: 'LOCK_TIMEOUT', message: expect.stringMatching(/none of the 2 permits of "gpu" was acquired in 3000 ms: one is held by "other"/) });
  });

  test('a wait ends by the signal, and by a close', async () => {
    await world.locks().permits('gpu', 1).acquire();
    const stop = new AbortController();
    const aborted = watched(world.locks().permits('gpu', 1).acquire({ signal: stop.signal, waitMs: 60_000 }));
    const client = world.locks();
    const closed = watched(client.permits('gpu', 1).acquire({ waitMs: 60_000 }));
    await world.clock.advance(100);
    stop.abort('enough');
    await client.close();
    await settle();
    expect(aborted.error).toMatchObject({ code: 'LOCK_ABORTED', cause: 'enough' });
    expect(closed.error).toMatchObject({ code: 'LOCK_CLIENT_CLOSED' });
  });

  test('an answer that is lost is asked for again; what no other try cures is told at once', async () => {
    world.trouble.before = () => { delete world.trouble.before; throw timeout(); };
    const lock = watched(world.locks().permits('gpu', 2).acquire());
    await world.clock.advance(2_000);
    expect(lock.value?.isHeld()).toBe(true);
    world.trouble.before = () => { throw Object.assign(new Error('no'), { name: 'AccessDeniedException' }); };
    await expect(world.locks().permits('gpu', 2).acquire()).rejects.toMatchObject({ code: 'LOCK_BACKEND', cause: { name: 'AccessDeniedException' } });
  });

  test('a damaged slot is left out, unless there is no other', async () => {
    await world.put({ key: 'gpu#0', name: 'no lock' });
    expect((await world.locks({ random: () => 0 }).permits('gpu', 2).acquire()).key).toBe('gpu#1');
    await world.put({ key: 'tpu#0', name: 'no lock' });
    await expect(world.locks().permits('tpu', 1).tryAcquire()).rejects.toMatchObject({ code: 'LOCK_ROW_INVALID' });
  });

  test.each([0, 1.5, 1_001, '3'])('a size of %p is refused', (size) => {
    expect(() => world.locks().permits('gpu', size as number)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });
});
