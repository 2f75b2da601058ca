import { pollDelay } from '../../../../src/locks/shared/context';
import { inTime, sharedWorld, type SharedWorld } from '../../../support/locks/shared-world';
import { watched } from '../../../support/locks/world';

let world: SharedWorld;
beforeEach(async () => { world = await sharedWorld(); });
afterEach(() => world.stop());

const after = (ms: number) => new Promise<void>((resolve) => { world.clock.after(ms, resolve); });

test('5.4 #28 50 waiters in 5 processes: 1 computation, and few looks', async () => {
  const looks: number[] = [];
  const nodes = Array.from({ length: 5 }, () => world.node<string>({ fate: ({ constructor }) => { if (/Get/.test(constructor.name)) looks.push(world.clock.monotonic()); return 'ok'; } }));
  let computed = 0;
  const waiting = Promise.all(Array.from({ length: 50 }, (_, i) => (nodes[i % 5] as (typeof nodes)[0]).compute('x', async () => {
    computed += 1;
    await after(20_000);
    return 'value';
  })));
  expect(await inTime(world.clock, waiting)).toEqual(Array.from({ length: 50 }, () => 'value'));
  expect(computed).toBe(1);
  // In each process one waits for all, and looks less and less often; who comes last may have to look once for itself.
  expect(looks.length).toBeLessThan(5 * 60 + 50);
  expect(world.clock.timers()).toBe(0);
});

test('5.4 #28 no stampede: looks become fewer, and half of each wait is left to chance', () => {
  const delays = (chance: number) => [1, 2, 3, 6, 20, 1_000].map((n) => pollDelay(n, { minMs: 50, maxMs: 1_000 }, () => chance));
  expect(delays(0)).toEqual([25, 50, 100, 500, 500, 500]);
  expect(delays(1)).toEqual([50, 100, 200, 1_000, 1_000, 1_000]);
});

test('5.4 #28 computer dies: one other takes over after a lease, however clocks are set', async () => {
  let dead = false;
  const a = world.node<string>({ fate: () => (dead ? 'request lost' : 'ok') });
  let computed = 0;
  void a.compute('x', async () => { await after(1_000_000); return 'a'; }).catch(() => {});
  await world.clock.advance(3_000);
  dead = true;
  const nodes = [world.node<string>(), world.node<string>(), world.node<string>()];
  const begun = world.clock.monotonic();
  const waiting = Promise.all(nodes.map((node) => node.compute('x', () => { computed += 1; return `after ${world.clock.monotonic() - begun}`; })));
  await world.clock.advance(1_000);
  world.clock.jumpWall(3_600_000);
  await world.clock.advance(4_000);
  world.clock.jumpWall(-7_200_000);
  const [first, ...others] = await inTime(world.clock, waiting);
  expect(others).toEqual([first, first]);
  expect(computed).toBe(1);
  const waited = Number((first as string).slice('after '.length));
  expect(waited).toBeGreaterThan(10_000);
  expect(waited).toBeLessThan(12_000);
  await a.close();
});

test.each([[0, 'has published'], [30_000, 'is still computing']])('5.4 #28 computer paused, then publishes (the other takes %i ms and %s): refused, and its caller gets the value of the other', async (ms) => {
  let paused = false;
  const a = world.node<string>({ fate: () => (paused ? 'request lost' : 'ok') });
  const b = world.node<string>();
  const fromA = watched(a.compute('x', async () => { await after(30_000); return 'old'; }, { waitMs: 100_000 }));
  await world.clock.advance(1_000);
  paused = true;
  const fromB = watched(b.compute('x', async () => { await after(ms); return 'new'; }));
  await world.clock.advance(25_000);
  paused = false;
  await world.clock.advance(25_000);
  expect([fromA.value, fromB.value]).toEqual(['new', 'new']);
  expect(await b.get('x')).toEqual({ kind: 'exists', value: 'new' });
});

test('5.4 #28 remove during compute: the old computation is not published, and the caller gets a new one', async () => {
  const [a, b] = [world.node<string>(), world.node<string>()];
  let source = 'old';
  const fromA = watched(a.compute('x', async () => { const read = source; await after(5_000); return read; }));
  await world.clock.advance(1_000);
  source = 'new';
  expect(await b.remove('x')).toBe('removed');
  const seen = new Set<unknown>();
  for (let i = 0; i < 30; i += 1) {
    await world.clock.advance(500);
    const view = await b.get('x');
    if (view.kind === 'exists') seen.add(view.value);
  }
  expect([...seen]).toEqual(['new']);
  expect(fromA.value).toBe('new');
});

test('remove: nothing is left of the value, its number goes up, and what is not there stays away', async () => {
  const node = world.node();
  expect(await node.remove('x')).toBe('absent');
  expect(await world.row('obj#x')).toBeUndefined();
  await node.compute('x', () => 1, { timeoutMs: 1_000, idleTimeoutMs: 500 });
  expect(await node.remove('x')).toBe('removed');
  expect(await node.get('x')).toEqual({ kind: 'absent' });
  expect(Object.keys(await world.row('obj#x') ?? {}).sort()).toEqual(['gen', 'isReleased', 'key', 'leaseDuration', 'ownerName', 'recordVersionNumber', 'state', 'ttl']);
  expect(await world.row('obj#x')).toMatchObject({ gen: 2, state: 'REMOVED' });
});

test('5.4 #28 fail + retryAfter: nobody computes for so long, everybody is told why, and a stale value is there', async () => {
  const [a, b] = [world.node<string>(), world.node<string>()];
  await a.compute('x', () => 'before', { timeoutMs: 1_000 });
  await world.clock.advance(1_000);
  const error = new TypeError('no such price');
  const waiting = watched(b.waitFor('x'));
  await expect(a.compute('x', () => { throw error; }, { retryAfterMs: 5_000 })).rejects.toBe(error);
  await world.clock.advance(1_000);
  expect(waiting.error).toMatchObject({ code: 'SHARED_FAILED', message: expect.stringContaining('TypeError: no such price') });
  let computed = 0;
  const again = () => b.compute('x', () => { computed += 1; return 'after'; });
  await expect(again()).rejects.toMatchObject({ code: 'SHARED_FAILED', retryAfterMs: 4_000 });
  expect(await b.get('x')).toEqual({ kind: 'unavailable', reason: 'failed', error: 'TypeError: no such price', retryAfterMs: 4_000, stale: 'before' });
  expect(await b.reserve('x')).toMatchObject({ kind: 'unavailable', reason: 'failed' });
  expect(computed).toBe(0);
  await world.clock.advance(4_000);
  expect(await again()).toBe('after');
  expect(await world.row('obj#x')).not.toHaveProperty('error');
});

test.each([
  ['throws a text', () => { throw 'text'; }, 'text'],
  ['throws nothing', () => { throw undefined; }, 'Error: unknown'],
  ['throws very much', () => { throw new Error('x'.repeat(5_000)); }, `Error: ${'x'.repeat(993)}`],
] as const)('a function that %s', async (_what, run, error) => {
  const node = world.node();
  await node.compute('x', run).then(() => { throw new Error('it should throw'); }, () => {});
  expect(await node.get('x')).toMatchObject({ reason: 'failed', error, retryAfterMs: 1_000 });
});

describe('5.4 #28 waiter timeout and abort', () => {
  const busy = async () => {
    const a = world.node<string>();
    await a.compute('x', () => 'stale', { timeoutMs: 1 });
    await world.clock.advance(1);
    void a.compute('x', async () => { await after(15_000); return 'slow'; }, { waitMs: 200_000 });
    await world.clock.advance(100);
    return { a, b: world.node<string>() };
  };

  test('waitFor throws, or gives the stale value', async () => {
    const { b } = await busy();
    const begun = world.clock.monotonic();
    await expect(inTime(world.clock, b.waitFor('x', { timeoutMs: 3_000 }), 1)).rejects.toMatchObject({ code: 'SHARED_TIMEOUT' });
    expect(world.clock.monotonic() - begun).toBe(3_000);
    expect(await inTime(world.clock, b.waitFor('x', { timeoutMs: 100, onTimeout: 'stale' }))).toBe('stale');
    await expect(inTime(world.clock, b.waitFor('nothing', { timeoutMs: 100, onTimeout: 'stale' }))).rejects.toMatchObject({ code: 'SHARED_TIMEOUT' });
    await expect(b.waitFor('x', { timeoutMs: 0 })).rejects.toMatchObject({ code: 'SHARED_TIMEOUT' });
  });

  test('compute throws, gives the stale value, or computes alone without publishing', async () => {
    const { b } = await busy();
    await expect(inTime(world.clock, b.compute('x', () => 'b', { waitMs: 2_000 }))).rejects.toMatchObject({ code: 'SHARED_TIMEOUT' });
    expect(await inTime(world.clock, b.compute('x', () => 'b', { waitMs: 2_000, onTimeout: 'stale' }))).toBe('stale');
    expect(await inTime(world.clock, b.compute('x', ({ stale }) => `alone, not ${String(stale)}`, { waitMs: 2_000, onTimeout: 'compute' }))).toBe('alone, not stale');
    expect(await b.get('x')).toMatchObject({ kind: 'unavailable', reason: 'reserved' });
  });

  test('each of several callers leaves by itself; execute waits no longer either', async () => {
    const { b } = await busy();
    const controller = new AbortController();
    const waits = [
      watched(b.compute('x', () => 'b', { waitMs: 5_000 })), watched(b.compute('x', () => 'b', { signal: controller.signal })),
      watched(b.waitFor('x', { signal: controller.signal })), watched(b.execute('x', () => ({ result: 1 }), { waitMs: 3_000 })), watched(b.compute('x', () => 'b', { waitMs: 200_000 })),
    ];
    await world.clock.advance(4_000);
    controller.abort('enough');
    await world.clock.advance(1_001);
    expect(waits.map(({ error }) => (error as { code?: string } | undefined)?.code)).toEqual(['SHARED_TIMEOUT', 'LOCK_ABORTED', 'LOCK_ABORTED', 'SHARED_TIMEOUT', undefined]);
    expect((waits[1]?.error as Error).cause).toBe('enough');
    await world.clock.advance(15_000);
    expect(waits[4]?.value).toBe('slow');
    const gone = new AbortController();
    gone.abort();
    await expect(b.compute('other', () => 'b', { signal: gone.signal })).rejects.toMatchObject({ code: 'LOCK_ABORTED' });
    await expect(b.waitFor('other', { signal: gone.signal })).rejects.toMatchObject({ code: 'LOCK_ABORTED' });
    await world.clock.advance(1_000);
    expect(world.clock.timers()).toBe(0);
  });
});

test('when nobody waits any more, the function is told, and another may begin at once', async () => {
  const [a, b] = [world.node<string>(), world.node<string>()];
  const controller = new AbortController();
  let told = false;
  const computing = watched(a.compute('x', ({ signal }) => new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => { told = true; reject(new Error('stopped')); });
  }), { signal: controller.signal }));
  await world.clock.advance(1_000);
  controller.abort();
  await world.clock.advance(0);
  expect([told, computing.error]).toEqual([true, expect.objectContaining({ code: 'LOCK_ABORTED' })]);
  expect(await b.compute('x', () => 'b')).toBe('b');
});

test('what one computes oneself may take its time, which those who wait beside it need not have', async () => {
  const a = world.node<string>();
  const own = watched(a.compute('x', async () => { await after(60_000); return 'slow'; }, { waitMs: 1_000 }));
  const beside = watched(a.compute('x', () => 'never', { waitMs: 1_000 }));
  await world.clock.advance(2_000);
  expect([own.ended, beside.error]).toEqual([false, expect.objectContaining({ code: 'SHARED_TIMEOUT' })]);
  await world.clock.advance(60_000);
  expect(own.value).toBe('slow');
});

test('after maxComputeMs another node computes', async () => {
  const [a, b] = [world.node<string>(), world.node<string>()];
  const stuck = watched(a.compute('x', ({ signal }) => new Promise((_resolve, reject) => { signal.addEventListener('abort', () => reject(signal.reason as Error)); }), { maxComputeMs: 20_000 }));
  await world.clock.advance(100);
  expect(await inTime(world.clock, b.compute('x', () => 'b', { waitMs: 60_000 }))).toBe('b');
  expect(stuck.error).toMatchObject({ code: 'SHARED_RESERVATION_LOST', reason: 'tooLong' });
});

test('a function that never ends holds up nobody for longer than they want to wait, and after maxComputeMs nobody who comes', async () => {
  const a = world.node<string>();
  let release = (_value: string): void => {};
  const stuck = watched(a.compute('x', () => new Promise<string>((resolve) => { release = resolve; }), { maxComputeMs: 20_000 }));
  await world.clock.advance(1_000);
  const controller = new AbortController();
  const beside = [watched(a.compute('x', () => 'never', { waitMs: 2_000 })), watched(a.compute('x', () => 'never', { signal: controller.signal }))];
  await world.clock.advance(2_000);
  controller.abort();
  await world.clock.advance(0);
  expect(beside.map(({ error }) => (error as { readonly code: string }).code)).toEqual(['SHARED_TIMEOUT', 'LOCK_ABORTED']);
  await world.clock.advance(17_000);
  expect(await inTime(world.clock, a.compute('x', () => 'second'))).toBe('second');
  expect(stuck.ended).toBe(false);
  release('late');
  await world.clock.advance(1_000);
  expect([stuck.value, await a.get('x')]).toEqual(['second', { kind: 'exists', value: 'second' }]);
  await world.clock.advance(60_000);
  expect(world.clock.timers()).toBe(0);
});

test('who asks after a removal never gets what was there before, even beside somebody who asked earlier', async () => {
  let slow = false;
  const a = world.node<string>({ fate: ({ constructor }) => (slow && /Get/.test(constructor.name) ? { answerAfter: 1_000 } : 'ok') });
  const b = world.node<string>();
  await a.compute('x', () => 'old');
  slow = true;
  const early = watched(a.compute('x', () => 'never'));
  await world.clock.advance(100); // its answer is on its way
  await b.remove('x');
  const late = watched(a.compute('x', () => 'new'));
  slow = false;
  await world.clock.advance(10_000);
  expect([early.value, late.value]).toEqual(['old', 'new']);
});

test('a table that does not answer: tried again, and told when the time is over', async () => {
  let down = true;
  const node = world.node({ fate: () => (down ? 'request lost' : 'ok') });
  await expect(inTime(world.clock, node.get('x'))).rejects.toMatchObject({ code: 'LOCK_BACKEND' });
  await expect(inTime(world.clock, node.compute('x', () => 1, { waitMs: 5_000 }))).rejects.toMatchObject({ code: 'SHARED_TIMEOUT', cause: expect.objectContaining({ code: 'LOCK_BACKEND' }) });
  await expect(inTime(world.clock, node.waitFor('x', { timeoutMs: 5_000 }))).rejects.toMatchObject({ code: 'SHARED_TIMEOUT', cause: expect.objectContaining({ code: 'LOCK_BACKEND' }) });
  const computing = node.compute('x', () => 1, { waitMs: 60_000 });
  await world.clock.advance(3_000);
  down = false;
  expect(await inTime(world.clock, computing)).toBe(1);
  const denied = world.node({ fate: () => 'denied' });
  await expect(denied.compute('x', () => 1)).rejects.toMatchObject({ code: 'LOCK_BACKEND' });
  await world.clock.advance(1_000);
  expect(world.clock.timers()).toBe(0);
});

test('a reservation whose answer was lost more than once is not waited for: it is its own', async () => {
  let lose = 0;
  const node = world.node({ fate: ({ constructor }) => (/Update/.test(constructor.name) && lose-- > 0 ? 'response lost' : 'ok') });
  lose = 4;
  const begun = world.clock.monotonic();
  expect(await inTime(world.clock, node.compute('x', () => 1))).toBe(1);
  expect(world.clock.monotonic() - begun).toBeLessThan(5_000);
});
