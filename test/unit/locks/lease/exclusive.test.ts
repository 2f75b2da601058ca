import { LockMisuseError } from '../../../../src/locks';
import { finish, failureOf } from '../../../support/locks/finish';
import { lockWorld, type LockWorld } from '../../../support/locks/world';

/** One client counts fencing tokens, and another of the same table does not: a mistake that must not go unnoticed. */
describe('a client that is not exclusive, and rows that have a fencing token', () => {
  let world: LockWorld;
  beforeEach(async () => { world = await lockWorld(); });
  const refusal = expect.objectContaining({ code: 'LOCK_MISUSE', details: { key: 'a' }, message: expect.stringContaining('exclusive: true') as string }) as Error;
  const numbered = async (): Promise<number> => (await world.rows())[0]?.['fencingToken'] as number;

  test.each<[string, object]>([
    ['by one write', {}], ['as it was read', { readFirst: true }],
  ])('a released one is refused at once, and keeps its token: %s', async (_, options) => {
    await world.locks({ exclusive: true }).withLock('a', () => undefined);
    const before = await world.rows();
    const locks = world.locks(options);
    const start = world.clock.monotonic();
    await expect(locks.tryAcquire('a')).rejects.toEqual(refusal);
    await expect(locks.acquire('a')).rejects.toEqual(refusal);
    await expect(locks.acquire('a', { existingRow: 'update', onRelease: 'keep', consistentReleased: false })).rejects.toBeInstanceOf(LockMisuseError);
    await expect(locks.acquireAll(['a', 'b'])).rejects.toEqual(refusal);
    expect(world.clock.monotonic()).toBe(start);
    expect(await world.rows()).toEqual(before);
    expect(await world.locks({ exclusive: true }).withLock('a', ({ fence }) => fence)).toBe(2);
  });

  test('a held one is refused at once, and is not watched for a lease', async () => {
    const held = await world.locks({ exclusive: true }).acquire('a');
    await expect(world.locks().acquire('a')).rejects.toEqual(refusal);
    await expect(world.locks().tryAcquire('a')).rejects.toEqual(refusal);
    expect(held.isHeld()).toBe(true);
    expect(await numbered()).toBe(1);
  });

  test('one whose holder is dead is refused, too', async () => {
    await world.locks({ exclusive: true, heartbeatMs: false }).acquire('a');
    await world.clock.advance(60_000);
    await expect(world.locks().acquire('a')).rejects.toEqual(refusal);
    expect(await world.locks({ exclusive: true }).inspect('a')).toMatchObject({ fencingToken: 1 });
  });

  test('one that gets its token between the look and the write is refused, even where the version does not matter', async () => {
    await world.locks().withLock('a', { onRelease: 'keep' }, () => undefined);
    const locks = world.locks({ readFirst: true });
    world.trouble.before = async ({ constructor: { name } }) => {
      if (!name.startsWith('Put')) return;
      world.trouble.before = () => {};
      await world.locks({ exclusive: true }).withLock('a', () => undefined);
    };
    await expect(locks.acquire('a', { consistentReleased: false })).rejects.toEqual(refusal);
    expect(await numbered()).toBe(1);
  });

  test('permits and resumed locks are refused', async () => {
    const exclusive = world.locks({ exclusive: true });
    await exclusive.permits('pool', 1).withPermit(() => undefined);
    await expect(world.locks().permits('pool', 1).acquire()).rejects.toMatchObject({ code: 'LOCK_MISUSE' });
    const lock = await exclusive.acquire('a');
    await expect(world.locks().resume(lock.handle())).rejects.toEqual(refusal);
    expect(lock.isHeld()).toBe(true);
    expect(await lock.release()).toBe('released');
  });

  test('an attribute of a user that is called so, and is no number, is none', async () => {
    await world.locks().withLock('a', { onRelease: 'keep' }, () => undefined);
    const [row] = await world.rows();
    await world.put({ ...row, fencingToken: 'of mine' });
    const lock = await world.locks().acquire('a', { consistentReleased: false });
    expect(lock.isHeld()).toBe(true);
  });

  test('the other way round: rows without a token are numbered from 1, when their lease is over or they are given back', async () => {
    const before = world.locks({ ownerName: 'before' });
    await before.withLock('a', { onRelease: 'keep' }, () => undefined);
    const dead = await world.locks({ heartbeatMs: false }).acquire('dead');
    const exclusive = world.locks({ exclusive: true });
    expect((await exclusive.acquire('a')).fencingToken).toBe(1);
    expect(await failureOf(finish(world.clock, exclusive.acquire('dead', { waitMs: 0 })))).toMatchObject({ code: 'LOCK_TIMEOUT' });
    expect((await finish(world.clock, exclusive.acquire('dead'))).fencingToken).toBe(1);
    expect(dead.isHeld()).toBe(false);
  });
});
