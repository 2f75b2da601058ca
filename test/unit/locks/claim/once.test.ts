import type { OnceOptions } from '../../../../src/locks/claim/types';
import { deferred } from '../../../support/uows';
import { claimWorld, fates, type ClaimWorld } from '../../../support/locks/claim-world';

const TTL = { ttlMs: 60_000 };

describe('claims.once', () => {
  let world: ClaimWorld;
  beforeEach(async () => { world = await claimWorld(); });

  it('runs once, and gives its result to those who come later', async () => {
    const [a, b] = [world.node({ ownerName: 'a' }), world.node()];
    const run = jest.fn(() => Promise.resolve({ sent: true }));
    expect(await a.once('mail', TTL, run)).toEqual({ kind: 'ran', result: { sent: true }, claim: 'done' });
    expect(await b.once('mail', TTL, run)).toEqual({ kind: 'done', result: { sent: true }, ownerName: 'a' });
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('keeps the result to itself when told so, and remembers for as long as told', async () => {
    const options: OnceOptions = { ...TTL, keepResult: false, keepForMs: 1_000 };
    const node = world.node();
    expect(await node.once('mail', options, () => new Date(0))).toMatchObject({ kind: 'ran', result: new Date(0), claim: 'done' });
    expect(await node.once('mail', options, () => 1)).toMatchObject({ kind: 'done', result: undefined });
    world.clock.block(3_001);
    expect(await node.once('mail', options, () => 1)).toMatchObject({ kind: 'ran', result: 1 });
  });

  it('5.4 #27 of two at once, one runs, and the other is told to wait', async () => {
    const work = deferred<string>();
    const first = world.node({ ownerName: 'a' }).once('mail', TTL, () => work.promise);
    const second = await world.node().once('mail', TTL, () => 'twice');
    expect(second).toMatchObject({ kind: 'held', ownerName: 'a' });
    work.resolve('done');
    expect(await first).toMatchObject({ kind: 'ran', result: 'done' });
  });

  it('abandons the claim when the function throws, and throws its error', async () => {
    const error = new TypeError('no such address');
    await expect(world.node().once('mail', TTL, () => { throw error; })).rejects.toBe(error);
    await expect(world.node({}, fates('ok', 'request lost', 'request lost')).once('mail', TTL, () => Promise.reject(error))).rejects.toBe(error);
    world.clock.block(62_001);
    expect(await world.node().once('mail', TTL, () => 'sent')).toMatchObject({ kind: 'ran', result: 'sent' });
    expect(world.clock.timers()).toBe(0);
  });

  it('extends the claim while the function runs, for as long as it may', async () => {
    const work = deferred<string>();
    const running = world.node().once('mail', { ttlMs: 3_000, maxHoldMs: 20_000 }, () => work.promise);
    await world.clock.advance(15_000);
    expect((await world.node().claim('mail', TTL)).kind).toBe('held');
    expect(world.clock.keepingAlive()).toBe(0);
    await world.clock.advance(15_000);
    expect(world.clock.timers()).toBe(0);
    expect(await world.node({ ownerName: 'b' }).once('mail', TTL, () => 'of b')).toMatchObject({ kind: 'ran' });
    work.resolve('of a');
    expect(await running).toEqual({ kind: 'ran', result: 'of a', claim: 'superseded' });
    expect(await world.node().claim('mail', TTL)).toMatchObject({ kind: 'done', result: 'of b' });
  });

  it('does not extend when told so', async () => {
    const work = deferred();
    const seen: string[] = [];
    const running = world.node({}, undefined, seen).once('mail', { ttlMs: 3_000, extend: false }, () => work.promise);
    await world.clock.advance(10_000);
    expect(seen).toEqual(['Update']);
    work.resolve();
    expect(await running).toMatchObject({ kind: 'ran', claim: 'done' });
  });

  it('goes on when an extension fails', async () => {
    const work = deferred();
    const running = world.node({}, fates('ok', 'request lost', 'request lost')).once('mail', { ttlMs: 3_000 }, () => work.promise);
    await world.clock.advance(6_000);
    expect((await world.node().claim('mail', TTL)).kind).toBe('held');
    work.resolve();
    expect(await running).toMatchObject({ kind: 'ran', claim: 'done' });
  });

  it('tells the function that somebody else has the claim', async () => {
    const work = deferred();
    let signal: AbortSignal | undefined;
    const running = world.node().once('mail', { ttlMs: 3_000 }, (scope) => { ({ signal } = scope); return work.promise; });
    await world.clock.advance(100);
    world.clock.block(20_000); // it stands still: no extension
    await world.node().claim('mail', TTL);
    expect(signal?.aborted).toBe(false);
    await world.clock.advance(0);
    expect(signal?.reason).toMatchObject({ code: 'CLAIM_SUPERSEDED' });
    work.resolve();
    expect(await running).toMatchObject({ kind: 'ran', claim: 'superseded' });
    expect(world.clock.timers()).toBe(0);
  });

  it('gives the caller\'s signal on, and lets go of it', async () => {
    const controller = new AbortController();
    const stopped = world.node().once('mail', { ...TTL, signal: controller.signal }, ({ signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))));
    await world.clock.advance(0);
    controller.abort(new Error('enough'));
    await expect(stopped).rejects.toThrow('enough');
    const run = jest.fn();
    await expect(world.node().once('mail', { ...TTL, signal: controller.signal }, run)).rejects.toMatchObject({ code: 'LOCK_ABORTED' });
    expect(run).not.toHaveBeenCalled();
    expect((await world.node().claim('mail', TTL)).kind).toBe('claimed');
  });

  it('work is done also when nobody can be told', async () => {
    const node = world.node({}, fates('ok', 'request lost', 'request lost'));
    expect(await node.once('mail', TTL, () => 'sent')).toEqual({ kind: 'ran', result: 'sent', claim: 'unknown' });
  });

  it('without the store, it runs unguarded, or not', async () => {
    const down = () => 'request lost' as const;
    expect(await world.node({}, down).once('mail', TTL, () => 'sent')).toEqual({ kind: 'ran', result: 'sent', claim: 'unguarded' });
    expect(await world.node({}, down).once('mail', { ...TTL, onError: 'skip' }, () => 'sent')).toMatchObject({ kind: 'skipped' });
    await expect(world.node({}, down).once('mail', { ...TTL, onError: 'throw' }, () => 'sent')).rejects.toMatchObject({ code: 'LOCK_BACKEND' });
  });

  it('a result that cannot be kept is an error, but the work is not repeated', async () => {
    const run = jest.fn(() => 10n);
    await expect(world.node().once('mail', TTL, run)).rejects.toMatchObject({ code: 'CLAIM_RESULT' });
    expect(await world.node().once('mail', TTL, run)).toMatchObject({ kind: 'done', result: undefined });
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('without a time it names what is missing', async () => {
    await expect(world.node().once('mail', {} as never, () => 'sent')).rejects.toMatchObject({ code: 'INVALID_OPTION', details: { option: 'ttlMs' } });
  });
});
