import { createChannel, createClaims, createSharedObjects, LockRowError, type LockView } from '../../../../src/locks';
import { lockWorld, type LockWorld } from '../../../support/locks/world';

/** Claims, shared objects and channels may live in the table of the locks, dressed as released locks. */
describe('rows of something else in the table of the locks', () => {
  let world: LockWorld;
  let stop: () => Promise<unknown>;
  beforeEach(async () => {
    world = await lockWorld();
    const { client, table: tableName, clock } = world;
    const at = { client, tableName, clock };
    for (const prefix of [{}, { prefix: 'job:' }]) await createClaims({ ...at, ...prefix }).claim('1', { ttlMs: 60_000 });
    const [shared, own] = [createSharedObjects({ ...at }), createSharedObjects({ ...at, prefix: '' })];
    await shared.compute('1', () => 'value');
    await own.reserve('bare');
    const channel = createChannel({ ...at, namespace: 'n' });
    await channel.send('message');
    stop = () => Promise.all([shared.close(), own.close(), channel.close()]);
  });
  afterEach(() => stop());

  const KEYS = ['claim#1', 'job:1', 'obj#1', 'bare', 'ver#n', 'msg#n#1'];
  test('there are all of them', async () => {
    expect((await world.rows()).map(({ key }) => key).sort()).toEqual([...KEYS].sort());
  });

  describe.each(KEYS)('%s', (key) => {
    test.each<[string, object, object]>([
      ['by one write', {}, {}], ['after a look', { readFirst: true }, {}], ['by an update', {}, { existingRow: 'update' }],
      ['in whatever version', { readFirst: true }, { consistentReleased: false }], ['by an exclusive client', { exclusive: true }, {}],
    ])('is no lock that could be taken: %s', async (_, options, given) => {
      const before = await world.rows();
      const locks = world.locks(options);
      for (const asked of [locks.acquire(key, given), locks.tryAcquire(key, given), locks.acquireAll([key], given)]) {
        const error = await asked.catch((caught: unknown) => caught);
        expect(error).toBeInstanceOf(LockRowError);
        expect((error as LockRowError).message).toMatch(/is of a claim, a shared object or a channel\. Give the lock another name$/);
      }
      expect(await world.rows()).toEqual(before);
    });

    test('is not shown as a lock', async () => {
      expect(await world.locks().inspect(key)).toBeUndefined();
    });
  });

  test('one that comes between the look and the write stays, even where the version does not matter', async () => {
    await world.locks().withLock('job:2', { onRelease: 'keep' }, () => undefined);
    const row = (await world.rows()).find(({ key }) => key === 'job:1');
    world.trouble.before = async ({ constructor: { name } }) => {
      if (!name.startsWith('Put')) return;
      world.trouble.before = () => {};
      await world.put({ ...row, key: 'job:2' });
    };
    await expect(world.locks({ readFirst: true }).acquire('job:2', { consistentReleased: false })).rejects.toBeInstanceOf(LockRowError);
  });

  test('the list has locks only, released or not, and nothing to say of the others', async () => {
    const locks = world.locks();
    const held = await locks.acquire('held');
    await locks.withLock('kept', { onRelease: 'keep' }, () => undefined);
    const told: Error[] = [];
    const listed: LockView[] = [];
    for await (const one of locks.list({ includeReleased: true, onBadRow: (error) => told.push(error) })) listed.push(one);
    expect(listed.map(({ key, released }) => [key, released]).sort()).toEqual([['held', false], ['kept', true]]);
    expect(told).toEqual([]);
    await held.release();
  });

  test('the other way round: a lock is no claim and no object', async () => {
    const { client, table: tableName, clock } = world;
    const locks = world.locks();
    await locks.withLock('claim#2', { onRelease: 'keep' }, () => undefined);
    const lock = await locks.acquire('obj#2');
    await expect(createClaims({ client, tableName, clock }).claim('2', { ttlMs: 60_000 })).rejects.toBeInstanceOf(LockRowError);
    const shared = createSharedObjects({ client, tableName, clock });
    await expect(shared.get('2')).rejects.toMatchObject({ code: 'SHARED_ROW_INVALID' });
    await expect(shared.compute('2', () => 'value')).rejects.toMatchObject({ code: 'SHARED_ROW_INVALID' });
    await shared.close();
    expect(await lock.release()).toBe('released');
  });
});
