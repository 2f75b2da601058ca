import { failureOf, finish, rowOf } from '../../../support/locks/finish';
import { lockWorld, type LockWorld } from '../../../support/locks/world';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const dataOf = (row: Readonly<Record<string, unknown>> | undefined): string | undefined =>
  (row?.data === undefined ? undefined : new TextDecoder().decode(row.data as Uint8Array));

const variants = [undefined, 'rangeKey'].flatMap((sortKey) => [false, true].flatMap((consistentReleased) => (['replace', 'update'] as const).map((existingRow) => ({ sortKey, consistentReleased, existingRow }))));

describe.each(variants)('data of a released lock that is kept ($sortKey, consistent: $consistentReleased, $existingRow)', ({ sortKey, consistentReleased, existingRow }) => {
  const at = sortKey === undefined ? {} : { sortKey: '1' };
  const released = rowOf('a', { ...(sortKey === undefined ? {} : { rangeKey: '1' }), isReleased: '1', data: bytes('theirs') });
  let world: LockWorld;
  beforeEach(async () => { world = await lockWorld(sortKey === undefined ? {} : { sortKey }); });
  // As Java does it: looks first.
  const acquire = (more = {}) => world.locks({ readFirst: true }).acquire('a', { ...at, consistentReleased, existingRow, replaceData: false, ...more });

  test('testAcquireLockLeaveData…: ok', async () => {
    await world.put(released);
    const lock = await acquire({ data: 'mine' });
    expect(lock.data).toEqual(bytes('theirs'));
    expect(dataOf((await world.rows())[0])).toBe('theirs');
  });

  test('testAcquireLockLeaveData…: data of the option where the row has none', async () => {
    const { data: _, ...bare } = released;
    await world.put(bare);
    const lock = await acquire({ data: 'mine' });
    expect(lock.data).toEqual(bytes('mine'));
    expect(dataOf((await world.rows())[0])).toBe('mine');
  });

  test('testAcquireLockLeaveData…_rvnChanged: refused at first only where it is consistent, and then the newer data are kept', async () => {
    await world.put(released);
    // Between the look and the write, somebody takes the lock, changes its data and gives it back.
    let changed = false;
    world.trouble.before = async ({ constructor: { name } }) => {
      if (changed || !/Put|Update/.test(name)) return;
      changed = true;
      await world.put({ ...released, recordVersionNumber: 'r-2', data: bytes('newer') });
    };
    const lock = await finish(world.clock, acquire());
    const requests = world.requests();
    const writes = requests.filter((name) => name !== 'Get').length;
    expect(writes).toBe(consistentReleased ? 2 : 1);
    // Without, a replaced row gets what was read: the change is lost, as with Java. An update does not touch it.
    expect(dataOf((await world.rows())[0])).toBe(consistentReleased || existingRow === 'update' ? 'newer' : 'theirs');
    expect(lock.isHeld()).toBe(true);
  });
});

describe('data', () => {
  let world: LockWorld;
  beforeEach(async () => { world = await lockWorld(); });

  test('testAcquireLockLeaveDataAfterClose: what a closed client has left', async () => {
    const first = world.locks();
    await first.acquire('a', { data: 'first', onRelease: 'keep' });
    await first.close();
    expect((await world.locks().acquire('a', { replaceData: false })).data).toEqual(bytes('first'));
  });

  test.each(['released', 'acquired'])('testAcquireLockLeaveOrReplaceDataFrom%sLock', async (state) => {
    for (const [replaceData, expected] of [[true, 'mine'], [false, 'theirs']] as const) {
      const key = `a-${String(replaceData)}`;
      await world.put(rowOf(key, { data: bytes('theirs'), ...(state === 'released' ? { isReleased: '1' } : {}) }));
      const lock = await finish(world.clock, world.locks().acquire(key, { replaceData, data: 'mine' }));
      expect(lock.data).toEqual(bytes(expected));
      expect(dataOf((await world.rows()).find((row) => row.key === key))).toBe(expected);
    }
  });

  test('replaced without data: gone', async () => {
    await world.put(rowOf('a', { data: bytes('theirs'), isReleased: '1' }));
    const lock = await world.locks().acquire('a');
    expect(lock.data).toBeUndefined();
    expect((await world.rows())[0]).not.toHaveProperty('data');
  });

  test('testSendHeartbeatLeaveData, testSendHeartbeatChangeData, testSendHeartbeatRemoveData', async () => {
    const lock = await world.locks().acquire('a', { data: 'one' });
    await lock.heartbeat();
    expect([dataOf((await world.rows())[0]), lock.data]).toEqual(['one', bytes('one')]);
    await lock.heartbeat({ data: 'two' });
    expect([dataOf((await world.rows())[0]), lock.data]).toEqual(['two', bytes('two')]);
    await lock.heartbeat({ data: null });
    expect([dataOf((await world.rows())[0]), lock.data]).toEqual([undefined, undefined]);
  });

  test('testReleaseLockLeaveItem, testReleaseLockLeaveItemAndChangeData, testReleaseLockRemoveItem', async () => {
    const locks = world.locks();
    await (await locks.acquire('a', { data: 'one' })).release({ onRelease: 'keep' });
    expect((await world.rows())[0]).toMatchObject({ isReleased: '1', data: bytes('one') });
    await (await locks.acquire('a', { replaceData: false })).release({ onRelease: 'keep', data: 'two' });
    expect((await world.rows())[0]).toMatchObject({ isReleased: '1', data: bytes('two') });
    await (await locks.acquire('a')).release({ onRelease: 'delete' });
    expect(await world.rows()).toEqual([]);
  });
});

describe.each(variants)('a lock that must exist ($sortKey, consistent: $consistentReleased, $existingRow)', ({ sortKey, consistentReleased, existingRow }) => {
  const at = sortKey === undefined ? {} : { sortKey: '1' };
  const options = { ...at, consistentReleased, existingRow, mustExist: true };
  let world: LockWorld;
  beforeEach(async () => { world = await lockWorld(sortKey === undefined ? {} : { sortKey }); });

  test('testAcquireLockMustExist…_LockDoesNotExist: not granted, and nothing written', async () => {
    expect(await failureOf(finish(world.clock, world.locks().acquire('a', { ...options, waitMs: 3_000 })))).toMatchObject({ code: 'LOCK_TIMEOUT', holder: undefined });
    expect(await world.locks().tryAcquire('a', options)).toEqual({ acquired: false, retryAfterMs: 0 });
    expect(await world.rows()).toEqual([]);
    expect(new Set(world.requests())).toEqual(new Set(['Get']));
  });

  test('testAcquireLockMustExist…_LockExists: released, or run out', async () => {
    const where = sortKey === undefined ? {} : { rangeKey: '1' };
    await world.put(rowOf('a', { ...where, isReleased: '1' }));
    const lock = await world.locks().acquire('a', options);
    expect(lock.isHeld()).toBe(true);
    await lock.release({ onRelease: 'keep' });
    await world.put(rowOf('b', where));
    expect((await finish(world.clock, world.locks().acquire('b', options))).tookOver).toBe(true);
  });

  test('acquireLock_withAcquireOnlyIfLockAlreadyExists…releasedLockConditionalCheckFailure: gone before the write', async () => {
    await world.put(rowOf('a', { ...(sortKey === undefined ? {} : { rangeKey: '1' }), isReleased: '1' }));
    world.trouble.before = async ({ constructor: { name } }) => {
      if (!/Put|Update/.test(name)) return;
      delete world.trouble.before;
      if (sortKey === undefined) await world.remove('a');
      else await world.put(rowOf('a', { rangeKey: '1', recordVersionNumber: 'r-2' }));
    };
    expect(await failureOf(finish(world.clock, world.locks().acquire('a', { ...options, waitMs: 2_000 })))).toMatchObject({ code: 'LOCK_TIMEOUT' });
  });
});

describe('existing rows', () => {
  let world: LockWorld;
  beforeEach(async () => { world = await lockWorld(); });

  test('testAcquireLockBasicWithUpdateExistingLockTrue', async () => {
    const lock = await world.locks().acquire('a', { existingRow: 'update', data: 'd' });
    expect((await world.rows())[0]).toMatchObject({ key: 'a', data: bytes('d'), leaseDuration: '10000' });
    expect(await lock.release()).toBe('released');
  });

  test.each(['WhenLockIsReleased', 'WhenLockIsExpired'])('testAcquireLock…%s…PreserveAttributesFromPreviousLock', async (state) => {
    await world.put(rowOf('a', { theirs: 1, shared: 'old', ...(state === 'WhenLockIsReleased' ? { isReleased: '1' } : {}) }));
    const lock = await finish(world.clock, world.locks().acquire('a', { existingRow: 'update', attributes: { shared: 'new', mine: [1] } }));
    const [row] = await world.rows();
    expect(row).toMatchObject({ theirs: 1, shared: 'new', mine: [1], ownerName: lock.ownerName });
    expect(row).not.toHaveProperty('isReleased');
    expect(lock.attributes).toEqual({ theirs: 1, shared: 'new', mine: [1] });
    // A renewal and a release that keeps the row keep them, too.
    await lock.heartbeat();
    await lock.release({ onRelease: 'keep' });
    expect((await world.rows())[0]).toMatchObject({ theirs: 1, shared: 'new', mine: [1], isReleased: '1' });
  });

  test('replaced: attributes of the previous holder are gone', async () => {
    await world.put(rowOf('a', { theirs: 1, isReleased: '1' }));
    const lock = await world.locks().acquire('a', { attributes: { mine: 1 } });
    expect((await world.rows())[0]).not.toHaveProperty('theirs');
    expect(lock.attributes).toEqual({ mine: 1 });
  });

  test('testAdditionalAttributes: they stay through renewals', async () => {
    const lock = await world.locks().acquire('a', { attributes: { list: ['x'], count: 2 } });
    await lock.heartbeat();
    expect((await world.rows())[0]).toMatchObject({ list: ['x'], count: 2 });
    expect((await world.locks().inspect('a'))?.attributes).toEqual({ list: ['x'], count: 2 });
  });

  test.each(['data', 'key', 'leaseDuration', 'recordVersionNumber', 'ownerName', 'isReleased', 'acquisitionId', 'fencingToken', 'lastTouchedAt', 'lastTouchedVersion', '__proto__'])('testInvalidAttributes: %s', async (name) => {
    const attributes = JSON.parse(`{ ${JSON.stringify(name)}: "x" }`) as Record<string, unknown>;
    expect(await failureOf(world.locks().acquire('a', { attributes }))).toMatchObject({ code: 'INVALID_OPTION' });
    expect(world.requests()).toEqual([]);
  });

  test('testInvalidAttributes of a table with a sort key, and of one with TTL', async () => {
    const ranged = await lockWorld({ sortKey: 'rangeKey' });
    expect(await failureOf(ranged.locks().acquire('a', { sortKey: '1', attributes: { rangeKey: 1 } }))).toMatchObject({ code: 'INVALID_OPTION' });
    expect(await failureOf(world.locks({ ttl: { afterDays: 7, attributeName: 'gone' } }).acquire('a', { attributes: { gone: 1 } }))).toMatchObject({ code: 'INVALID_OPTION' });
  });
});
