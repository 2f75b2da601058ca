import type { Fate } from '../../../support/locks/claim-world';
import { inTime, sharedWorld, type SharedWorld } from '../../../support/locks/shared-world';
import { watched } from '../../../support/locks/world';

let world: SharedWorld;
beforeEach(async () => { world = await sharedWorld(); });
afterEach(() => world.stop());

describe('get, reserve and update', () => {
  test('absent, then reserved, then there', async () => {
    const [a, b] = [world.node<string>(), world.node<string>()];
    expect(await a.get('x')).toEqual({ kind: 'absent' });
    const reserved = await a.reserve('x');
    if (reserved.kind !== 'reserved') throw new Error(reserved.kind);
    expect(await b.get('x')).toEqual({ kind: 'unavailable', reason: 'reserved' });
    expect(await b.reserve('x')).toEqual({ kind: 'unavailable', reason: 'reserved' });
    expect(await reserved.reservation.update('one')).toBe('published');
    expect(await b.get('x')).toEqual({ kind: 'exists', value: 'one' });
    expect(await b.reserve('x')).toEqual({ kind: 'exists', value: 'one' });
    expect(world.clock.timers()).toBe(0);
  });

  test.each([[{ a: [1, null, 'ü', { b: true }] }], [''], [0], [null], [[]], [new Uint8Array([0, 255, 7])], [new Uint8Array(0)]])('%j comes back as it was', async (value) => {
    const node = world.node();
    await node.compute('x', () => value);
    expect(await world.node().get('x')).toEqual({ kind: 'exists', value });
  });

  test('undefined members are left out; what is no JSON is refused, and nobody waits for it', async () => {
    const node = world.node();
    expect(await node.compute('x', () => ({ a: undefined, b: 1 }))).toEqual({ a: undefined, b: 1 });
    expect(await node.get('x')).toEqual({ kind: 'exists', value: { b: 1 } });
    for (const bad of [undefined, NaN, new Date(0), new Map(), [undefined], { a: 1n }, { a: new Uint8Array(1) }, () => 1]) {
      await expect(node.compute('bad', () => bad, { retryAfterMs: 0 })).rejects.toMatchObject({ code: 'SHARED_VALUE_INVALID' });
    }
    expect(await node.get('bad')).toEqual({ kind: 'absent' });
  });

  test('350 KB are taken, and one byte more is not', async () => {
    const node = world.node();
    const most = 'x'.repeat(350 * 1024 - 2);
    expect(await node.compute('x', () => most)).toBe(most);
    await expect(node.compute('y', () => `${most}x`)).rejects.toMatchObject({ code: 'SHARED_VALUE_INVALID', message: expect.stringContaining('358401 bytes') });
    await expect(world.node({ maxBytes: 10 }).execute('z', () => ({ value: '123456789', result: 0 }))).rejects.toMatchObject({ code: 'SHARED_VALUE_INVALID' });
  });

  test('rows look like released locks', async () => {
    const node = world.node({ ownerName: 'me' });
    const wearsIt = async () => expect(await world.row('obj#x')).toMatchObject({ ownerName: 'me', leaseDuration: '0', isReleased: '1', recordVersionNumber: expect.any(String) });
    const reserved = await node.reserve('x');
    await wearsIt();
    if (reserved.kind === 'reserved') await reserved.reservation.update(1);
    await wearsIt();
    await node.remove('x');
    await wearsIt();
    await node.execute('x', () => ({ value: 1, result: 1 }));
    await wearsIt();
  });

  test('an id is a text that fits a key', async () => {
    const node = world.node();
    for (const id of ['', 'x'.repeat(2045), 7 as never]) await expect(node.get(id)).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    expect(await node.get('x'.repeat(2044))).toEqual({ kind: 'absent' });
  });

  test.each([{ client: {} }, { tableName: '' }, { defaults: { leaseMs: 0 } }, { maxBytes: 400_000 }, { defaults: { timeoutMs: -1 } }])('%j is refused', (options) => {
    expect(() => world.node(options as never)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });

  test('a row that is none of ours is not written over', async () => {
    const node = world.node();
    const { PutCommand } = await import('@aws-sdk/lib-dynamodb');
    await world.engine.client.send(new PutCommand({ TableName: world.tableName, Item: { key: 'obj#x', ownerName: 'java', leaseDuration: '20000', recordVersionNumber: 'r' } }));
    for (const attempt of [() => node.get('x'), () => node.reserve('x'), () => node.compute('x', () => 1), () => node.remove('x'), () => node.execute('x', () => ({ value: 1, result: 1 }))]) {
      await expect(attempt()).rejects.toMatchObject({ code: 'SHARED_ROW_INVALID' });
    }
    expect(await world.row('obj#x')).toEqual({ key: 'obj#x', ownerName: 'java', leaseDuration: '20000', recordVersionNumber: 'r' });
  });
});

describe('time', () => {
  test('a fixed timeout ends a value, however often it is asked for', async () => {
    const node = world.node({ defaults: { leaseMs: 10_000, timeoutMs: 60_000 } });
    await node.compute('x', () => 'old');
    for (let passed = 0; passed < 59_000; passed += 10_000) {
      await world.clock.advance(passed === 50_000 ? 9_999 : 10_000);
      expect(await node.get('x')).toEqual({ kind: 'exists', value: 'old' });
    }
    await world.clock.advance(1);
    expect(await node.get('x')).toEqual({ kind: 'absent', stale: 'old' });
    expect(await node.compute('x', ({ stale }) => `new after ${String(stale)}`)).toBe('new after old');
  });

  test('an idle timeout begins again with each request, and is written once half of it is gone', async () => {
    const node = world.node();
    await node.compute('x', () => 'v', { idleTimeoutMs: 60_000 });
    const rvn = async () => (await world.row('obj#x'))?.['recordVersionNumber'];
    const first = await rvn();
    await world.clock.advance(29_000);
    await node.get('x');
    expect(await rvn()).toBe(first);
    await world.clock.advance(2_000);
    await node.get('x');
    expect(await rvn()).not.toBe(first);
    await world.clock.advance(59_999);
    expect(await node.waitFor('x')).toBe('v');
    await world.clock.advance(59_999);
    expect(await node.compute('x', () => 'again')).toBe('v');
    await world.clock.advance(60_000);
    expect(await node.get('x')).toEqual({ kind: 'absent', stale: 'v' });
  });

  test('with both, whichever ends first', async () => {
    const node = world.node({ defaults: { leaseMs: 10_000, timeoutMs: 50_000, idleTimeoutMs: 20_000 } });
    await node.compute('x', () => 'v');
    await node.compute('y', () => 'v');
    await world.clock.advance(20_000);
    expect(await node.get('x')).toMatchObject({ kind: 'absent' });
    await node.compute('y', () => 'w');
    for (let i = 0; i < 3; i += 1) {
      await world.clock.advance(15_000);
      expect(await node.get('y')).toEqual({ kind: 'exists', value: 'w' });
    }
    await world.clock.advance(5_000);
    expect(await node.get('y')).toMatchObject({ kind: 'absent' });
  });

  test('the end of a value is that of the wall clock of who asks', async () => {
    const node = world.node({ defaults: { leaseMs: 10_000, timeoutMs: 60_000 } });
    await node.compute('x', () => 'v');
    world.clock.jumpWall(60_000);
    expect(await node.get('x')).toMatchObject({ kind: 'absent' });
  });

  test('TTL is for garbage: days after the end, in seconds, and absent from what lives for ever', async () => {
    const node = world.node({ ttl: { attributeName: 'gc', afterDays: 2 } });
    await node.compute('x', () => 1, { timeoutMs: 60_000 });
    expect((await world.row('obj#x'))?.['gc']).toBe(Math.floor((world.clock.wall() + 60_000) / 1000) + 2 * 86_400);
    await node.compute('y', () => 1);
    expect(await world.row('obj#y')).not.toHaveProperty('gc');
    await node.remove('y');
    expect((await world.row('obj#y'))?.['gc']).toBe(Math.floor(world.clock.wall() / 1000) + 2 * 86_400);
    await node.execute('y', () => ({ value: 1, result: 1 }));
    expect(await world.row('obj#y')).not.toHaveProperty('gc');
  });
});

describe('reservations', () => {
  test('are renewed in the background, and lost by a local deadline when the table is out of reach', async () => {
    let down = false;
    const a = world.node({ fate: () => (down ? 'request lost' : 'ok') });
    const b = world.node();
    const reserved = await a.reserve('x', { leaseMs: 4_000 });
    if (reserved.kind !== 'reserved') throw new Error(reserved.kind);
    const { signal } = reserved.reservation;
    for (let i = 0; i < 10; i += 1) {
      await world.clock.advance(2_000);
      expect(await b.reserve('x')).toMatchObject({ kind: 'unavailable', reason: 'reserved' });
    }
    down = true;
    await world.clock.advance(3_999);
    expect(signal.aborted).toBe(false);
    await world.clock.advance(1);
    expect(signal.reason).toMatchObject({ code: 'SHARED_RESERVATION_LOST', reason: 'deadline' });
    expect(world.clock.timers()).toBe(0);
    down = false;
    expect(await b.reserve('x')).toMatchObject({ kind: 'unavailable' });
    await world.clock.advance(1);
    expect(await b.reserve('x')).toMatchObject({ kind: 'reserved', reservation: { gen: 2 } });
    expect(await reserved.reservation.update(1)).toBe('superseded');
    expect(await reserved.reservation.heartbeat()).toBe('superseded');
  });

  test('a frozen process finds out before it renews', async () => {
    const a = world.node();
    const reserved = await a.reserve('x', { leaseMs: 4_000 });
    if (reserved.kind !== 'reserved') throw new Error(reserved.kind);
    const before = await world.row('obj#x');
    world.clock.suspend(5_000);
    await world.clock.advance(1_100);
    expect(reserved.reservation.signal.reason).toMatchObject({ reason: 'deadline' });
    expect(await world.row('obj#x')).toEqual(before);
    // Nobody has taken it: what it has computed may be published.
    expect(await reserved.reservation.update('late')).toBe('published');
  });

  test('end after maxComputeMs', async () => {
    const reserved = await world.node().reserve('x', { leaseMs: 4_000, maxComputeMs: 10_000 });
    if (reserved.kind !== 'reserved') throw new Error(reserved.kind);
    await world.clock.advance(9_999);
    expect(reserved.reservation.signal.aborted).toBe(false);
    await world.clock.advance(1);
    expect(reserved.reservation.signal.reason).toMatchObject({ reason: 'tooLong' });
    expect(world.clock.timers()).toBe(0);
  });

  test('given up, another may begin at once; ended, nothing can be done with it', async () => {
    const [a, b] = [world.node(), world.node()];
    const first = await a.reserve('x');
    if (first.kind !== 'reserved') throw new Error(first.kind);
    expect(await first.reservation.abandon()).toBe('abandoned');
    const second = await b.reserve('x');
    if (second.kind !== 'reserved') throw new Error(second.kind);
    expect(await first.reservation.update(1)).toBe('superseded');
    expect(await first.reservation.fail(new Error('x'))).toBe('superseded');
    expect(await second.reservation.update(2)).toBe('published');
    expect(await second.reservation.update(3)).toBe('superseded');
    expect(await a.get('x')).toEqual({ kind: 'exists', value: 2 });
  });

  test.each(['response lost', 'twice'] as const)('%s: recognised, when it is reserved, published, failed and removed', async (fate) => {
    let once = false;
    const node = world.node({ fate: () => { const now = once ? fate : 'ok'; once = false; return now; } });
    once = true;
    const reserved = await inTime(world.clock, node.reserve('x'));
    if (reserved.kind !== 'reserved') throw new Error(reserved.kind);
    expect(reserved.reservation.gen).toBe(1);
    once = true;
    expect(await inTime(world.clock, reserved.reservation.update('v'))).toBe('published');
    once = true;
    expect(await inTime(world.clock, node.remove('x'))).toBe('removed');
    const again = await node.reserve('x');
    if (again.kind !== 'reserved') throw new Error(again.kind);
    once = true;
    expect(await inTime(world.clock, again.reservation.fail(new Error('no'), { retryAfterMs: 5_000 }))).toBe('recorded');
    expect(await node.get('x')).toMatchObject({ kind: 'unavailable', reason: 'failed' });
  });

  test('a renewal that the publication overtakes does no harm', async () => {
    let slow = false;
    const node = world.node({ fate: ({ input }) => (slow && JSON.stringify(input).includes('RESERVED') && !JSON.stringify(input).includes('READY') ? 1_000 : 'ok') });
    const reserved = await node.reserve('x', { leaseMs: 4_000 });
    if (reserved.kind !== 'reserved') throw new Error(reserved.kind);
    slow = true;
    await world.clock.advance(1_500); // the renewal is under way
    expect(await reserved.reservation.update('v')).toBe('published');
    await world.clock.advance(5_000);
    expect(reserved.reservation.signal.aborted).toBe(false);
    expect(await node.get('x')).toEqual({ kind: 'exists', value: 'v' });
    expect(world.clock.timers()).toBe(0);
  });
});

describe('close', () => {
  test('ends waits, gives up what is reserved, and leaves no timer', async () => {
    const [a, b] = [world.node(), world.node()];
    await a.reserve('x');
    const waits = [watched(a.waitFor('y')), watched(a.compute('x', () => 1)), watched(a.execute('x', () => ({ result: 1 })))];
    await world.clock.advance(500);
    await inTime(world.clock, a.close());
    await world.clock.advance(0);
    for (const wait of waits) expect(wait.error).toMatchObject({ code: 'SHARED_CLOSED' });
    expect(world.clock.timers()).toBe(0);
    await expect(a.get('x')).rejects.toMatchObject({ code: 'SHARED_CLOSED' });
    expect(await b.reserve('x')).toMatchObject({ kind: 'reserved' });
  });

  test('aborts what is being computed, and gives it up', async () => {
    const [a, b] = [world.node(), world.node()];
    let aborted = false;
    const computing = watched(a.compute('x', ({ signal }) => new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => { aborted = true; reject(new Error('stopped')); });
    })));
    await world.clock.advance(100);
    await a.close();
    await world.clock.advance(0);
    expect([aborted, computing.error]).toEqual([true, expect.objectContaining({ code: 'SHARED_CLOSED' })]);
    expect(await b.compute('x', () => 'b')).toBe('b');
    expect(world.clock.timers()).toBe(0);
  });
});

test('the last write overtakes a renewal, which means nothing', async () => {
  const fates: Fate[] = [];
  const node = world.node<string>({ fate: () => fates.shift() ?? 'ok' });
  const reserved = await node.reserve('x', { leaseMs: 4_000 });
  if (reserved.kind !== 'reserved') throw new Error(reserved.kind);
  await world.clock.advance(900);
  fates.push({ answerAfter: 500 });
  const update = watched(reserved.reservation.update('one'));
  await world.clock.advance(500); // a renewal meanwhile
  expect(update.value).toBe('published');
  expect(reserved.reservation.signal.aborted).toBe(false);
});
