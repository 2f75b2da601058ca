import { settle } from '../../../support/locks/fake-clock';
import { lockWorld, watched, type LockWorld } from '../../../support/locks/world';

const timeout = (): Error => Object.assign(new Error('lost'), { name: 'TimeoutError' });
const keyOf = (command: { readonly input: Readonly<Record<string, unknown>> }): unknown =>
  ((command.input['Item'] ?? command.input['Key'] ?? {}) as Record<string, unknown>)['key'];

describe('several locks as one', () => {
  let world: LockWorld;
  beforeEach(async () => { world = await lockWorld(); });
  const keys = async () => (await world.rows()).map(({ key }) => key).sort();

  test('each name is acquired once, in the order of the names, and all are given back', async () => {
    const locks = world.locks();
    const asked: unknown[] = [];
    world.trouble.before = (command) => { asked.push(keyOf(command)); };
    const all = await locks.acquireAll(['c', 'a', { key: 'b' }, 'a']);
    expect(asked).toEqual(['a', 'b', 'c']);
    expect(all.locks.map(({ key }) => key)).toEqual(['a', 'b', 'c']);
    expect(all.isHeld()).toBe(true);
    expect(all.remainingMs()).toBeGreaterThan(0);
    expect(await all.release()).toBe('released');
    expect(all.isHeld()).toBe(false);
    expect(await world.rows()).toEqual([]);
    expect(world.clock.timers()).toBe(0);
  });

  test('names of a table with a sort key', async () => {
    const two = await lockWorld({ sortKey: 'sk' });
    const all = await two.locks().acquireAll(['a', { key: 'a', sortKey: '2' }], { sortKey: '1' });
    expect(all.locks.map(({ key, sortKey }) => [key, sortKey])).toEqual([['a', '1'], ['a', '2']]);
    await all.release();
    await expect(two.locks().acquireAll([])).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });

  test.each([0, 1, 2])('5.4 #25 multi-lock: the %i-th can not be had, and the others are given back', async (k) => {
    const [a, b] = [world.locks({ ownerName: 'other' }), world.locks()];
    const taken = ['a', 'b', 'c'][k] as string;
    await a.acquire(taken);
    await expect(b.acquireAll(['a', 'b', 'c'], { waitMs: 0 })).rejects.toMatchObject({ code: 'LOCK_TIMEOUT', details: { key: taken, ownerName: 'other' } });
    expect(await keys()).toEqual([taken]);
    await a.close();
    expect(world.clock.timers()).toBe(0);
  });

  test('5.4 #25 multi-lock: the wait is for all together', async () => {
    const [a, b] = [world.locks(), world.locks()];
    const [first] = [await a.acquire('a'), await a.acquire('b')];
    const all = watched(b.acquireAll(['a', 'b'], { waitMs: 5_000 }));
    await world.clock.advance(4_000);
    await first.release();
    await world.clock.advance(900);
    expect(all.ended).toBe(false);
    await world.clock.advance(600);
    expect(all.error).toMatchObject({ code: 'LOCK_TIMEOUT', details: { key: 'b' } });
    expect(await keys()).toEqual(['b']);
    await a.close();
  });

  test('5.4 #25 multi-lock: what a crash after the k-th leaves behind runs out', async () => {
    const [dead, b] = [world.locks({ heartbeatMs: false, ownerName: 'dead' }), world.locks()];
    await dead.acquire('a');
    await dead.acquire('b');
    const all = watched(b.acquireAll(['a', 'b', 'c']));
    await world.clock.advance(10_000);
    expect(all.ended).toBe(false);
    await world.clock.advance(12_000);
    expect(all.value?.locks.map(({ tookOver }) => tookOver)).toEqual([true, true, false]);
    await b.close();
  });

  test('5.4 #25 multi-lock: no order of the names makes two wait for each other', async () => {
    const nodes = [['a', 'b', 'c'], ['c', 'b', 'a'], ['b', 'a'], ['c', 'a']].map((names) => {
      const locks = world.locks();
      let rounds = 0;
      const run = async () => {
        for (; rounds < 5; rounds += 1) await locks.withLocks(names, { waitMs: 1_000_000, refreshMs: 100 }, async () => { await new Promise<void>((resolve) => { world.clock.after(300, resolve); }); });
      };
      return { names, end: watched(run()) };
    });
    await world.clock.advance(60_000);
    expect(nodes.map(({ end }) => end.ended && !end.error)).toEqual([true, true, true, true]);
    expect(await world.rows()).toEqual([]);
  });

  test('one that is lost while another is waited for ends the wait, and the rest is given back', async () => {
    const [a, b] = [world.locks({ ownerName: 'other' }), world.locks()];
    await a.acquire('c');
    const all = watched(b.acquireAll(['a', 'b', 'c'], { waitMs: 60_000 }));
    await world.clock.advance(1_000);
    expect(await keys()).toEqual(['a', 'b', 'c']);
    // An operator deletes it: the next renewal finds out.
    await world.remove('b');
    await world.clock.advance(5_000);
    expect(all.error).toMatchObject({ code: 'LOCK_LOST', reason: 'deleted', details: { key: 'b' } });
    expect(await keys()).toEqual(['c']);
    await a.close();
    expect(world.clock.timers()).toBe(0);
  });

  test('an abort ends the wait, and what was had is given back', async () => {
    const [a, b] = [world.locks(), world.locks()];
    await a.acquire('b');
    const stop = new AbortController();
    const all = watched(b.acquireAll(['a', 'b'], { waitMs: 60_000, signal: stop.signal }));
    await world.clock.advance(1_000);
    stop.abort(new Error('enough'));
    await settle();
    expect(all.error).toMatchObject({ code: 'LOCK_ABORTED', cause: { message: 'enough' } });
    expect(await keys()).toEqual(['b']);
    await a.close();
  });

  test('the signal tells the first loss', async () => {
    const locks = world.locks();
    const all = await locks.acquireAll(['a', 'b']);
    await world.remove('b');
    await world.clock.advance(3_000);
    expect(all.signal.reason).toMatchObject({ code: 'LOCK_LOST', reason: 'deleted', details: { key: 'b' } });
    expect(all.lost).toBe(all.signal.reason);
    expect(all.isHeld()).toBe(false);
    expect(() => all.assertHeld()).toThrow(all.lost);
    expect(await all.release()).toBe('lost');
    expect(await world.rows()).toEqual([]);
  });

  test('all are renewed by hand', async () => {
    const locks = world.locks({ heartbeatMs: false });
    const all = await locks.acquireAll(['a', 'b']);
    for (let i = 0; i < 3; i += 1) {
      await world.clock.advance(6_000);
      await all.heartbeat({ leaseMs: 12_000 });
    }
    expect(all.locks.map((lock) => lock.isHeld())).toEqual([true, true]);
    expect((await world.rows()).map(({ leaseDuration }) => leaseDuration)).toEqual(['12000', '12000']);
    await all.release();
  });

  test('the release goes on after one that had no answer, and can be called again', async () => {
    const locks = world.locks();
    const all = await locks.acquireAll(['a', 'b', 'c']);
    world.trouble.before = (command) => { if (keyOf(command) === 'b') throw timeout(); };
    const end = watched(all.release());
    await world.clock.advance(20_000);
    expect(end.error).toBeInstanceOf(AggregateError);
    expect(end.error).toMatchObject({ errors: [{ code: 'LOCK_BACKEND', details: { key: 'b' } }] });
    expect(await keys()).toEqual(['b']);
    delete world.trouble.before;
    expect(await all.release()).toBe('released');
    expect(await world.rows()).toEqual([]);
  });

  describe('guard', () => {
    const put = (n: number) => ({ Put: { TableName: world.table, Item: { key: `thing-${n}` } } });
    const many = (count: number) => Array.from({ length: count }, (_unused, n) => put(n));

    test('has the conditions of all locks, and room for 100 elements', async () => {
      const all = await world.locks().acquireAll(['a', 'b']);
      expect(all.check()).toEqual([all.locks[0]?.check(), all.locks[1]?.check()]);
      await expect(all.guard(many(99))).rejects.toMatchObject({ code: 'INVALID_WRITE', message: expect.stringContaining('1 to 98') });
      await all.guard(many(98));
      expect((await world.rows()).filter(({ key }) => String(key).startsWith('thing-'))).toHaveLength(98);
      await all.release();
      await expect(all.guard([put(1)])).rejects.toMatchObject({ code: 'LOCK_MISUSE' });
    });

    test.each([0, 1])('is refused when the %i-th lock is gone', async (k) => {
      const all = await world.locks().acquireAll(['a', 'b']);
      await world.remove(['a', 'b'][k] as string);
      await expect(all.guard([put(1)])).rejects.toMatchObject({ code: 'LOCK_LOST', reason: 'deleted', details: { key: ['a', 'b'][k] } });
      expect(await keys()).toEqual([['b', 'a'][k]]);
      await all.release();
    });
  });

  test('withLocks gives all back, and a loss is no result', async () => {
    const locks = world.locks();
    expect(await locks.withLocks(['b', 'a'], ({ lease, signal }) => [lease.isHeld(), signal.aborted])).toEqual([true, false]);
    await expect(locks.withLocks(['b', 'a'], () => Promise.reject(new Error('mine')))).rejects.toThrow('mine');
    expect(await world.rows()).toEqual([]);
    await expect(locks.withLocks(['b', 'a'], async () => { await world.remove('b'); })).rejects.toMatchObject({ code: 'LOCK_LOST', details: { key: 'b' } });
    expect(await world.rows()).toEqual([]);
    expect(world.clock.timers()).toBe(0);
  });

  test('a close ends the wait, and gives everything back', async () => {
    const [a, b] = [world.locks(), world.locks()];
    await a.acquire('b');
    const all = watched(b.acquireAll(['a', 'b'], { waitMs: 60_000 }));
    await world.clock.advance(1_000);
    await b.close();
    expect(all.error).toMatchObject({ code: 'LOCK_CLIENT_CLOSED' });
    expect(await keys()).toEqual(['b']);
    await a.close();
    expect(world.clock.timers()).toBe(0);
  });
});
