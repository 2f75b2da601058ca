import { PutCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import type { LockClient } from '../../../../src/locks';
import { finish } from '../../../support/locks/finish';
import { lockWorld, type LockWorld } from '../../../support/locks/world';

/** In a rolling deployment, one client counts fencing tokens, and another of the same table does not. */
describe('a client that is not exclusive, and rows that have a fencing token', () => {
  let world: LockWorld;
  beforeEach(async () => { world = await lockWorld(); });
  const row = async (): Promise<Readonly<Record<string, unknown>> | undefined> => (await world.rows())[0];
  /** As an exclusive client leaves it. */
  const numbered = () => world.locks({ exclusive: true }).withLock('a', { attributes: { other: 1, shared: 1 } }, () => undefined);

  /** Aborts when the row is written, and the answer does not come. */
  const giveUp = async (locks: LockClient): Promise<void> => {
    const stop = new AbortController();
    world.trouble.after = ({ constructor: { name } }) => {
      if (!name.includes('Update')) return;
      delete world.trouble.after;
      stop.abort();
      throw Object.assign(new Error('lost'), { name: 'TimeoutError' });
    };
    await expect(locks.acquire('a', { signal: stop.signal })).rejects.toMatchObject({ code: 'LOCK_ABORTED' });
    await world.clock.advance(100);
  };

  test.each<[string, object, object]>([
    ['by one write', {}, {}], ['as it was read', { readFirst: true }, {}], ['whatever its version', {}, { consistentReleased: false }],
    ['and deleted, it says', {}, { onRelease: 'delete' }],
  ])('count on, and keep a row that was released: %s', async (_name, options, given) => {
    await numbered();
    const lock = await world.locks(options).acquire('a', { ...given, attributes: { shared: 2 } });
    expect(lock.fencingToken).toBe(2);
    // As a replaced row: nothing else of it is left.
    expect(await row()).toMatchObject({ fencingToken: 2, shared: 2 });
    expect(await row()).not.toHaveProperty('other');
    await lock.heartbeat();
    expect(await lock.release()).toBe('released');
    expect(await row()).toMatchObject({ fencingToken: 2, isReleased: '1' });
    expect(await world.locks({ exclusive: true }).withLock('a', ({ fence }) => fence)).toBe(3);
  });

  test('data of such a row is replaced or stays, as it was asked for', async () => {
    const exclusive = world.locks({ exclusive: true });
    const put = () => exclusive.withLock('a', { data: 'before' }, () => undefined);
    await put();
    expect((await world.locks().acquire('a').then(async (lock) => { const had = await row(); await lock.release(); return had; }))).not.toHaveProperty('data');
    await put();
    const kept = await world.locks().acquire('a', { data: 'mine', replaceData: false });
    expect(new TextDecoder().decode(kept.data)).toBe('before');
    expect(await kept.release({ onRelease: 'delete' })).toBe('released');
    expect(await row()).toMatchObject({ fencingToken: 4 });
    await world.locks().acquire('a', { replaceData: false });
    expect(await row()).toHaveProperty('data');
  });

  test('one that is taken once more, because the answer came after its lease, counts on', async () => {
    await numbered();
    world.trouble.after = ({ constructor: { name } }) => {
      if (!name.includes('Update')) return;
      delete world.trouble.after;
      world.clock.block(20_000);
    };
    const lock = await finish(world.clock, world.locks({ heartbeatMs: false }).acquire('a', { waitMs: 60_000 }));
    // One number was of the grant that came too late.
    expect(lock.fencingToken).toBe(3);
    expect(await row()).toMatchObject({ fencingToken: 3 });
  });

  test('one whose holder is dead is taken over with the next token, and waits for its lease', async () => {
    await world.locks({ exclusive: true, heartbeatMs: false }).acquire('a');
    expect(await world.locks().tryAcquire('a')).toMatchObject({ acquired: false });
    const lock = await finish(world.clock, world.locks().acquire('a'));
    expect([lock.tookOver, lock.fencingToken]).toEqual([true, 2]);
    await expect(lock.guard([{ Put: { TableName: world.table, Item: { key: 'x' } } }])).resolves.toBeUndefined();
  });

  test('one that gets its token between the look and the write is looked at again', async () => {
    await world.locks().withLock('a', { onRelease: 'keep' }, () => undefined);
    world.trouble.before = async ({ constructor: { name } }) => {
      if (!name.includes('Put')) return;
      world.trouble.before = () => {};
      await world.locks({ exclusive: true }).withLock('a', () => undefined);
    };
    const lock = await finish(world.clock, world.locks({ readFirst: true }).acquire('a', { consistentReleased: false }));
    expect(lock.fencingToken).toBe(2);
  });

  test('permits and resumed locks', async () => {
    const exclusive = world.locks({ exclusive: true });
    await exclusive.permits('pool', 1).withPermit(() => undefined);
    expect((await world.locks().permits('pool', 1).acquire()).fencingToken).toBe(2);
    const resumed = await world.locks().resume((await exclusive.acquire('a')).handle());
    expect(resumed.fencingToken).toBe(1);
    await resumed.release();
    expect((await exclusive.acquire('a')).fencingToken).toBe(2);
  });

  test('what an acquisition that was given up gives back is collected, too', async () => {
    await giveUp(world.locks({ exclusive: true, ttl: { afterDays: 1 } }));
    expect(await row()).toMatchObject({ isReleased: '1', ttl: expect.any(Number) as number });
  });

  test('an acquisition that was given up gives such a row back as it has to be', async () => {
    await numbered();
    await giveUp(world.locks());
    expect(await row()).toMatchObject({ fencingToken: 2, isReleased: '1' });
  });

  test('such a row is collected only by clients that are exclusive: who begins its token anew may not know of the time', async () => {
    await numbered();
    const locks = world.locks({ ttl: { afterDays: 1 } });
    await locks.withLock('a', () => undefined);
    expect(await row()).toMatchObject({ fencingToken: 2, isReleased: '1' });
    expect(await row()).not.toHaveProperty('ttl');
    await locks.withLock('b', { onRelease: 'keep' }, () => undefined);
    expect((await world.rows()).find(({ key }) => key === 'b')).toHaveProperty('ttl');
    await expect(world.locks({ exclusive: true }).resume((await locks.acquire('c')).handle(), { onRelease: 'delete' })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });

  test('an attribute of a user that is called so, and is no number, is none', async () => {
    await world.locks().withLock('a', { onRelease: 'keep' }, () => undefined);
    await world.client.send(new PutCommand({ TableName: world.table, Item: { ...await row(), fencingToken: 'of mine' } }));
    const lock = await world.locks().acquire('a');
    expect(lock.fencingToken).toBeUndefined();
    expect(await row()).not.toHaveProperty('fencingToken');
  });

  test('the other way round: rows without a token are numbered from 1', async () => {
    await world.locks().withLock('a', { onRelease: 'keep' }, () => undefined);
    expect((await world.locks({ exclusive: true }).acquire('a')).fencingToken).toBe(1);
  });

  test('once a row is numbered, each acquisition has one more, whoever it is', async () => {
    const turn = fc.record({ exclusive: fc.boolean(), update: fc.boolean(), dies: fc.boolean(), consistent: fc.boolean() });
    await fc.assert(fc.asyncProperty(fc.array(turn, { minLength: 2, maxLength: 8 }), async (turns) => {
      const fresh = await lockWorld();
      const tokens: number[] = [];
      for (const { exclusive, update, dies, consistent } of [{ exclusive: true, update: true, dies: false, consistent: true }, ...turns]) {
        const locks = fresh.locks({ exclusive, heartbeatMs: false });
        const lock = await finish(fresh.clock, locks.acquire('a', { existingRow: update || exclusive ? 'update' : 'replace', consistentReleased: consistent }));
        tokens.push(lock.fencingToken ?? NaN);
        if (!dies) await lock.release();
      }
      expect(tokens).toEqual(tokens.map((_token, i) => i + 1));
    }), { numRuns: 30 });
  });
});
