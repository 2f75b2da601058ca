import { settle } from '../../../support/locks/fake-clock';
import { failureOf, finish, noAnswer, rowOf } from '../../../support/locks/finish';
import { lockWorld, watched, type LockWorld } from '../../../support/locks/world';

/* Scenarios of requests that come late, twice or not at all. "Late": the caller has an error, and the table gets the request when the test says so. */

let world: LockWorld;
beforeEach(async () => { world = await lockWorld(); });
const rowNow = async () => (await world.rows())[0];

/** The next request of this kind is not answered; it arrives when the returned function is called, which tells what came of it. */
const delayNext = (kind: RegExp): (() => Promise<'done' | 'refused'>) => {
  let deliver: (() => Promise<unknown>) | undefined;
  const { before } = world.trouble;
  world.trouble.before = (command) => {
    if (!kind.test(command.constructor.name) || deliver) return before?.(command);
    const { constructor, input } = command;
    const copy = new (constructor as unknown as new (given: unknown) => never)(structuredClone(input));
    deliver = () => world.client.send(copy);
    throw noAnswer();
  };
  return async () => {
    if (!deliver) throw new Error('no such request was sent');
    delete world.trouble.before;
    return deliver().then(() => 'done' as const, (error: unknown) => {
      if ((error as Error).name !== 'ConditionalCheckFailedException') throw error;
      return 'refused' as const;
    });
  };
};

test('5.4 #3 acquire response lost, SDK retry answers with a refusal of our own version: adopted without a wait', async () => {
  const { send } = world.client;
  let tries = 0;
  Object.assign(world.client, { send: async (command: never, options: never) => {
    if ((tries += 1) > 1) return send(command, options);
    await send(command, options); // executed; the answer is lost, and the SDK asks again
    return send(command, options).catch((error: unknown) => { throw Object.assign(error as object, { $metadata: { attempts: 2 } }); });
  } });
  const before = world.clock.monotonic();
  const lock = await world.locks().acquire('a');
  expect([lock.isHeld(), lock.tookOver, tries]).toEqual([true, false, 1]);
  expect(world.clock.monotonic()).toBe(before);
  expect(await world.rows()).toHaveLength(1);
});

test('5.4 #3 the lease of an adopted acquisition counts from before its own request, not from the answer', async () => {
  let lose = true;
  world.trouble.after = () => {
    if (!lose) return;
    lose = false;
    world.clock.block(2_000);
    throw noAnswer();
  };
  const lock = await finish(world.clock, world.locks({ heartbeatMs: false }).acquire('a'));
  expect(lock.remainingMs()).toBeLessThanOrEqual(10_000 - 2_000 - 1_000);
});

test('5.4 #4 an acquire that arrives after its caller gave up is nobody\'s lock, and others wait for a lease at most', async () => {
  const locks = world.locks();
  const deliver = delayNext(/Put/);
  const abort = new AbortController();
  const aborted = watched(locks.acquire('a', { signal: abort.signal }));
  await settle();
  abort.abort(new Error('enough'));
  await world.clock.advance(0);
  expect(aborted.error).toMatchObject({ code: 'LOCK_ABORTED', cause: { message: 'enough' } });
  await world.clock.advance(5_000); // it was looked for, and not there
  expect(await deliver()).toBe('done');
  // Another client takes it after its lease; this one knows at once that nobody believes in it.
  const other = world.locks();
  const start = world.clock.monotonic();
  await finish(world.clock, other.acquire('a', { onRelease: 'keep' }));
  expect(world.clock.monotonic() - start).toBeLessThanOrEqual(10_000 + 1_500);
  await other.close();
});

test('5.4 #4 the client that gave up takes its own late row at once', async () => {
  const locks = world.locks();
  const deliver = delayNext(/Put/);
  const abort = new AbortController();
  const gone = failureOf(locks.acquire('a', { signal: abort.signal }));
  await settle();
  abort.abort();
  await gone;
  await settle();
  await deliver();
  expect((await locks.tryAcquire('a')).acquired).toBe(true);
});

test('5.4 #4 an acquire that was written although its caller gave up is given back in the background', async () => {
  world.trouble.after = ({ constructor: { name } }) => { if (name === 'PutCommand') throw noAnswer(); };
  const abort = new AbortController();
  const locks = world.locks();
  const gone = failureOf(locks.acquire('a', { signal: abort.signal }));
  await settle();
  abort.abort();
  expect(await gone).toMatchObject({ code: 'LOCK_ABORTED' });
  await settle();
  expect(await world.rows()).toEqual([]);
});

test('5.4 #4 an answer that comes when the lease may be over is no grant', async () => {
  let slow = true;
  world.trouble.after = () => {
    if (!slow) return;
    slow = false;
    world.clock.block(9_500);
  };
  const lock = await finish(world.clock, world.locks({ heartbeatMs: false, requestTimeoutMs: 60_000 }).acquire('a', { waitMs: 60_000 }));
  // Written once more, and that one counts.
  expect(lock.remainingMs()).toBeGreaterThan(8_000);
  expect(world.requests()).toEqual(['Put', 'Put']);
});

describe('5.4 #5 heartbeat responses lost', () => {
  test.each([1, 3])('%i in a row: not lost', async (times) => {
    const lock = await world.locks().acquire('a');
    let left = times;
    world.trouble.after = ({ constructor: { name } }) => { if (/Update/.test(name) && (left -= 1) >= 0) throw noAnswer(); };
    await world.clock.advance(60_000);
    expect([lock.isHeld(), left < 0]).toEqual([true, true]);
    expect(await lock.release()).toBe('released');
    expect(await world.rows()).toEqual([]);
  });

  test('for a whole lease: lost by the deadline, with the last error', async () => {
    const lock = await world.locks().acquire('a');
    const { send } = world.client;
    // Not even the refusal of a second try is heard.
    Object.assign(world.client, { send: async (command: never, options: never) => { await send(command, options).catch(() => {}); throw noAnswer(); } });
    await world.clock.advance(60_000);
    expect(lock.lost).toMatchObject({ reason: 'deadline', cause: { name: 'TimeoutError' } });
    // The row is ours by the table's account, with a version whose answer never came: the release finds it.
    Object.assign(world.client, { send });
    expect(await lock.release()).toBe('released');
    expect(await world.rows()).toEqual([]);
  });
});

describe('5.4 #6 a delayed heartbeat arrives', () => {
  const heartbeatThat = async (onRelease: 'keep' | 'delete') => {
    const locks = world.locks({ heartbeatMs: false });
    const lock = await locks.acquire('a', { onRelease });
    const deliver = delayNext(/Update/);
    const beat = failureOf(lock.heartbeat());
    await settle();
    delete world.trouble.before;
    expect(await finish(world.clock, lock.release())).toBe('released');
    await beat;
    return { locks, deliver };
  };

  test('after a release that keeps the row: refused, the row stays free', async () => {
    const { deliver } = await heartbeatThat('keep');
    const before = await rowNow();
    expect(await deliver()).toBe('refused');
    expect(await rowNow()).toEqual(before);
    expect(before?.isReleased).toBe('1');
  });

  test('after a release that deletes it: refused, nothing comes back', async () => {
    const { deliver } = await heartbeatThat('delete');
    expect(await deliver()).toBe('refused');
    expect(await world.rows()).toEqual([]);
  });

  test.each(['keep', 'delete'] as const)('after the lock was acquired again by the same owner (%s): refused', async (onRelease) => {
    const { locks, deliver } = await heartbeatThat(onRelease);
    const again = await locks.acquire('a', { existingRow: 'update' });
    const before = await rowNow();
    expect(await deliver()).toBe('refused');
    expect(await rowNow()).toEqual(before);
    expect(again.isHeld()).toBe(true);
  });
});

test('5.4 #7 a delayed takeover arrives after a new grant: refused', async () => {
  await world.put(rowOf('a'));
  const late = world.locks();
  await late.tryAcquire('a');
  await world.clock.advance(10_001);
  let writes = 0;
  let deliver: (() => Promise<unknown>) | undefined;
  world.trouble.before = (command) => {
    if (/Put/.test(command.constructor.name)) writes += 1;
    if (writes < 2) return;
    if (deliver) throw noAnswer(); // the network is gone for this one
    const copy = new (command.constructor as unknown as new (given: unknown) => never)(structuredClone(command.input));
    deliver = () => world.client.send(copy);
    throw noAnswer();
  };
  await failureOf(finish(world.clock, late.tryAcquire('a')));
  delete world.trouble.before;
  const other = world.locks();
  const granted = await finish(world.clock, other.acquire('a'));
  const before = await rowNow();
  await expect(deliver?.()).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });
  expect(await rowNow()).toEqual(before);
  expect(granted.isHeld()).toBe(true);
  await other.close();
});

test.each(['keep', 'delete'] as const)('5.4 #8 a delayed release (%s) arrives after the same owner acquired again: refused, the lock intact', async (onRelease) => {
  const locks = world.locks({ heartbeatMs: false, ownerName: 'me' });
  const lock = await locks.acquire('a', { onRelease });
  const deliver = delayNext(onRelease === 'keep' ? /Update/ : /Delete/);
  expect(await finish(world.clock, lock.release({ bestEffort: true }))).toBe('released'); // the second try
  const again = await world.locks({ ownerName: 'me' }).acquire('a');
  const before = await rowNow();
  expect(await deliver()).toBe('refused');
  expect(await rowNow()).toEqual(before);
  expect(again.isHeld()).toBe(true);
});

describe('5.4 #9 release and a heartbeat under way', () => {
  test.each([['heartbeat first', true], ['heartbeat lost', false]] as const)('%s: released, and nothing is armed again', async (_name, arrives) => {
    const locks = world.locks();
    const lock = await locks.acquire('a', { onRelease: 'keep' });
    let open: (() => void) | undefined;
    world.trouble.before = ({ constructor: { name } }) => (/Update/.test(name) && !open ? new Promise<void>((resolve, reject) => { open = () => (arrives ? resolve() : reject(noAnswer())); }) : undefined);
    await world.clock.advance(2_500); // a beat is under way
    const release = watched(lock.release());
    await settle();
    expect(release.ended).toBe(false); // one request of a lock at a time
    open?.();
    await world.clock.advance(0);
    expect(release.value).toBe('released');
    expect(await rowNow()).toMatchObject({ isReleased: '1' });
    world.requests();
    await world.clock.advance(60_000);
    expect(world.requests()).toEqual([]);
    expect(world.clock.timers()).toBe(0);
  });

  test('release first: a heartbeat that is asked for meanwhile is refused, and sends nothing', async () => {
    const lock = await world.locks().acquire('a', { onRelease: 'keep' });
    let open: (() => void) | undefined;
    world.trouble.before = () => new Promise<void>((resolve) => { open = resolve; });
    const release = watched(lock.release());
    await settle();
    expect(await failureOf(lock.heartbeat())).toMatchObject({ code: 'LOCK_MISUSE' });
    open?.();
    await settle();
    expect(release.value).toBe('released');
    expect(world.requests().filter((name) => name === 'Update')).toHaveLength(1);
    expect(world.clock.timers()).toBe(0);
  });
});
