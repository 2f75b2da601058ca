import { createSynchronizedCache, type CacheMessage } from '../../../../src/locks/shared/cache';
import type { Channel } from '../../../../src/locks/shared/channel-types';
import type { Fate } from '../../../support/locks/claim-world';
import { inTime, sharedWorld, type SharedWorld } from '../../../support/locks/shared-world';

let world: SharedWorld;
let source: Map<string, string>;
let loads: string[];
beforeEach(async () => {
  world = await sharedWorld();
  source = new Map([['a', 'a1'], ['b', 'b1'], ['c', 'c1']]);
  loads = [];
});
afterEach(() => world.stop());

const after = (ms: number) => new Promise<void>((resolve) => { world.clock.after(ms, resolve); });
const silent = { debug: () => {}, warn: () => {}, error: () => {} };
const cacheOn = (channel: Channel<CacheMessage>, { loadMs = 0, maxEntries = 1_000 } = {}) => createSynchronizedCache<string | undefined>({
  channel, maxEntries, logger: silent,
  load: async (key) => {
    loads.push(key);
    const value = source.get(key);
    if (loadMs > 0) await after(loadMs);
    return value;
  },
});
const cache = (options?: Parameters<typeof cacheOn>[1], fate?: () => Fate) => cacheOn(world.channel<CacheMessage>(fate ? { fate } : {}), options);

test('loads once, for several who ask at the same time, too', async () => {
  const node = cache({ loadMs: 100 });
  expect(await inTime(world.clock, Promise.all([node.get('a'), node.get('a'), node.get('b')]))).toEqual(['a1', 'a1', 'b1']);
  expect(await node.get('a')).toBe('a1');
  expect(loads).toEqual(['a', 'b']);
});

test('what does not exist is kept, too; an error is not', async () => {
  const node = cache();
  expect([await node.get('z'), await node.get('z'), loads]).toEqual([undefined, undefined, ['z']]);
  let fails = true;
  const failing = createSynchronizedCache({ channel: world.channel<CacheMessage>(), load: () => { if (fails) throw new Error('no'); return 1; } });
  await expect(failing.get('a')).rejects.toThrow('no');
  fails = false;
  expect(await failing.get('a')).toBe(1);
});

test('an invalidation drops the entry here at once and elsewhere with the next look', async () => {
  const [x, y] = [cache(), cache()];
  await Promise.all([x.get('a'), y.get('a'), y.get('b')]);
  source.set('a', 'a2');
  await x.invalidate('a');
  expect([await x.get('a'), await y.get('a')]).toEqual(['a2', 'a1']);
  await world.clock.advance(2_000);
  loads.length = 0;
  expect([await y.get('a'), await y.get('b')]).toEqual(['a2', 'b1']);
  expect(loads).toEqual(['a']);
  source.set('b', 'b2');
  await y.invalidateAll();
  await world.clock.advance(2_000);
  expect([x.size, y.size, await x.get('b')]).toEqual([0, 0, 'b2']);
});

test('a load that began before an invalidation is not kept', async () => {
  const [x, y] = [cache({ loadMs: 3_000 }), cache()];
  await inTime(world.clock, x.get('b'));
  const early = x.get('a');
  await world.clock.advance(500);
  source.set('a', 'a2');
  await y.invalidate('a');
  await world.clock.advance(2_000);
  const late = x.get('a');
  expect(await inTime(world.clock, early)).toBe('a1');
  expect(await inTime(world.clock, late)).toBe('a2');
  expect(await x.get('a')).toBe('a2');
  const own = x.get('c');
  await world.clock.advance(100);
  source.set('c', 'c2');
  await x.invalidate('c');
  await inTime(world.clock, own);
  expect(await inTime(world.clock, x.get('c'))).toBe('c2');
});

test('the least recently asked for goes first', async () => {
  const node = cache({ maxEntries: 2 });
  for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await node.get(key);
  expect(loads).toEqual(['a', 'b', 'c', 'b']);
  expect(node.size).toBe(2);
});

test('5.4 #29 gap: everything is dropped', async () => {
  const node = cache();
  await Promise.all([node.get('a'), node.get('b')]);
  source.set('a', 'a2');
  // The number of a message that never comes.
  const dying = world.channel<CacheMessage>({ fate: ({ constructor }) => (/Put/.test(constructor.name) ? 'request lost' : 'ok') });
  await expect(inTime(world.clock, dying.send({ keys: ['a'] }))).rejects.toMatchObject({ code: 'LOCK_BACKEND' });
  await world.clock.advance(5_000);
  expect(node.size).toBe(0);
  expect(await node.get('a')).toBe('a2');
});

test('a message of another kind drops everything', async () => {
  const node = cache();
  await node.get('a');
  await world.channel<unknown>().send({ what: 'is this' });
  await world.clock.advance(2_000);
  expect(node.size).toBe(0);
  await node.get('a');
  await world.channel<unknown>().send('text');
  await world.clock.advance(2_000);
  expect(node.size).toBe(0);
});

test('5.4 #29 out of reach of the channel, or frozen: nothing from memory that may be old', async () => {
  let down = false;
  const node = cache({}, () => (down ? 'request lost' : 'ok'));
  await node.get('a');
  down = true;
  source.set('a', 'a2');
  await cache().invalidate('a');
  expect(await node.get('a')).toBe('a1'); // within maxStaleMs
  await world.clock.advance(10_100);
  expect(await node.get('a')).toBe('a2');
  source.set('a', 'a3');
  expect(await node.get('a')).toBe('a3');
  down = false;
  expect([await node.get('a'), await node.get('a')]).toEqual(['a3', 'a3']);
  source.set('a', 'a4');
  await cache().invalidate('a');
  world.clock.suspend(86_400_000);
  expect(await node.get('a')).toBe('a4');
});

test('a channel that can not be reached at first', async () => {
  let down = true;
  const node = cache({}, () => (down ? 'request lost' : 'ok'));
  expect([await node.get('a'), await node.get('a'), node.size]).toEqual(['a1', 'a1', 0]);
  down = false;
  expect([await node.get('a'), node.size]).toEqual(['a1', 1]);
});

test('close: nothing is left, and the channel stays open', async () => {
  const channel = world.channel<CacheMessage>();
  const node = cacheOn(channel);
  await node.get('a');
  await node.close();
  expect([node.size, world.clock.timers()]).toEqual([0, 0]);
  await expect(node.get('a')).rejects.toMatchObject({ code: 'SHARED_CLOSED' });
  expect(await channel.send({ all: true })).toBe(1);
  await cacheOn(channel).close();
});

test('nothing is served from memory while a message is counted and not there', async () => {
  const node = createSynchronizedCache({ channel: world.channel<CacheMessage>({ pollMs: 60_000 }), load: (key) => source.get(key), maxStaleMs: 100, logger: silent });
  expect(await node.get('a')).toBe('a1');
  source.set('a', 'a2');
  const dying = world.channel<CacheMessage>({ fate: ({ constructor }) => (/Put/.test(constructor.name) ? 'request lost' : 'ok') });
  const sending = inTime(world.clock, dying.send({ keys: ['a'] }));
  await expect(sending).rejects.toMatchObject({ code: 'LOCK_BACKEND' });
  world.clock.block(200);
  expect(await node.get('a')).toBe('a2');
});
