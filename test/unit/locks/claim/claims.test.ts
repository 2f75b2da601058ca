import type { Claim, ClaimResult } from '../../../../src/locks/claim/types';
import { settle } from '../../../support/locks/fake-clock';
import { claimWorld, fates, type ClaimWorld, type Fate } from '../../../support/locks/claim-world';

const claimed = (result: ClaimResult): Claim => {
  if (result.kind !== 'claimed') throw new Error(`Not claimed: ${result.kind}`);
  return result;
};

describe('claims', () => {
  let world: ClaimWorld;
  beforeEach(async () => { world = await claimWorld(); });

  it('the first one gets it, the others are told who is at it and for how long, with one request each', async () => {
    const seen: string[] = [];
    const [a, b] = [world.node({ ownerName: 'a' }), world.node({ ownerName: 'b' }, undefined, seen)];
    const claim = claimed(await a.claim('mail', { ttlMs: 60_000 }));
    expect(claim).toMatchObject({ key: 'mail', guarded: true, attempts: 1 });
    expect(claim.expiresAtMs()).toBe(world.clock.wall() + 60_000);
    await world.clock.advance(10_000);
    expect(await b.claim('mail', { ttlMs: 60_000 })).toEqual({ kind: 'held', ownerName: 'a', retryAfterMs: 50_000 + 2_000 + 1 });
    expect(seen).toEqual(['Update']);
    expect((await b.claim('other', { ttlMs: 60_000 })).kind).toBe('claimed');
  });

  it('retryAfterMs is when it is free, and not before', async () => {
    const [a, b] = [world.node(), world.node()];
    await a.claim('mail', { ttlMs: 1_000 });
    const held = await b.claim('mail', { ttlMs: 1_000 });
    const wait = held.kind === 'held' ? held.retryAfterMs : 0;
    world.clock.block(wait - 1);
    expect((await b.claim('mail', { ttlMs: 1_000 })).kind).toBe('held');
    world.clock.block(1);
    expect(claimed(await b.claim('mail', { ttlMs: 1_000 }))).toMatchObject({ attempts: 2 });
  });

  it('what is done is told with its result, for as long as it was said', async () => {
    const [a, b] = [world.node({ ownerName: 'a' }), world.node()];
    const result = { messageId: 'm1', parts: [1, 2.5, null, 'ü', true], none: undefined };
    expect(await claimed(await a.claim('mail', { ttlMs: 60_000 })).done(result, { keepForMs: 100_000 })).toBe('done');
    expect(await b.claim('mail', { ttlMs: 60_000 })).toEqual({ kind: 'done', ownerName: 'a', result: { messageId: 'm1', parts: [1, 2.5, null, 'ü', true] } });
    world.clock.block(102_001);
    const again = claimed(await b.claim('mail', { ttlMs: 60_000 }));
    expect(again.attempts).toBe(2);
    expect(await world.rows()).toEqual([expect.not.objectContaining({ result: expect.anything() })]);
  });

  it('remembers for seven days by default, without a result where there is none', async () => {
    const [a, b] = [world.node(), world.node()];
    await claimed(await a.claim('mail', { ttlMs: 60_000 })).done();
    world.clock.block(7 * 86_400_000);
    expect(await b.claim('mail', { ttlMs: 60_000 })).toMatchObject({ kind: 'done', result: undefined });
  });

  it('abandoned, it is free at once', async () => {
    const [a, b] = [world.node(), world.node()];
    const first = claimed(await a.claim('mail', { ttlMs: 60_000 }));
    expect(await first.abandon()).toBe('abandoned');
    expect(await first.abandon()).toBe('abandoned');
    expect(claimed(await b.claim('mail', { ttlMs: 60_000 }))).toMatchObject({ attempts: 2 });
    expect([await first.done(), await first.extend(1), await first.abandon()]).toEqual(['superseded', 'superseded', 'superseded']);
  });

  it('extended, it lasts longer, also after its time, and never shorter', async () => {
    const [a, b] = [world.node(), world.node()];
    const claim = claimed(await a.claim('mail', { ttlMs: 1_000 }));
    world.clock.block(5_000);
    expect(await claim.extend(10_000)).toBe('extended');
    expect(claim.expiresAtMs()).toBe(world.clock.wall() + 10_000);
    expect(await claim.extend(1)).toBe('extended');
    expect(claim.expiresAtMs()).toBe(world.clock.wall() + 10_000);
    world.clock.block(10_000);
    expect((await b.claim('mail', { ttlMs: 1_000 })).kind).toBe('held');
  });

  it('5.4 #27 an overdue claimant is told that it is superseded, and changes nothing', async () => {
    const [a, b, c] = [world.node(), world.node({ ownerName: 'b' }), world.node()];
    const late = claimed(await a.claim('mail', { ttlMs: 1_000 }));
    world.clock.block(3_001);
    const next = claimed(await b.claim('mail', { ttlMs: 60_000 }));
    const row = await world.rows();
    expect(await late.done('of a')).toBe('superseded');
    expect(await late.extend(99_000)).toBe('superseded');
    expect(await late.abandon()).toBe('superseded');
    expect(await world.rows()).toEqual(row);
    expect(await next.done('of b')).toBe('done');
    expect(await late.done('of a')).toBe('superseded');
    expect(await c.claim('mail', { ttlMs: 1 })).toEqual({ kind: 'done', ownerName: 'b', result: 'of b' });
  });

  it('what is ended stays ended, whatever its owner does next', async () => {
    const claim = claimed(await world.node().claim('mail', { ttlMs: 1_000 }));
    await claim.done(1);
    expect([await claim.abandon(), await claim.extend(9_000)]).toEqual(['superseded', 'superseded']);
    expect(await claim.done(2)).toBe('done'); // it is done, and says what it said first
    expect(await world.node().claim('mail', { ttlMs: 1_000 })).toMatchObject({ kind: 'done', result: 1 });
  });

  it('a row that is gone is superseded', async () => {
    const claim = claimed(await world.node().claim('mail', { ttlMs: 1_000 }));
    await world.engine.dropTable(world.table);
    await world.engine.createTable({ name: world.table, partitionKey: 'key', sortKey: null });
    expect(await claim.done()).toBe('superseded');
    expect(await world.rows()).toEqual([]);
  });

  it.each([[null], ['sk']])('its rows look like released locks, and are collected days after their time (sort key %s)', async (sortKey) => {
    world = await claimWorld({ sortKey });
    const a = world.node({ ownerName: 'a', ttl: { afterDays: 3 } });
    const claim = claimed(await a.claim('mail', { ttlMs: 60_000 }));
    const shape = { key: 'claim#mail', ...(sortKey === null ? {} : { sk: '-' }), ownerName: 'a', leaseDuration: '0', isReleased: '1', claimId: claim.claimId, attempts: 1 };
    const days = (ms: number) => Math.floor((world.clock.wall() + ms) / 1000) + 3 * 86_400;
    const rvns = new Set<unknown>();
    const row = async () => {
      const [{ recordVersionNumber, ...rest } = {}, ...more] = await world.rows();
      expect(more).toEqual([]);
      expect(typeof recordVersionNumber).toBe('string');
      rvns.add(recordVersionNumber);
      return rest;
    };
    expect(await row()).toEqual({ ...shape, state: 'CLAIMED', expiresAtMs: world.clock.wall() + 60_000, ttl: days(60_000) });
    await claim.extend(90_000);
    expect(await row()).toEqual({ ...shape, state: 'CLAIMED', expiresAtMs: world.clock.wall() + 90_000, ttl: days(90_000) });
    await claim.done({ ok: true }, { keepForMs: 5_000 });
    expect(await row()).toEqual({ ...shape, state: 'DONE', expiresAtMs: world.clock.wall() + 5_000, ttl: days(5_000), result: '{"ok":true}' });
    expect(rvns.size).toBe(3);
  });

  it('without ttl there is none', async () => {
    const claim = claimed(await world.node({ ttl: false }).claim('mail', { ttlMs: 60_000 }));
    await claim.abandon();
    expect(Object.keys((await world.rows())[0] ?? {})).not.toContain('ttl');
  });

  it('other keys of the table are not looked at, and a row that is no claim is an error', async () => {
    const odd = world.node({ prefix: '' });
    const { PutCommand } = await import('@aws-sdk/lib-dynamodb');
    await world.engine.client.send(new PutCommand({ TableName: world.table, Item: { key: 'lock', ownerName: 'x', leaseDuration: '20000', recordVersionNumber: 'r' } }));
    await expect(odd.claim('lock', { ttlMs: 1_000 })).rejects.toMatchObject({ code: 'LOCK_ROW_INVALID' });
    expect((await world.node().claim('lock', { ttlMs: 1_000 })).kind).toBe('claimed');
  });
});

describe('claims, when answers are lost', () => {
  let world: ClaimWorld;
  beforeEach(async () => { world = await claimWorld(); });

  it.each<readonly [string, readonly Fate[], readonly string[]]>([
    ['the SDK sent it twice', ['twice'], ['Update']],
    ['the answer was lost', ['response lost'], ['Update', 'Get']],
    ['the request was lost', ['request lost'], ['Update', 'Get', 'Update']],
    ['the request was lost, then the answer', ['request lost', 'ok', 'response lost'], ['Update', 'Get', 'Update', 'Get']],
  ])('%s: the claim is recognised as its own', async (_what, all, requests) => {
    const seen: string[] = [];
    const claim = claimed(await world.node({ onError: 'throw' }, fates(...all), seen).claim('mail', { ttlMs: 60_000 }));
    expect(claim).toMatchObject({ guarded: true, attempts: 1 });
    expect(claim.expiresAtMs()).toBe(world.clock.wall() + 60_000);
    expect(seen).toEqual(requests);
    expect(await claim.done()).toBe('done');
  });

  it('a lost answer does not hide that somebody else has it', async () => {
    await world.node({ ownerName: 'b' }).claim('mail', { ttlMs: 60_000 });
    expect(await world.node({}, fates('response lost')).claim('mail', { ttlMs: 60_000 })).toMatchObject({ kind: 'held', ownerName: 'b' });
  });

  it.each(['twice', 'response lost', 'request lost'] as const)('of an end: %s', async (fate) => {
    for (const end of ['done', 'abandon', 'extend'] as const) {
      const claim = claimed(await world.node({}, fates('ok', fate)).claim(end, { ttlMs: 60_000 }));
      expect(await (end === 'extend' ? claim.extend(1_000) : claim[end]())).toBe({ done: 'done', abandon: 'abandoned', extend: 'extended' }[end]);
    }
  });

  it('a claim that arrives late, after it was abandoned, is refused', async () => {
    // The first request is on its way for ten seconds; the claim goes on without it.
    const node = world.node({ requestTimeoutMs: 1_000 }, fates(10_000, 'ok', 'ok', 'ok'));
    const asked = node.claim('mail', { ttlMs: 60_000 });
    await world.clock.advance(1_000);
    const claim = claimed(await asked);
    expect(await claim.abandon()).toBe('abandoned');
    const row = await world.rows();
    await world.clock.advance(10_000);
    expect(await world.rows()).toEqual(row);
    expect((await world.node().claim('mail', { ttlMs: 1_000 })).kind).toBe('claimed');
  });

  it('an extension that arrives late shortens nothing, and ends nothing', async () => {
    const node = world.node({ requestTimeoutMs: 1_000 }, fates('ok', 8_000, 'ok'));
    const claim = claimed(await node.claim('mail', { ttlMs: 60_000 }));
    const extending = claim.extend(70_000);
    await world.clock.advance(1_000);
    expect(await extending).toBe('extended'); // sent again
    await world.clock.advance(2_000);
    await claim.extend(90_000);
    const row = await world.rows();
    await world.clock.advance(10_000);
    expect(await world.rows()).toEqual(row);
    await claim.done();
    expect(await claim.extend(99_000)).toBe('superseded');
  });

  describe('and the store is down', () => {
    const down = () => 'request lost' as const;

    it('run: a claim that says that it is none, and whose ends are harmless', async () => {
      const claim = claimed(await world.node({}, down).claim('mail', { ttlMs: 60_000 }));
      expect(claim).toMatchObject({ guarded: false, attempts: 0 });
      expect([await claim.done(), await claim.extend(1), await claim.abandon()]).toEqual(['unguarded', 'unguarded', 'unguarded']);
    });

    it('run: one that was written all the same is ended', async () => {
      const claim = claimed(await world.node({}, fates('response lost', 'request lost')).claim('mail', { ttlMs: 60_000 }));
      expect(claim.guarded).toBe(false);
      expect(await claim.done('result')).toBe('done');
      expect(await world.node().claim('mail', { ttlMs: 60_000 })).toMatchObject({ kind: 'done', result: 'result' });
    });

    it('run: it does not touch the claim of another', async () => {
      const other = claimed(await world.node().claim('mail', { ttlMs: 60_000 }));
      const claim = claimed(await world.node({}, fates('request lost', 'request lost')).claim('mail', { ttlMs: 60_000 }));
      expect([await claim.done(), await claim.abandon()]).toEqual(['unguarded', 'unguarded']);
      expect(await other.done()).toBe('done');
    });

    it('skip and throw', async () => {
      expect(await world.node({ onError: 'skip' }, down).claim('mail', { ttlMs: 60_000 })).toEqual({ kind: 'skipped', error: expect.objectContaining({ code: 'LOCK_BACKEND' }) });
      await expect(world.node({ onError: 'throw' }, down).claim('mail', { ttlMs: 60_000 })).rejects.toMatchObject({ code: 'LOCK_BACKEND', cause: { name: 'TimeoutError' } });
      expect((await world.node({ onError: 'throw' }, down).claim('mail', { ttlMs: 60_000, onError: 'skip' })).kind).toBe('skipped');
    });

    it('an error that no other try cures is one request, and an error in the log', async () => {
      const [seen, errors]: [string[], string[]] = [[], []];
      const logger = { debug: () => {}, warn: () => {}, error: (message: string) => errors.push(message) };
      expect(claimed(await world.node({ logger }, () => 'denied', seen).claim('mail', { ttlMs: 60_000 })).guarded).toBe(false);
      expect(seen).toEqual(['Update']);
      expect(errors).toEqual([expect.stringContaining('permissions')]);
    });

    it('ends of a real claim throw, for they may have happened', async () => {
      const claim = claimed(await world.node({}, fates('ok', 'request lost', 'request lost')).claim('mail', { ttlMs: 60_000 }));
      await expect(claim.done()).rejects.toMatchObject({ code: 'LOCK_BACKEND' });
      expect(await claim.done()).toBe('done');
    });

    it('a store that hangs is given up on, before half of the claim is over', async () => {
      const asked = world.node({ requestTimeoutMs: 60_000 }, () => 1e9).claim('mail', { ttlMs: 1_000, onError: 'throw' });
      const outcome = asked.then(() => 'granted', (error: { code: string }) => error.code);
      await world.clock.advance(1_000); // two requests
      expect(await outcome).toBe('LOCK_BACKEND');
      expect(world.clock.keepingAlive()).toBe(0);
    });
  });

  it('the caller may end the asking', async () => {
    const controller = new AbortController();
    const asked = world.node({}, () => 1e9).claim('mail', { ttlMs: 60_000, signal: controller.signal });
    const outcome = expect(asked).rejects.toMatchObject({ code: 'LOCK_ABORTED', cause: 'enough' });
    controller.abort('enough');
    await outcome;
    await expect(world.node().claim('mail', { ttlMs: 60_000, signal: controller.signal })).rejects.toMatchObject({ code: 'LOCK_ABORTED' });
    expect(await world.rows()).toEqual([]);
  });

  it('what was granted to a caller who asks no more is given back', async () => {
    const controller = new AbortController();
    const asked = world.node({}, fates({ answerAfter: 1e9 })).claim('mail', { ttlMs: 60_000, signal: controller.signal });
    const outcome = expect(asked).rejects.toMatchObject({ code: 'LOCK_ABORTED' });
    await settle();
    expect(await world.rows()).toMatchObject([{ state: 'CLAIMED' }]);
    controller.abort();
    await outcome;
    await settle();
    expect(await world.node().claim('mail', { ttlMs: 60_000 })).toMatchObject({ kind: 'claimed', attempts: 2 });
  });
});

describe('claims, used wrongly', () => {
  it.each<readonly [object]>([
    [{ client: {} }], [{ tableName: '' }], [{ ownerName: '' }], [{ partitionKeyName: '' }], [{ sortKeyName: 'key' }], [{ prefix: 1 }], [{ clockSkewMs: -1 }], [{ onError: 'ignore' }],
    [{ keepForMs: 0 }], [{ requestTimeoutMs: 1.5 }], [{ ttl: { attributeName: 'state' } }], [{ ttl: { afterDays: 0 } }], [{ ttl: true }], [{ ttlMs: 1 }],
  ])('refuses %j at once', async (options) => {
    const world = await claimWorld();
    expect(() => world.node(options)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });

  it.each<readonly [number, object]>([[0, { ttlMs: 1 }], [2_043, { ttlMs: 1 }], [1, {}], [1, { ttlMs: 0 }], [1, { ttlMs: NaN }], [1, { ttlMs: 1, onError: 'x' }]])(
    'refuses a key of %i characters with %j',
    async (length, options) => {
      const world = await claimWorld();
      await expect(world.node().claim('x'.repeat(length), options as never)).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    },
  );
});
