import fc from 'fast-check';
import type { Fate } from '../../support/locks/claim-world';
import { inTime, sharedWorld } from '../../support/locks/shared-world';

/*
 * Nodes that compute, remove, change and stand still, while requests are lost, repeated, delayed, and delivered after their
 * sender has given up. The clocks are not tampered with: a lease is a lease.
 */
const LEASE = 2_000;

const fate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Fate>('ok') },
  { weight: 4, arbitrary: fc.constantFrom<Fate>('request lost', 'response lost', 'twice') },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 3 * LEASE }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 3 * LEASE }).map((answerAfter): Fate => ({ answerAfter })) },
);

const action = fc.record({
  node: fc.integer({ min: 0, max: 2 }),
  kind: fc.constantFrom('compute', 'compute', 'remove', 'execute', 'get', 'advance', 'advance', 'cut off', 'stand still'),
  ms: fc.integer({ min: 0, max: 2 * LEASE }),
});

/** One fate after the other, for all nodes; fine when they are used up, so that it comes to an end. */
const dealing = (fates: readonly Fate[]) => {
  let i = 0;
  return (): Fate => fates[i++] ?? 'ok';
};

test('two nodes never have valid reservations, and nobody sees what was there before a removal', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fate, { maxLength: 60 }), fc.array(action, { minLength: 3, maxLength: 25 }), fc.boolean(), async (fates, actions, rough) => {
    const world = await sharedWorld();
    const { clock } = world;
    const next = dealing(fates);
    const cutUntil = [0, 0, 0];
    const nodes = cutUntil.map((_, i) => world.node<string>({
      fate: () => (clock.monotonic() < (cutUntil[i] as number) ? 'request lost' : next()), defaults: { leaseMs: LEASE, timeoutMs: 3_000 },
    }));
    const valid = new Set<AbortSignal>();
    const overlaps: number[] = [];
    let source = 0;
    /** The source when the last removal that was answered began: nothing older may be seen after it. */
    let floor = 0;
    const stale: string[] = [];
    const ends: Promise<unknown>[] = [];

    for (const { node, kind, ms } of actions) {
      if (!rough && (kind === 'remove' || kind === 'stand still')) continue;
      const objects = nodes[node] as (typeof nodes)[0];
      const begunAt = floor;
      const see = (value: string) => { if (Number(value) < begunAt) stale.push(`${value} < ${begunAt}`); };
      switch (kind) {
        case 'compute':
          ends.push(objects.compute('x', async ({ signal }) => {
            // A removal takes the object away from who computes it, who learns of it later; and who stands still learns nothing.
            if (!rough) for (const other of valid) if (!other.aborted) overlaps.push(clock.monotonic());
            valid.add(signal);
            const read = String(source);
            // It ignores that it was told to stop.
            await new Promise<void>((resolve) => { clock.after(ms, resolve); });
            valid.delete(signal);
            return read;
          }, { waitMs: 60_000 }).then(see, () => {}));
          break;
        case 'remove': {
          const now = (source += 1);
          ends.push(objects.remove('x').then(() => { floor = Math.max(floor, now); }, () => {}));
          break;
        }
        case 'execute': ends.push(objects.execute('x', (value) => ({ result: value })).catch(() => {})); break;
        case 'get': ends.push(objects.get('x').then((view) => { if (view.kind === 'exists') see(view.value); }, () => {})); break;
        case 'advance': await clock.advance(ms); break;
        case 'cut off': cutUntil[node] = clock.monotonic() + 3 * ms; break;
        case 'stand still': clock.block(ms); break;
      }
    }
    let done = false;
    void Promise.all(ends).then(() => { done = true; });
    for (let i = 0; i < 400 && !done; i += 1) await clock.advance(500);
    expect([done, overlaps, stale]).toEqual([true, [], []]);
    await inTime(clock, Promise.all(nodes.map((node) => node.close())));
    await clock.advance(20_000);
    expect(clock.timers()).toBe(0);
    await world.stop();
  }), { numRuns: 100 });
}, 180_000);

test('a counter is exact: what was answered was made once, what is unknown once or not at all', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fate, { maxLength: 60 }), fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 15 }), async (fates, who) => {
    const world = await sharedWorld();
    const next = dealing(fates);
    const nodes = [0, 1, 2].map(() => world.node<readonly string[]>({ fate: next, defaults: { leaseMs: LEASE } }));
    const made: string[] = [];
    const unknown: string[] = [];
    let left = who.length;
    for (const [i, node] of who.entries()) {
      const id = `change ${i}`;
      void (nodes[node] as (typeof nodes)[0]).execute('log', (log = []) => ({ value: [...log, id], result: log.length }), { maxTries: 100 })
        .then((place) => { made[place] = id; }, (error: { code: string }) => { if (['SHARED_OUTCOME_UNKNOWN', 'SHARED_CONFLICT', 'SHARED_TIMEOUT'].includes(error.code)) unknown.push(id); else throw error; })
        .finally(() => { left -= 1; });
      if (i % 4 === 3) await world.clock.advance(100);
    }
    for (let i = 0; i < 400 && left > 0; i += 1) await world.clock.advance(500);
    await world.clock.advance(10_000); // what is late arrives
    const view = await world.node<readonly string[]>().get('log');
    const log = view.kind === 'exists' ? view.value : [];
    expect(new Set(log).size).toBe(log.length);
    // Each result is the place of the change: what `change` gave is what was stored.
    made.forEach((id, place) => expect(log[place]).toBe(id));
    expect(log.filter((id) => !made.includes(id)).every((id) => unknown.includes(id))).toBe(true);
    expect(left).toBe(0);
    await world.stop();
  }), { numRuns: 100 });
}, 180_000);
