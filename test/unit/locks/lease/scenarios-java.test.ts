import { pause } from '../../../../src/locks/clock';
import { failureOf, finish, noAnswer, rowOf, serviceError } from '../../../support/locks/finish';
import { javaClient, type JavaClientOptions } from '../../../support/locks/java-client';
import { lockWorld, watched, type LockWorld } from '../../../support/locks/world';

/* Scenarios of data, of a table that fails, and of a fleet in which the other half is Java's. */

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: unknown): string | undefined => (data === undefined ? undefined : new TextDecoder().decode(data as Uint8Array));

let world: LockWorld;
beforeEach(async () => { world = await lockWorld(); });
const rowNow = async () => (await world.rows())[0];
let ids = 0;
const java = (from: LockWorld, more: Partial<JavaClientOptions> = {}) => javaClient({
  client: from.client, tableName: from.table, schema: { partitionKeyName: 'key' }, clock: from.clock, ownerName: `java-${(ids += 1)}`, newId: () => `java-rvn-${(ids += 1)}`, leaseMs: 10_000, ...more,
});

describe('5.4 #11 a counter in the data of a lock', () => {
  test.each(['update', 'replace'] as const)('consistentDataUsing…LockRecord (%s): 50 workers count 10 times each, and none is lost', async (existingRow) => {
    let random = 0.1;
    const worker = async (): Promise<void> => {
      const locks = world.locks({ heartbeatMs: false, random: () => (random = (random * 7.13 + 0.17) % 1) });
      for (let i = 0; i < 10; i += 1) {
        const lock = await locks.acquire('a', { replaceData: false, onRelease: 'keep', existingRow, refreshMs: 50, waitMs: 10_000_000 });
        const count = Number(text(lock.data) ?? 0);
        await pause(world.clock, 2);
        await lock.release({ data: String(count + 1) });
      }
    };
    await finish(world.clock, Promise.all(Array.from({ length: 50 }, worker)), { stepMs: 1_000, maxMs: 1_000_000 });
    expect(text((await rowNow())?.data)).toBe('500');
  });

  test.each([[true, 2], [false, 1]])('read by A, taken, counted and released by B, then A writes (consistent: %s)', async (consistentReleased, total) => {
    await world.put(rowOf('a', { isReleased: '1' }));
    const options = { replaceData: false, onRelease: 'keep', consistentReleased } as const;
    const count = async (locks: ReturnType<LockWorld['locks']>): Promise<void> => {
      const lock = await locks.acquire('a', options);
      await lock.release({ data: String(Number(text(lock.data) ?? 0) + 1) });
    };
    let between = false;
    world.trouble.before = async ({ constructor: { name } }) => {
      if (name !== 'PutCommand' || between) return;
      between = true;
      await count(world.locks());
    };
    await finish(world.clock, count(world.locks()));
    expect(text((await rowNow())?.data)).toBe(String(total));
  });
});

describe('5.4 #12 an expired takeover is under way while the holder releases and keeps the row', () => {
  const takers = ['node', 'java', 'java up to 1.4.0'] as const;
  const cases = (['node', 'java'] as const).flatMap((releaser) => takers.flatMap((taker) => (['node', 'java'] as const).map((third) => ({ releaser, taker, third }))));

  const play = async ({ releaser, taker, third }: (typeof cases)[number]) => {
    const key = { key: 'a' };
    const release = releaser === 'node'
      ? await world.locks({ heartbeatMs: false }).acquire('a', { onRelease: 'keep' }).then((lock) => () => lock.release())
      : await java(world).acquire(key).then((held) => () => held?.release('keep'));
    // The taker has watched the row for a lease, and writes when the release has been written.
    let holds: () => boolean;
    if (taker === 'node') {
      const locks = world.locks();
      await locks.tryAcquire('a');
      await world.clock.advance(10_001);
      let writes = 0;
      world.trouble.before = async ({ constructor: { name } }) => {
        if (name !== 'ExactUpdateCommand' || (writes += 1) !== 2) return;
        delete world.trouble.before;
        await release();
      };
      const result = await locks.tryAcquire('a', { existingRow: 'update' });
      holds = () => result.acquired && result.lock.isHeld();
    } else {
      const client = java(world, { old: taker !== 'java' });
      const found = await client.read(key);
      await world.clock.advance(10_001);
      await release();
      const taken = await client.take(key, found, { updateExisting: true }).then(() => true, () => false);
      holds = () => taken;
    }
    const granted = third === 'node' ? (await world.locks().tryAcquire('a')).acquired : (await finish(world.clock, java(world).acquire(key, { additionalWaitMs: -20_000 }))) !== undefined;
    return { second: holds(), third: granted };
  };

  const known = ({ releaser, taker }: (typeof cases)[number]): boolean => releaser === 'java' && taker === 'java up to 1.4.0';

  test.each(cases.filter((one) => !known(one)))('$releaser releases, $taker takes, $third comes third: never two holders', async (roles) => {
    const outcome = await play(roles);
    expect(Object.values(outcome).filter(Boolean)).toHaveLength(1);
  });

  test.each(cases.filter(known))('where both are Java\'s, the second up to 1.4.0, there are two, whoever is third ($third): its fault is in the row', async (roles) => {
    expect(await play(roles)).toEqual({ second: true, third: true });
  });
});

describe('5.4 #18 a table that fails', () => {
  const errors: [string, () => Error][] = [
    ['500', () => serviceError('InternalServerError', 500)],
    ['503', () => serviceError('ServiceUnavailable', 503)],
    ['throttling', () => serviceError('ThrottlingException', 400)],
    ['throughput', () => serviceError('ProvisionedThroughputExceededException', 400)],
    ['transaction conflict', () => serviceError('TransactionConflictException', 400)],
    ['no answer', noAnswer],
  ];
  const failing = (kind: RegExp, times: number, error: () => Error): void => {
    let left = times;
    world.trouble.before = ({ constructor: { name } }) => { if (kind.test(name) && (left -= 1) >= 0) throw error(); };
  };

  describe.each(errors)('%s', (_name, error) => {
    test.each([['write first', /Put/, {}], ['read first', /Get/, { readFirst: true }]])('testAcquireLockOnClientException: acquire is tried again (%s)', async (_how, kind, options) => {
      failing(kind, 3, error);
      const lock = await finish(world.clock, world.locks(options).acquire('a'));
      expect(lock.isHeld()).toBe(true);
    });

    test('acquire, until its time is over: not granted, with the error', async () => {
      failing(/./, Infinity, error);
      const start = world.clock.monotonic();
      expect(await failureOf(finish(world.clock, world.locks().acquire('a', { waitMs: 5_000 })))).toMatchObject({ code: 'LOCK_TIMEOUT', cause: { name: error().name } });
      expect(world.clock.monotonic() - start).toBeGreaterThanOrEqual(5_000);
    });

    test('a try: the error, at once', async () => {
      failing(/./, Infinity, error);
      expect(await failureOf(world.locks().tryAcquire('a'))).toMatchObject({ code: 'LOCK_BACKEND', cause: { name: error().name } });
    });

    test('a heartbeat is tried again while the lease lasts, and no longer', async () => {
      const lock = await world.locks().acquire('a');
      failing(/Update/, 3, error);
      await world.clock.advance(30_000);
      expect(lock.isHeld()).toBe(true);
      failing(/Update/, Infinity, error);
      await world.clock.advance(10_000);
      expect(lock.lost).toMatchObject({ reason: 'deadline', cause: { name: error().name } });
    });

    test.each(['keep', 'delete'] as const)('a release (%s) is tried again, and then reports that nobody knows', async (onRelease) => {
      const locks = world.locks();
      const [one, other] = [await locks.acquire('a', { onRelease }), await locks.acquire('b', { onRelease })];
      failing(/Update|Delete/, 2, error);
      expect(await finish(world.clock, one.release())).toBe('released');
      failing(/Update|Delete/, Infinity, error);
      expect(await failureOf(finish(world.clock, other.release()))).toMatchObject({ code: 'LOCK_BACKEND', cause: { name: error().name } });
    });
  });

  test('what no other try will cure is told at once, on each kind of call', async () => {
    const denied = () => serviceError('AccessDeniedException', 400);
    const lock = await world.locks().acquire('b');
    failing(/./, Infinity, denied);
    const locks = world.locks();
    world.requests();
    for (const call of [() => locks.acquire('a'), () => locks.tryAcquire('a'), () => locks.inspect('a'), () => lock.heartbeat(), () => lock.release()] as readonly (() => Promise<unknown>)[]) {
      expect(await failureOf(call())).toMatchObject({ code: 'LOCK_BACKEND', cause: { name: 'AccessDeniedException' } });
    }
  });
});

describe.each([['hash', undefined], ['range', 'rangeKey']])('5.4 #31 Java and ours on one %s table', (_kind, sortKey) => {
  const at = sortKey === undefined ? {} : { sortKey: '1' };
  const key = { key: 'a', ...(sortKey === undefined ? {} : { rangeKey: '1' }) };
  beforeEach(async () => { world = await lockWorld(sortKey === undefined ? {} : { sortKey }); });
  const javas = (more: Partial<JavaClientOptions> = {}) => java(world, { schema: { partitionKeyName: 'key', sortKeyName: sortKey }, ...more });

  const modes = (['keep', 'delete'] as const).flatMap((release) => [false, true].flatMap((updateExisting) => [false, true].map((consistent) => ({ release, updateExisting, consistent }))));
  test.each(modes)('Java holds, ours waits, takes over and releases ($release), Java acquires (update: $updateExisting, consistent: $consistent), and back', async ({ release, updateExisting, consistent }) => {
    const raw = Uint8Array.from([0, 255, 128, 10]);
    await javas().acquire(key, { data: raw, additional: { extra: 'java' } });
    const start = world.clock.monotonic();
    const lock = await finish(world.clock, world.locks().acquire('a', { ...at, replaceData: false, existingRow: 'update' }));
    expect(world.clock.monotonic() - start).toBeGreaterThan(10_000);
    expect([lock.tookOver, lock.data, lock.attributes]).toEqual([true, raw, { extra: 'java' }]);
    expect(await lock.release({ onRelease: release })).toBe('released');

    const held = await javas().acquire(key, { updateExisting, consistent, replaceData: false });
    expect(held?.item.data).toEqual(release === 'keep' ? raw : undefined);
    const row = await rowNow();
    // What only ours writes, is gone with a put, and stays with an update: of an acquisition that is over.
    expect(row?.acquisitionId).toBe(release === 'keep' && updateExisting ? lock.acquisitionId : undefined);
    expect(row).not.toHaveProperty('isReleased');
    expect(await lock.release()).toBe('released');
    expect((await rowNow())?.ownerName).toBe(held?.item.ownerName);
    const waiting = watched(world.locks().acquire('a', { ...at, waitMs: 60_000 }));
    await world.clock.advance(8_000);
    await held?.heartbeat();
    await world.clock.advance(8_000);
    expect(waiting.ended).toBe(false);
    expect(await held?.release(release)).toBe(true);
    await world.clock.advance(1_600);
    expect(waiting.value?.tookOver).toBe(false);
  });

  test('ours holds, Java waits as long as the row says, with a lease that was made longer', async () => {
    const lock = await world.locks({ heartbeatMs: false }).acquire('a', { ...at, data: 'ours' });
    await lock.ensure(30_000);
    const waiting = watched(javas().acquire(key, { replaceData: false }));
    await world.clock.advance(30_000);
    expect(waiting.ended).toBe(false);
    await world.clock.advance(1_001);
    expect(waiting.value?.item.data).toEqual(bytes('ours'));
    expect(await lock.release()).toBe('lost');
  });

  test('ours renews itself, Java never gets it; released, it has it with its next look', async () => {
    const lock = await world.locks().acquire('a', { ...at, onRelease: 'keep', data: 'ours' });
    const waiting = watched(javas().acquire(key, { additionalWaitMs: 60_000, replaceData: false }));
    await world.clock.advance(40_000);
    expect([waiting.ended, lock.isHeld()]).toEqual([false, true]);
    await lock.release();
    await world.clock.advance(1_000);
    expect(waiting.value?.item.data).toEqual(bytes('ours'));
  });

  test('a heartbeat of Java on what it has released does not keep ours from it', async () => {
    const held = await javas().acquire(key);
    await held?.release('keep');
    await held?.heartbeat(); // accepted: Java does not ask whether the row is released
    expect((await rowNow())?.isReleased).toBe('1');
    expect((await world.locks().tryAcquire('a', at)).acquired).toBe(true);
    expect(await failureOf(held?.heartbeat() ?? Promise.resolve())).toMatchObject({ name: 'ConditionalCheckFailedException' });
  });
});
