import { settle } from '../../../support/locks/fake-clock';
import { lockWorld, watched, type LockWorld } from '../../../support/locks/world';

const timeout = (): Error => Object.assign(new Error('lost'), { name: 'TimeoutError' });
const keyIn = ({ input }: { readonly input: Readonly<Record<string, unknown>> }): unknown => (input['Key'] as { readonly key?: unknown } | undefined)?.key;

describe('what a hostile reader of the lease locks found', () => {
  let world: LockWorld;
  beforeEach(async () => { world = await lockWorld(); });

  describe('a date of an earlier holder says nothing about a live one', () => {
    const trusting = { trustClocks: { maxSkewMs: 500 }, leaseMs: 10_000 };

    /** A trusting client has had the lock, and has dated its row. */
    const dated = async (): Promise<void> => {
      const past = world.locks({ ...trusting, ownerName: 'past' });
      await (await past.acquire('a', { onRelease: 'keep' })).release();
      await world.clock.advance(60_000);
    };

    test('where the live one updates rows and dates nothing', async () => {
      await dated();
      const live = await world.locks({ ownerName: 'live' }).acquire('a', { existingRow: 'update' });
      const tried = await world.locks(trusting).tryAcquire('a');
      expect(live.isHeld()).toBe(true);
      expect(tried.acquired).toBe(false);
      expect(tried).toMatchObject({ holder: { ownerName: 'live' }, retryAfterMs: 10_001 });
    });

    test('where the live one goes on with the lock of a trusting one', async () => {
      const handle = (await world.locks({ ...trusting, heartbeatMs: false }).acquire('a')).handle();
      const live = await world.locks({ heartbeatMs: 2_000 }).resume(handle);
      await world.clock.advance(60_000);
      expect(live.isHeld()).toBe(true);
      expect((await world.locks(trusting).tryAcquire('a')).acquired).toBe(false);
    });

    test('and the date of a dead one does', async () => {
      await world.locks({ ...trusting, heartbeatMs: false }).acquire('a');
      await world.clock.advance(10_400);
      const other = world.locks(trusting);
      expect(await other.tryAcquire('a')).toMatchObject({ acquired: false, retryAfterMs: 101 });
      await world.clock.advance(101);
      expect(await other.tryAcquire('a')).toMatchObject({ acquired: true });
      await other.close();
    });
  });

  test('a resume that close() has overtaken leaves nothing behind', async () => {
    const handle = (await world.locks({ heartbeatMs: false }).acquire('a')).handle();
    await world.clock.advance(20_000);
    const client = world.locks();
    const resumed = watched(client.resume(handle));
    await client.close();
    expect(resumed.error).toMatchObject({ code: 'LOCK_CLIENT_CLOSED' });
    expect(await world.rows()).toEqual([]);
    expect(world.clock.timers()).toBe(0);
  });

  test('a lock whose renewals fail keeps no slot from one that can be renewed', async () => {
    const locks = world.locks({ maxConcurrentHeartbeats: 1 });
    const [bad, good] = [await locks.acquire('bad'), await locks.acquire('good')];
    world.trouble.before = (command) => { if (command.constructor.name.includes('Update') && keyIn(command) === 'bad') throw timeout(); };
    await world.clock.advance(30_000);
    expect(bad.lost?.reason).toBe('deadline');
    expect(good.isHeld()).toBe(true);
    await locks.close();
  });

  test('a short lease with a long margin is renewed in time, although an answer takes its time', async () => {
    const locks = world.locks({ leaseMs: 20_000, heartbeatMs: 5_000, safetyMarginMs: 5_000 });
    const lock = await locks.acquire('a', { leaseMs: 8_000 });
    world.trouble.after = ({ constructor: { name } }) => (name.includes('Update') ? new Promise((resolve) => { world.clock.after(500, resolve); }) : undefined);
    await world.clock.advance(60_000);
    expect(lock.lost).toBeUndefined();
    const closing = locks.close();
    await world.clock.advance(1_000);
    await closing;
  });

  test('a free lock that no write gets through to is not called taken: the error of the table is told', async () => {
    world.trouble.before = ({ constructor: { name } }) => {
      if (name.includes('Put')) throw Object.assign(new Error('no'), { name: 'InternalServerError', $fault: 'server', $metadata: { httpStatusCode: 500 } });
    };
    const tried = watched(world.locks().tryAcquire('a'));
    await world.clock.advance(30_000);
    expect(tried.error).toMatchObject({ code: 'LOCK_BACKEND', cause: { name: 'InternalServerError' } });
    const waited = watched(world.locks().acquire('a', { waitMs: 2_000 }));
    await world.clock.advance(30_000);
    expect(waited.error).toMatchObject({ code: 'LOCK_TIMEOUT', cause: { name: 'InternalServerError' } });
  });

  describe('resume', () => {
    const dead = async () => (await world.locks({ heartbeatMs: false, ownerName: 'dead' }).acquire('a')).handle();

    test('counts from before its own renewal', async () => {
      const handle = await dead();
      world.trouble.after = ({ constructor: { name } }) => (name.includes('Update') ? new Promise((resolve) => { world.clock.after(3_000, resolve); }) : undefined);
      const resumed = watched(world.locks({ heartbeatMs: false }).resume(handle));
      await world.clock.advance(3_000);
      expect(resumed.value?.remainingMs()).toBe(6_000);
    });

    /** The holder renews the lock just before each of so many renewals of the other arrives. */
    const renewedMeanwhile = async (times: number) => {
      const lock = await world.locks({ heartbeatMs: false }).acquire('a');
      const handle = lock.handle();
      let left = times;
      const meanwhile: NonNullable<typeof world.trouble.before> = async ({ constructor: { name } }) => {
        if (!name.includes('Update') || left === 0) return;
        left -= 1;
        delete world.trouble.before;
        await lock.heartbeat();
        world.trouble.before = meanwhile;
      };
      world.trouble.before = meanwhile;
      return { lock, handle };
    };

    test.each([1, 3])('of a lock that its holder renews at the same moment, %i times: it is not lost', async (times) => {
      const { lock, handle } = await renewedMeanwhile(times);
      const resumed = await world.locks({ heartbeatMs: false }).resume(handle);
      expect(resumed.acquisitionId).toBe(lock.acquisitionId);
      await expect(lock.heartbeat()).rejects.toMatchObject({ code: 'LOCK_LOST', reason: 'stolen' });
      expect(await resumed.release()).toBe('released');
    });

    test('of a lock that its holder renews over and over gives up, and says why', async () => {
      const { lock, handle } = await renewedMeanwhile(100);
      await expect(world.locks({ heartbeatMs: false }).resume(handle)).rejects.toMatchObject({ code: 'LOCK_BACKEND', cause: { message: expect.stringContaining('another process') } });
      expect(lock.isHeld()).toBe(true);
    });

    test.each([
      ['is released', { isReleased: '1' }, { reason: 'releasedElsewhere' }],
      ['is of another owner who has left the id in it', { ownerName: 'java' }, { reason: 'stolen', by: 'java' }],
    ])('writes nothing to a row that %s', async (_name, change, loss) => {
      const handle = await dead();
      const [row] = await world.rows();
      await world.put({ ...row, ...change });
      world.requests();
      await expect(world.locks().resume(handle)).rejects.toMatchObject(loss);
      expect(world.requests()).toEqual(['Get']);
    });
  });

  describe('permits', () => {
    test('tell of the slot that is free the soonest', async () => {
      await world.locks({ heartbeatMs: false, leaseMs: 4_000 }).acquire('p#0');
      await world.locks({ heartbeatMs: false, leaseMs: 8_000 }).acquire('p#1');
      expect(await world.locks().permits('p', 2).tryAcquire()).toMatchObject({ acquired: false, retryAfterMs: 4_001, holder: { leaseMs: 4_000 } });
    });

    test('are waited for until a dead holder with a longer lease is out of the way', async () => {
      await world.locks({ heartbeatMs: false, leaseMs: 30_000 }).acquire('p#0');
      const locks = world.locks();
      const waiting = watched(locks.permits('p', 1).acquire());
      await world.clock.advance(31_000);
      expect(waiting.value?.tookOver).toBe(true);
      await locks.close();
    });
  });

  test('of several locks, one that is lost is worse than one of which nothing is known', async () => {
    const locks = world.locks();
    const both = await locks.acquireAll(['a', 'b']);
    await world.remove('b');
    world.trouble.before = (command) => { if (command.constructor.name.includes('Delete') && keyIn(command) === 'a') throw timeout(); };
    const outcome = watched(both.release({ bestEffort: true }));
    await world.clock.advance(10_000);
    expect(outcome.value).toBe('lost');
  });

  test('a short wait is long enough for an answer', async () => {
    world.trouble.after = () => new Promise((resolve) => { world.clock.after(200, resolve); });
    const waiting = watched(world.locks().acquire('a', { waitMs: 100 }));
    await world.clock.advance(200);
    expect(waiting.value?.isHeld()).toBe(true);
  });

  test('work that fails because its lock is lost does not wait for a table that does not answer', async () => {
    const error = new Error('theirs');
    const work = watched(world.locks({ heartbeatMs: false }).withLock('a', ({ signal }) => new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => { reject(error); });
    })));
    await settle();
    world.trouble.before = () => new Promise(() => {});
    await world.clock.advance(9_000);
    expect(work).toMatchObject({ ended: true, error });
  });

  test('the late release of a lease that was lost leaves the next one to its reentrant users', async () => {
    const locks = world.locks({ heartbeatMs: false });
    const old = await locks.acquire('a', { reentrant: true });
    await world.clock.advance(9_500);
    expect(old.lost?.reason).toBe('deadline');
    await world.remove('a');
    const next = await locks.acquire('a', { reentrant: true });
    await old.release();
    expect((await locks.acquire('a', { reentrant: true, waitMs: 0 })).acquisitionId).toBe(next.acquisitionId);
    expect(next.isHeld()).toBe(true);
  });

  test('a renewal without an answer is made again soon, not a heartbeat later', async () => {
    const locks = world.locks({ heartbeatMs: 4_900 });
    const lock = await locks.acquire('a');
    let lostAnswers = 0;
    world.trouble.before = (command) => { if (command.constructor.name.includes('Update') && (lostAnswers += 1) <= 3) throw timeout(); };
    await world.clock.advance(12_000);
    expect(lostAnswers).toBeGreaterThan(3);
    expect(lock.isHeld()).toBe(true);
    await locks.close();
  });

  test('a reentrant acquisition that finds the lock there remembers what it has sent in vain', async () => {
    const locks = world.locks();
    const puts: Readonly<Record<string, unknown>>[] = [];
    world.trouble.before = ({ constructor: { name }, input }) => {
      if (name.includes('Put') && puts.push(input['Item'] as Readonly<Record<string, unknown>>) === 2) throw timeout();
    };
    const first = locks.acquire('a', { reentrant: true });
    const second = locks.acquire('a', { reentrant: true });
    await world.clock.advance(5_000);
    const [one, two] = await Promise.all([first, second]);
    expect(two.acquisitionId).toBe(one.acquisitionId);
    expect(await one.release()).toBe('still-held');
    expect(await two.release()).toBe('released');
    await world.put(puts[1] ?? {}); // arrives at last, for nobody
    const again = watched(locks.acquire('a'));
    await world.clock.advance(100);
    expect(again.value?.isHeld()).toBe(true);
    await locks.close();
  });

  test('a grant that came too late is given back when the wait is aborted', async () => {
    const locks = world.locks({ requestTimeoutMs: 20_000 });
    const aborting = new AbortController();
    let puts = 0;
    world.trouble.before = ({ constructor: { name } }) => {
      if (!name.includes('Put') || (puts += 1) !== 2) return;
      aborting.abort();
      throw timeout();
    };
    world.trouble.after = async ({ constructor: { name } }) => {
      if (name.includes('Put')) await new Promise<void>((resolve) => { world.clock.after(9_500, resolve); });
    };
    const tried = watched(locks.acquire('a', { signal: aborting.signal, waitMs: 60_000 }));
    await world.clock.advance(10_000);
    expect(tried.error).toMatchObject({ code: 'LOCK_ABORTED' });
    await locks.close();
    expect(await world.rows()).toEqual([]);
  });

  test('a release whose answer was lost is no loss, whoever has come after it', async () => {
    const locks = world.locks();
    let lost = 0;
    world.trouble.after = ({ constructor: { name } }) => { if (name.includes('Delete') && (lost += 1) === 1) throw timeout(); };
    const work = watched(locks.withLock('a', async () => { await Promise.resolve(); return 'done'; }));
    while (lost === 0) await settle();
    const next = await world.locks({ ownerName: locks.ownerName }).acquire('a');
    await world.clock.advance(1_000);
    expect(work).toMatchObject({ ended: true, value: 'done' });
    expect(next.isHeld()).toBe(true);
    await locks.close();
  });

  test('a token grows, even if its row was collected', async () => {
    const locks = world.locks({ exclusive: true, ttl: { afterDays: 1 } });
    const one = await locks.acquire('a');
    await one.release();
    const two = await locks.acquire('a');
    expect(two.fencingToken).toBe((one.fencingToken ?? NaN) + 1);
    await two.release();
    await world.clock.advance(2 * 86_400_000);
    await world.remove('a');
    const three = await locks.acquire('a');
    expect(three.fencingToken).toBeGreaterThan(two.fencingToken ?? NaN);
    await locks.close();
  });

  test('an async onDanger that rejects is logged', async () => {
    const errors: string[] = [];
    const locks = world.locks({ heartbeatMs: false, logger: { debug: () => {}, warn: () => {}, error: (message) => { errors.push(message); } } });
    const onDanger = (async () => { throw new Error('theirs'); }) as unknown as () => void;
    await locks.acquire('a', { sessionMonitor: { safeTimeMs: 4_000, onDanger } });
    await world.clock.advance(5_000);
    expect(errors).toEqual([expect.stringContaining('onDanger')]);
    await locks.close();
  });
});
