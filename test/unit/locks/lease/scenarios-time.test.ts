import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { settle } from '../../../support/locks/fake-clock';
import { failureOf, finish, noAnswer, rowOf } from '../../../support/locks/finish';
import { lockWorld, watched, type LockWorld } from '../../../support/locks/world';
import { decide } from '../../../../src/locks/lease/decide';

/* Scenarios of time: contenders, clocks that jump or stand still, leases that differ. */

let world: LockWorld;
beforeEach(async () => { world = await lockWorld(); });
const rowNow = async () => (await world.rows())[0];

describe.each([2, 50])('5.4 #10 %i contenders at expiry', (many) => {
  test('exactly one grant at a time; the others keep waiting, and no error leaks', async () => {
    await world.put(rowOf('a'));
    let random = 0;
    const clients = Array.from({ length: many }, () => world.locks({ heartbeatMs: false, random: () => ((random += 0.37) % 1) }));
    const waits = clients.map((locks) => watched(locks.acquire('a', { waitMs: 600_000 })));
    await world.clock.advance(10_000);
    expect(waits.some(({ ended }) => ended)).toBe(false);
    await world.clock.advance(5_000);
    expect(waits.filter(({ value }) => value?.isHeld())).toHaveLength(1);
    expect(waits.filter(({ ended }) => ended)).toHaveLength(1);
    // Given back, it goes to exactly one of the others.
    await waits.find(({ ended }) => ended)?.value?.release();
    await world.clock.advance(1_600);
    expect(waits.filter(({ value }) => value?.isHeld())).toHaveLength(1);
    expect(waits.filter(({ error }) => error !== undefined)).toEqual([]);
    const closing = Promise.allSettled(clients.map((locks) => locks.close()));
    await finish(world.clock, closing);
    expect(waits.filter(({ error }) => error !== undefined)).toHaveLength(many - 2);
    expect(world.clock.timers()).toBe(0);
  });
});

describe('5.4 #13 an event loop that is blocked in the holder', () => {
  test.each([[0.5, true], [1.5, false], [3, false]])('for %d leases', async (leases, held) => {
    const lock = await world.locks().acquire('a');
    const step = async (): Promise<void> => { await settle(); lock.assertHeld(); };
    world.requests();
    world.clock.block(leases * 10_000);
    // Before any timer has run, the next step of the work knows.
    const outcome = await failureOf(step());
    if (held) {
      expect(outcome).toBeUndefined();
      await world.clock.advance(10_000);
      expect(lock.isHeld()).toBe(true);
      return;
    }
    expect(outcome).toMatchObject({ code: 'LOCK_LOST' });
    expect(lock.signal.aborted).toBe(true);
    expect(await failureOf(lock.guard([{ Put: { TableName: world.table, Item: { key: 'result' } } }]))).toMatchObject({ code: 'LOCK_LOST' });
    await world.clock.advance(60_000);
    expect(world.requests()).toEqual([]);
  });

  test('a guarded write that was sent before the block is refused by the table when another holds the lock', async () => {
    const lock = await world.locks({ heartbeatMs: false }).acquire('a');
    await finish(world.clock, world.locks({ leaseMs: 60_000 }).acquire('a'));
    // What a paused holder would still send, had it looked at the clock before its pause.
    const TransactItems = [{ Put: { TableName: world.table, Item: { key: 'result' } } }, lock.check()];
    await expect(world.client.send(new TransactWriteCommand({ TransactItems }))).rejects.toMatchObject({ name: 'TransactionCanceledException' });
    expect((await world.rows()).map(({ key }) => key)).toEqual(['a']);
  });
});

describe('5.4 #14 the monotonic clock stands still for longer than the lease', () => {
  test('on thaw: lost at once, reason suspended, no heartbeat is sent', async () => {
    const lock = await world.locks().acquire('a');
    await world.clock.advance(2_000);
    world.requests();
    world.clock.suspend(10_000);
    expect(lock.isHeld()).toBe(false);
    expect(lock.lost).toMatchObject({ reason: 'suspended' });
    await world.clock.advance(30_000);
    expect(world.requests()).toEqual([]);
  });

  test('a heartbeat by hand on thaw sends nothing', async () => {
    const lock = await world.locks({ heartbeatMs: false }).acquire('a');
    world.requests();
    world.clock.suspend(10_000);
    expect(await failureOf(lock.heartbeat())).toMatchObject({ reason: 'suspended' });
    expect(world.requests()).toEqual([]);
  });

  test('for less than the lease: still held, and renewed', async () => {
    const lock = await world.locks().acquire('a');
    world.clock.suspend(5_000);
    expect(lock.isHeld()).toBe(true);
    await world.clock.advance(20_000);
    expect(lock.isHeld()).toBe(true);
  });

  test('for less than the lease, and nobody renews or asks: the end is signalled, and danger told, a second later at most', async () => {
    const dangers: number[] = [];
    const lock = await world.locks({ heartbeatMs: false }).acquire('a', { sessionMonitor: { safeTimeMs: 7_000, onDanger: () => dangers.push(lock.remainingMs()) } });
    world.clock.suspend(5_000);
    await world.clock.advance(3_000);
    expect(dangers).toHaveLength(1);
    expect(dangers[0]).toBeGreaterThanOrEqual(1_000); // 2,000 less the second
    expect(lock.signal.aborted).toBe(false);
    await world.clock.advance(2_000);
    expect(lock.signal.aborted).toBe(true);
  });
});

describe('5.4 #15 the wall clock jumps by an hour', () => {
  test.each([3_600_000, -3_600_000])('a contender does not notice (%i ms)', async (jump) => {
    await world.put(rowOf('a'));
    const wait = watched(world.locks().acquire('a', { waitMs: 60_000 }));
    await world.clock.advance(5_000);
    world.clock.jumpWall(jump);
    await world.clock.advance(5_000);
    expect(wait.ended).toBe(false);
    await world.clock.advance(2);
    expect(wait.value?.isHeld()).toBe(true);
  });

  test('a holder gives up early, never late', async () => {
    const early = await world.locks().acquire('early');
    world.clock.jumpWall(3_600_000);
    expect(early.isHeld()).toBe(false);
    const late = await world.locks({ heartbeatMs: false }).acquire('late');
    world.clock.jumpWall(-3_600_000);
    await world.clock.advance(8_999);
    expect(late.isHeld()).toBe(true);
    await world.clock.advance(1);
    expect(late.isHeld()).toBe(false);
  });
});

test('5.4 #16 differing leases: a contender with a lease of 1 s waits for the 10 s of the row', async () => {
  await world.put(rowOf('a'));
  const wait = watched(world.locks({ leaseMs: 1_000 }).acquire('a'));
  await world.clock.advance(10_000);
  expect(wait.ended).toBe(false);
  await world.clock.advance(2);
  expect(wait.value?.isHeld()).toBe(true);
  expect((await rowNow())?.leaseDuration).toBe('1000');
});

describe('5.4 #17 a longer lease', () => {
  test('ensure, then the background: the row\'s lease does not shrink', async () => {
    const lock = await world.locks().acquire('a');
    await lock.ensure(30_000);
    expect((await rowNow())?.leaseDuration).toBe('30000');
    await world.clock.advance(60_000);
    expect((await rowNow())?.leaseDuration).toBe('30000');
    expect(lock.remainingMs()).toBeGreaterThan(20_000);
    await lock.ensure(20_000);
    expect((await rowNow())?.leaseDuration).toBe('30000');
  });

  test('a lease of the heartbeat stays until another is given', async () => {
    const lock = await world.locks().acquire('a');
    await lock.heartbeat({ leaseMs: 60_000 });
    await world.clock.advance(10_000);
    expect((await rowNow())?.leaseDuration).toBe('60000');
    await lock.heartbeat({ leaseMs: 10_000 });
    await world.clock.advance(30_000);
    expect([(await rowNow())?.leaseDuration, lock.isHeld()]).toEqual(['10000', true]);
  });

  test('a contender believes the longer lease of the row', async () => {
    const lock = await world.locks({ heartbeatMs: false }).acquire('a');
    await lock.ensure(30_000);
    const wait = watched(world.locks().acquire('a'));
    await world.clock.advance(30_000);
    expect(wait.ended).toBe(false);
    await world.clock.advance(2);
    expect(wait.ended).toBe(true);
  });
});

describe('5.4 #19 a black hole', () => {
  const blackHole = () => { world.trouble.before = () => new Promise<never>(() => {}); };

  test('the holder\'s signal aborts before the lease is over', async () => {
    const lock = await world.locks().acquire('a');
    const start = world.clock.monotonic();
    let abortedAt = 0;
    lock.signal.addEventListener('abort', () => { abortedAt = world.clock.monotonic(); });
    blackHole();
    await world.clock.advance(20_000);
    expect(abortedAt - start).toBeLessThan(10_000);
    expect(abortedAt).toBeGreaterThan(start);
  });

  test('an acquire is rejected at its own time', async () => {
    blackHole();
    const start = world.clock.monotonic();
    const error = await failureOf(finish(world.clock, world.locks().acquire('a', { waitMs: 2_000 })));
    expect(error).toMatchObject({ code: 'LOCK_TIMEOUT', cause: { name: 'TimeoutError' } });
    expect(world.clock.monotonic() - start).toBeLessThanOrEqual(2_300);
  });

  test('a try ends, too, and so does a release', async () => {
    const lock = await world.locks().acquire('b');
    blackHole();
    expect(await failureOf(finish(world.clock, world.locks().tryAcquire('a')))).toMatchObject({ code: 'LOCK_BACKEND' });
    expect(await failureOf(finish(world.clock, lock.release()))).toMatchObject({ code: 'LOCK_BACKEND' });
  });
});

describe('5.4 #21 a row that is no lock', () => {
  test.each([
    ['isReleased', true], ['isReleased', '0'], ['isReleased', ''], ['leaseDuration', 300], ['leaseDuration', '20s'], ['leaseDuration', '300.5'], ['leaseDuration', '-1'], ['leaseDuration', undefined],
    ['data', 'text'], ['ownerName', undefined], ['recordVersionNumber', 7], ['recordVersionNumber', undefined],
  ])('%s: %p', async (attribute, value) => {
    const row = Object.fromEntries(Object.entries({ ...rowOf('a'), [attribute]: value }).filter(([, one]) => one !== undefined));
    await world.put(row);
    await world.put(rowOf('good'));
    const locks = world.locks();
    for (const attempt of [() => locks.acquire('a'), () => locks.tryAcquire('a'), () => locks.inspect('a')] as readonly (() => Promise<unknown>)[]) {
      expect(await failureOf(attempt())).toMatchObject({ code: 'LOCK_ROW_INVALID', details: { key: 'a' } });
    }
    expect((await world.rows()).find(({ key }) => key === 'a')).toEqual(row);
    const [keys, bad]: [string[], unknown[]] = [[], []];
    for await (const { key } of locks.list({ onBadRow: (error, found) => bad.push([(error as { code?: unknown }).code, found.key]) })) keys.push(key);
    expect([keys, bad]).toEqual([['good'], [['LOCK_ROW_INVALID', 'a']]]);
  });

  test('without onBadRow, the logger is told', async () => {
    const warnings: string[] = [];
    await world.put({ key: 'a', hello: 'x' });
    for await (const view of world.locks({ logger: { debug: () => {}, error: () => {}, warn: (text) => warnings.push(text) } }).list()) throw new Error(view.key);
    expect(warnings).toEqual([expect.stringContaining('"a"')]);
  });
});

describe('5.4 #22 close()', () => {
  test('with one release that fails: the others are released, and the error is told', async () => {
    const locks = world.locks();
    for (const key of ['a', 'b', 'c']) await locks.acquire(key);
    world.trouble.before = ({ input }) => { if ((input.Key as { key?: string } | undefined)?.key === 'a') throw noAnswer(); };
    expect(await failureOf(finish(world.clock, locks.close()))).toMatchObject({ name: 'AggregateError', errors: [{ code: 'LOCK_BACKEND' }] });
    expect((await world.rows()).map(({ key }) => key)).toEqual(['a']);
    expect(world.clock.timers()).toBe(0);
  });

  test('while an acquisition waits, and while one is asking: both are rejected, nothing stays behind', async () => {
    await world.put(rowOf('held'));
    const locks = world.locks();
    const waiting = watched(locks.acquire('held'));
    await world.clock.advance(500);
    let open: (() => void) | undefined;
    world.trouble.before = ({ constructor: { name } }) => (name === 'PutCommand' ? new Promise<void>((resolve) => { open = resolve; }) : undefined);
    const asking = watched(locks.acquire('free'));
    await settle();
    const closed = watched(locks.close());
    await settle();
    open?.();
    await world.clock.advance(20_000);
    expect([closed.ended, closed.error]).toEqual([true, undefined]);
    expect([waiting.error, asking.error]).toMatchObject([{ code: 'LOCK_CLIENT_CLOSED' }, { code: 'LOCK_CLIENT_CLOSED' }]);
    expect(world.clock.timers()).toBe(0);
    expect(await failureOf(locks.tryAcquire('x'))).toMatchObject({ code: 'LOCK_CLIENT_CLOSED' });
  });
});

describe('5.4 #23 reentrant locks', () => {
  test('while lost: a fresh acquisition', async () => {
    const locks = world.locks({ heartbeatMs: false });
    const first = await locks.acquire('a', { reentrant: true });
    await world.clock.advance(10_000);
    const second = await finish(world.clock, locks.acquire('a', { reentrant: true }));
    expect(second.acquisitionId).not.toBe(first.acquisitionId);
    expect([first.isHeld(), second.isHeld()]).toEqual([false, true]);
    // The release of the lost one does nothing to the new one.
    expect(await first.release()).toBe('lost');
    expect(second.isHeld()).toBe(true);
    expect((await rowNow())?.acquisitionId).toBe(second.acquisitionId);
  });

  test('nested releases are counted, and one of them twice counts once', async () => {
    const locks = world.locks();
    const [one, two, three] = [await locks.acquire('a', { reentrant: true }), await locks.acquire('a', { reentrant: true }), await locks.acquire('a', { reentrant: true })];
    expect(await two.release()).toBe('still-held');
    expect(await two.release()).toBe('still-held');
    expect(await one.release()).toBe('still-held');
    expect(await world.rows()).toHaveLength(1);
    expect(await three.release()).toBe('released');
    expect(await world.rows()).toEqual([]);
  });
});

test('5.4 #24 1,000 locks on a slow table: renewed with bounded parallelism, none starved', async () => {
  let [underWay, most] = [0, 0];
  const locks = world.locks({ leaseMs: 20_000, heartbeatMs: 5_000, maxConcurrentHeartbeats: 32, requestTimeoutMs: 5_000 });
  const all = await Promise.all(Array.from({ length: 1_000 }, (_, i) => locks.acquire(`a${i}`)));
  world.trouble.before = async () => {
    most = Math.max(most, (underWay += 1));
    await new Promise<void>((resolve) => { world.clock.after(100, resolve); });
    underWay -= 1;
  };
  let least = Infinity;
  for (let at = 0; at < 15_000; at += 2_500) {
    await world.clock.advance(2_500);
    least = Math.min(least, ...all.map((lock) => lock.remainingMs()));
  }
  expect(most).toBe(32);
  // Less half a lease, and the margin.
  expect(least).toBeGreaterThan(20_000 / 2 - 1_000);
  expect(all.every((lock) => lock.isHeld())).toBe(true);
});

describe('what a contender may conclude', () => {
  test('exactly at the end of the lease it is not over', () => {
    const clock = { monotonic: () => 10_000, wall: () => 0, after: () => ({ cancel: () => {} }) };
    const row = { ownerName: 'o', leaseMs: 10_000, rvn: 'r', released: false, data: undefined, acquisitionId: undefined, fencingToken: undefined, lastTouchedAt: undefined, attributes: {} };
    const step = (since: number) => decide({ kind: 'lock', row }, { ownerName: 'me', acquisitionId: 'x', mustExist: false, consistentReleased: true }, {
      clock, attempts: new Map(), isOrphan: () => false, observe: () => ({ rvn: 'r', leaseMs: 10_000, since }), trustClocks: undefined, margin: () => 0,
    }).kind;
    expect([step(0), step(-1)]).toEqual(['wait', 'take']);
  });
});
