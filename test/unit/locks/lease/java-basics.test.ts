import { failureOf, finish, rowOf } from '../../../support/locks/finish';
import { lockWorld, type LockWorld } from '../../../support/locks/world';

/* The tests of the Java client by their names, as far as they mean something here; one file for each of their groups. */

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe.each([['hash', undefined], ['range', 'rangeKey']])('basics, %s table', (_kind, sortKey) => {
  const at = sortKey === undefined ? {} : { sortKey: '1' };
  let world: LockWorld;
  beforeEach(async () => { world = await lockWorld(sortKey === undefined ? {} : { sortKey }); });

  test('testAcquireBasicLock, testAcquireBasicLockWithSortKey, testRangeKey', async () => {
    const lock = await world.locks().acquire('a', { ...at, data: 'data' });
    expect(lock).toMatchObject({ key: 'a', ...at, data: bytes('data') });
    const [row] = await world.rows();
    expect(row).toMatchObject({ key: 'a', ...(sortKey === undefined ? {} : { rangeKey: '1' }), data: bytes('data'), leaseDuration: '10000' });
    expect(lock.isHeld()).toBe(true);
  });

  test('testBackgroundThread: renewed in the background, with a new version each time', async () => {
    const lock = await world.locks({ heartbeatMs: 2_000 }).acquire('a', at);
    const versions = new Set<unknown>();
    for (let i = 0; i < 6; i += 1) {
      versions.add((await world.rows())[0]?.recordVersionNumber);
      await world.clock.advance(2_000);
    }
    expect(versions.size).toBe(6);
    expect(lock.isHeld()).toBe(true);
  });

  test('testNoBackgroundThread: without a background, nothing is renewed, and the lock is free after a lease', async () => {
    const lock = await world.locks({ heartbeatMs: false }).acquire('a', at);
    world.requests();
    await world.clock.advance(10_001);
    expect(world.requests()).toEqual([]);
    expect([lock.isHeld(), lock.lost?.reason]).toEqual([false, 'deadline']);
    expect((await finish(world.clock, world.locks().acquire('a', at))).tookOver).toBe(true);
  });

  test('testReleasingLock: another can have it at once', async () => {
    const lock = await world.locks().acquire('a', at);
    expect(await lock.release()).toBe('released');
    world.requests();
    expect((await world.locks().acquire('a', at)).isHeld()).toBe(true);
    expect(world.requests()).toEqual(['Put']);
  });

  test('testReleaseAllLocks: close() releases what is held', async () => {
    const locks = world.locks();
    for (const key of ['a', 'b', 'c']) await locks.acquire(key, at);
    await locks.close();
    expect(await world.rows()).toEqual([]);
  });

  test('testGetLock, getLockFromDynamoDB: what the row says, released or not, without a lock to release', async () => {
    const locks = world.locks();
    expect(await locks.inspect('a', at)).toBeUndefined();
    const lock = await locks.acquire('a', { ...at, data: 'data', attributes: { extra: 1 }, onRelease: 'keep' });
    expect(await world.locks().inspect('a', at)).toMatchObject({ key: 'a', ...at, ownerName: locks.ownerName, leaseMs: 10_000, released: false, data: bytes('data'), attributes: { extra: 1 } });
    await lock.release();
    expect(await locks.inspect('a', at)).toMatchObject({ released: true });
  });

  test('testRangeKeyAcquiredAfterTimeout, testAcquireLockAfterTimeout: another\'s lock that nobody renews is taken after its lease', async () => {
    await world.put({ ...rowOf('a'), ...(sortKey === undefined ? {} : { rangeKey: '1' }) });
    const lock = await finish(world.clock, world.locks().acquire('a', at), { stepMs: 100 });
    expect(lock.tookOver).toBe(true);
  });

  test('testEmptyData: no bytes are data, too', async () => {
    const lock = await world.locks().acquire('a', { ...at, data: '' });
    expect(lock.data).toEqual(new Uint8Array());
    expect((await world.locks().inspect('a', at))?.data).toEqual(new Uint8Array());
  });
});

describe('basics', () => {
  let world: LockWorld;
  beforeEach(async () => { world = await lockWorld(); });

  test('testNullLock: without a key there is no lock', async () => {
    for (const key of ['', undefined, null, 7]) expect(await failureOf(world.locks().acquire(key as string))).toMatchObject({ code: 'INVALID_OPTION' });
    expect(world.requests()).toEqual([]);
  });

  test.each([['ACTIVE', true], ['UPDATING', true], ['CREATING', false], ['DELETING', false]])('lockTableExists_whenTableIs%s, testLockTableExists_created', async (status, exists) => {
    const { send } = world.client;
    Object.assign(world.client, { send: () => Promise.resolve({ Table: { TableStatus: status } }) });
    expect(await world.locks().tableExists()).toBe(exists);
    Object.assign(world.client, { send });
    expect(await world.locks().tableExists()).toBe(true);
  });

  test('testLockTableExists_notCreated', async () => {
    expect(await world.locks({ tableName: 'no-such-table' }).tableExists()).toBe(false);
  });

  test('GetAllLocksTests, GetLocksByPartitionKeyTest: none, one, many, of several pages, no match', async () => {
    const ranged = await lockWorld({ sortKey: 'rangeKey' });
    const locks = ranged.locks();
    const keysOf = async (options = {}) => {
      const found: string[] = [];
      for await (const { key, sortKey } of locks.list(options)) found.push(`${key}/${sortKey}`);
      return found.sort();
    };
    expect(await keysOf()).toEqual([]);
    await locks.acquire('a', { sortKey: '1' });
    expect(await keysOf()).toEqual(['a/1']);
    await locks.acquire('a', { sortKey: '2' });
    const kept = await locks.acquire('b', { sortKey: '1', onRelease: 'keep' });
    await kept.release();
    expect(await keysOf()).toEqual(['a/1', 'a/2']);
    expect(await keysOf({ includeReleased: true })).toEqual(['a/1', 'a/2', 'b/1']);
    expect(await keysOf({ key: 'a' })).toEqual(['a/1', 'a/2']);
    expect(await keysOf({ key: 'nobody' })).toEqual([]);
    // A row a page.
    const { send } = ranged.client;
    Object.assign(ranged.client, { send: (command: { input: { Limit?: number } }, options: never) => { command.input.Limit = 1; return send(command as never, options); } });
    ranged.requests();
    expect(await keysOf({ key: 'a' })).toEqual(['a/1', 'a/2']);
    expect(ranged.requests().length).toBeGreaterThan(1);
    expect(await keysOf()).toEqual(['a/1', 'a/2']);
  });

  test('uniqueIdentifier_whenPartitionAndSortKeyCouldConcatenateSame: two locks whose names run together are two', async () => {
    const ranged = await lockWorld({ sortKey: 'rangeKey' });
    const locks = ranged.locks();
    const one = await locks.acquire('a', { sortKey: 'bc', reentrant: true });
    const other = await locks.acquire('ab', { sortKey: 'c', reentrant: true });
    expect(one.acquisitionId).not.toBe(other.acquisitionId);
    expect(await ranged.rows()).toHaveLength(2);
  });

  test('the owner name is the host\'s with a random id, or what is given', () => {
    expect(world.locks({ ownerName: 'me' }).ownerName).toBe('me');
    const [one, two] = [world.locks().ownerName, world.locks().ownerName];
    expect(one).not.toBe(two);
  });
});
