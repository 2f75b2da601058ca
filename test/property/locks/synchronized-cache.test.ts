import fc from 'fast-check';
import { createSynchronizedCache, type CacheMessage } from '../../../src/locks/shared/cache';
import type { Fate } from '../../support/locks/claim-world';
import { settle } from '../../support/locks/fake-clock';
import { inTime, sharedWorld } from '../../support/locks/shared-world';

const fate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Fate>('ok') },
  { weight: 3, arbitrary: fc.constantFrom<Fate>('request lost', 'response lost', 'twice') },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 6_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 6_000 }).map((answerAfter): Fate => ({ answerAfter })) },
);

const action = fc.record({
  node: fc.integer({ min: 0, max: 2 }),
  key: fc.constantFrom('a', 'b'),
  kind: fc.constantFrom('get', 'get', 'change', 'advance', 'freeze'),
  ms: fc.integer({ min: 0, max: 5_000 }),
});

test('no value older than the last invalidation that was processed, and in the end all nodes agree', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fate, { maxLength: 40 }), fc.array(action, { minLength: 3, maxLength: 30 }), async (fates, actions) => {
    const world = await sharedWorld();
    const { clock } = world;
    let used = 0;
    const next = (): Fate => fates[used++] ?? 'ok';
    const source = { a: 0, b: 0 };
    const wrong: string[] = [];
    const nodes = [0, 1, 2].map((name) => {
      const floor = { a: 0, b: 0 };
      const channel = world.channel<CacheMessage>({ fate: next, graceMs: 3_000 });
      const cache = createSynchronizedCache<number>({
        logger: { debug: () => {}, warn: () => {}, error: () => {} },
        // What the cache has been told, as seen from outside.
        channel: {
          ...channel,
          subscribe: (subscriber) => channel.subscribe({
            onMessage: async (message, version) => {
              await subscriber.onMessage(message, version);
              const { a, b } = sentWith.get(version) ?? { a: 0, b: 0 };
              Object.assign(floor, { a: Math.max(floor.a, a), b: Math.max(floor.b, b) });
            },
            onGap: async (gap) => { await subscriber.onGap(gap); },
          }),
        },
        load: async (key) => {
          const read = source[key as 'a' | 'b'];
          await new Promise<void>((resolve) => { clock.after(700, resolve); });
          return read;
        },
      });
      return { name, cache, channel, floor };
    });
    /** What the source said when a message was sent, by its number. */
    const sentWith = new Map<number, { readonly a: number; readonly b: number }>();
    let left = 0;
    const run = (ending: Promise<unknown>): void => {
      left += 1;
      ending.then(() => {}, () => {}).finally(() => { left -= 1; });
    };
    const repeat = async (node: (typeof nodes)[0], key: 'a' | 'b'): Promise<void> => {
      // As documented: when it throws, it is called again.
      for (let tries = 0; tries < 50; tries += 1) {
        try { return await node.cache.invalidate(key); } catch { /* again */ }
      }
    };
    for (const { node, key, kind, ms } of actions) {
      const one = nodes[node] as (typeof nodes)[0];
      if (kind === 'advance') await clock.advance(ms);
      else if (kind === 'freeze') clock.suspend(20 * ms);
      else if (kind === 'change') {
        source[key] += 1;
        run(repeat(one, key));
        await settle();
      } else {
        const { [key]: least } = one.floor;
        run(one.cache.get(key).then((value) => { if (value < least) wrong.push(`node ${one.name}: ${key} is ${value}, and ${least} was processed`); }));
      }
    }
    for (let i = 0; i < 400 && left > 0; i += 1) await clock.advance(500);
    expect([left, wrong]).toEqual([0, []]);
    used = fates.length; // nothing is lost from now on
    await clock.advance(30_000); // every node looks, and what is late arrives
    const ends: unknown[] = [];
    for (const { cache } of nodes) for (const key of ['a', 'b'] as const) run(cache.get(key).then((value) => ends.push([key, value])));
    await clock.advance(5_000);
    expect(ends.map(String).sort()).toEqual([...Array(3).fill(`a,${source.a}`), ...Array(3).fill(`b,${source.b}`)]);
    await inTime(clock, Promise.all(nodes.map(async ({ cache, channel }) => { await cache.close(); await channel.close(); })));
    await clock.advance(10_000);
    expect(clock.timers()).toBe(0);
    await world.stop();
  }), { numRuns: 60 });
}, 180_000);
