import { BatchWriteCommand, PutCommand, ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Engine } from '../../../../src/replay/engines/engine';
import { memoryEngine } from '../../../../src/replay/engines/memory';
import { ttl } from '../../../../src/time';
import type { Json } from '../../../support/json-schema';
import { fakeClock, type FakeClock } from '../../../support/locks/fake-clock';
import { lockTableOf, restNode, type RestNode, type Sent } from '../../../support/locks/rest';

let engine: Engine;
let tableName: string;
let clock: FakeClock;
let node: RestNode;
/** Another node on the same table, whose memory and clock are its own. */
let other: RestNode;
let otherClock: FakeClock;

beforeEach(async () => {
  engine = memoryEngine();
  tableName = await lockTableOf(engine);
  [clock, otherClock] = [fakeClock(), fakeClock()];
  node = restNode({ client: engine.client, tableName, clock });
  other = restNode({ client: engine.client, tableName, clock: otherClock });
});
afterEach(() => engine.stop());

const KEY = { headers: { 'idempotency-key': '5f8b1d5e-0000-4000-8000-000000000000' } };
const row = async (): Promise<Record<string, Json>> => (await engine.scan(tableName))[0] ?? {};
/** An answer that takes time. */
const later = (promise: Promise<Sent>): { readonly promise: Promise<Sent>; sent?: Sent } => {
  const made: { promise: Promise<Sent>; sent?: Sent } = { promise: promise.then((sent) => (made.sent = sent)) };
  return made;
};

describe('PUT', () => {
  it('grants a free lock, as a row that other clients can read', async () => {
    const { status, etag, headers, body } = await node.acquire('job', { owner: 'worker 1', ttlMs: 5_000, data: 'café' });
    expect([status, headers['location']]).toEqual([201, '/locks/job']);
    expect(body).toEqual({ name: 'job', lockId: expect.stringMatching(/^[\w-]{22}\.[\w-]{11}$/), leaseMs: 5_000 });
    expect(await row()).toEqual({
      key: { S: 'job' }, ownerName: { S: 'ada/worker 1' }, leaseDuration: { S: '5000' }, recordVersionNumber: { S: etag.slice(1, -1) },
      acquisitionId: { S: body.lockId }, data: { B: expect.anything() },
    });
  });

  it('gives everybody else 423, with who holds it and when to come again', async () => {
    const { body: { lockId } } = await node.acquire('job', { owner: 'w', ttlMs: 5_500 });
    const { status, headers, body } = await node.acquire('job', {}, { who: 'bob' });
    expect([status, headers['retry-after']]).toEqual([423, '6']);
    expect(body).toMatchObject({ code: 'LOCK_HELD', retryAfterMs: 5_501, holder: { owner: 'ada/w', leaseMs: 5_500, breaking: false } });
    expect(JSON.stringify(body)).not.toContain(lockId);
  });

  it('gives the same request the same grant again, and its lease anew', async () => {
    const first = await node.acquire('job', { ttlMs: 5_000 }, KEY);
    const again = await other.acquire('job', { ttlMs: 5_000, waitMs: 1_000 }, KEY);
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body).toEqual(first.body);
    expect(again.etag).not.toBe(first.etag);
    expect(`"${(await row())['recordVersionNumber'].S}"`).toBe(again.etag);
  });

  it('keeps to a longer lease than that of a replay', async () => {
    const { body: { lockId }, etag } = await node.acquire('job', { ttlMs: 5_000 }, KEY);
    await node.renew('job', lockId, { body: { ttlMs: 60_000 }, headers: { 'if-match': etag } });
    expect((await other.acquire('job', { ttlMs: 5_000 }, KEY)).body).toMatchObject({ lockId, leaseMs: 60_000 });
  });

  it.each([['owner', { owner: 'x' }], ['ttlMs', { ttlMs: 6_000 }], ['data', { data: 'x' }]])('refuses the same key with another %s', async (_what, body) => {
    await node.acquire('job', {}, KEY);
    expect((await other.acquire('job', body, KEY)).body).toMatchObject({ status: 409, code: 'KEY_CONFLICT' });
  });

  it('takes the same key of another principal, or for another lock, as another request', async () => {
    const [a, b] = [await node.acquire('job', {}, KEY), await node.acquire('job2', {}, KEY)];
    expect([a.status, b.status]).toEqual([201, 201]);
    expect(a.body.lockId).not.toBe(b.body.lockId);
    expect((await node.acquire('job', {}, { ...KEY, who: 'bob' })).status).toBe(423);
  });

  it('makes other ids with another secret', async () => {
    const { body: { lockId } } = await node.acquire('job', {}, KEY);
    const foreign = restNode({ client: engine.client, tableName, clock, secret: 'another secret, as long as the first one' });
    expect((await foreign.acquire('job', {}, KEY)).status).toBe(423);
    expect(lockId).not.toContain('5f8b1d5e');
  });

  it('refuses names that would have to be escaped, and long ones', async () => {
    for (const name of ['', 'a b', 'ä', 'a/b', 'x'.repeat(257), 'a#1', '..', '.']) expect((await node.service.handle({ method: 'PUT', segments: ['locks', name], query: {}, headers: { authorization: 'Bearer ada-key', 'idempotency-key': 'k' } })).statusCode).toBe(400);
    expect(await engine.scan(tableName)).toEqual([]);
  });

  it('takes all others', async () => {
    for (const name of ['a', 'x'.repeat(256), 'AZ.az_09~:$-', '...']) expect((await node.acquire(name)).status).toBe(201);
  });

  it('refuses a body with anything in it that it does not know, or not like that', async () => {
    const bodies = [
      { owner: 1 }, { owner: 'x'.repeat(129) }, { owner: 'a\nb' }, { owner: '\ud800' }, { ttlMs: 999 }, { ttlMs: 3_600_001 }, { ttlMs: '5000' }, { waitMs: -1 },
      { waitMs: 25_001 }, { data: {} }, { data: 'x'.repeat(4_097) }, { observation: 1 }, { ttl: 5_000 }, [], 'text', null,
    ];
    for (const body of bodies) {
      const { body: { status, code } } = await node.send('PUT', '/locks/job', { body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...KEY.headers } });
      expect([body, status, code]).toEqual([body, 400, 'INVALID_BODY']);
    }
    expect(await engine.scan(tableName)).toEqual([]);
  });

  it('asks for an Idempotency-Key that can be one', async () => {
    expect((await node.send('PUT', '/locks/job')).body).toMatchObject({ status: 400, code: 'IDEMPOTENCY_KEY_REQUIRED' });
    for (const key of ['a b', 'x'.repeat(129), '"']) expect((await node.send('PUT', '/locks/job', { headers: { 'idempotency-key': key } })).body).toMatchObject({ code: 'INVALID_HEADER' });
    const [quoted, bare] = [await node.acquire('job', {}, { headers: { 'idempotency-key': '"k1"' } }), await node.acquire('job', {}, { headers: { 'idempotency-key': 'k1' } })];
    expect([quoted.status, bare.status]).toEqual([201, 200]);
  });
});

describe('a wait', () => {
  it('ends with the lock when it is given back', async () => {
    const { body: { lockId } } = await node.acquire('job', { ttlMs: 60_000 });
    const waiting = later(other.acquire('job', { waitMs: 25_000 }, { who: 'bob' }));
    await otherClock.advance(10_000);
    expect(waiting.sent).toBeUndefined();
    await node.release('job', lockId);
    await otherClock.advance(1_000);
    expect(waiting.sent?.status).toBe(201);
  });

  it('ends with 423 when the time is over, and no later', async () => {
    await node.acquire('job', { ttlMs: 60_000 });
    const waiting = later(other.acquire('job', { waitMs: 3_000 }, { who: 'bob' }));
    await otherClock.advance(2_990);
    expect(waiting.sent).toBeUndefined();
    await otherClock.advance(20);
    expect(waiting.sent?.body).toMatchObject({ status: 423, retryAfterMs: expect.any(Number) });
    expect(otherClock.timers()).toBe(0);
  });

  it('takes the lock of a holder that is dead, after its lease and not before', async () => {
    await node.acquire('job', { ttlMs: 5_000 });
    const waiting = later(other.acquire('job', { ttlMs: 1_000, waitMs: 25_000 }, { who: 'bob' }));
    await otherClock.advance(5_000);
    expect(waiting.sent).toBeUndefined();
    await otherClock.advance(10);
    expect(waiting.sent?.status).toBe(201);
  });

  it('begins anew with every renewal of the holder', async () => {
    const { body: { lockId } } = await node.acquire('job', { ttlMs: 5_000 });
    const waiting = later(other.acquire('job', { waitMs: 25_000 }, { who: 'bob' }));
    for (let at = 0; at < 5; at += 1) {
      await otherClock.advance(4_000);
      await node.renew('job', lockId);
    }
    expect(waiting.sent).toBeUndefined();
    await otherClock.advance(5_001);
    expect(waiting.sent?.status).toBe(423);
  });

  it('ends when nobody listens any more', async () => {
    await node.acquire('job', { ttlMs: 60_000 });
    const gone = new AbortController();
    const waiting = later(other.acquire('job', { waitMs: 25_000 }, { who: 'bob', signal: gone.signal }));
    await otherClock.advance(1_000);
    gone.abort();
    await waiting.promise;
    // Nobody reads this.
    expect([waiting.sent?.status, otherClock.timers()]).toEqual([503, 0]);
  });

  it('ends in time for an invocation that has to end', async () => {
    await node.acquire('job', { ttlMs: 60_000 });
    const until = otherClock.monotonic() + 10_000;
    const waiting = later(other.acquire('job', { waitMs: 25_000 }, { who: 'bob', remainingMs: () => until - otherClock.monotonic() }));
    await otherClock.advance(6_100); // a second, and one request to the table, before the end
    expect(waiting.sent?.status).toBe(423);
  });

  it('is not given where all places are taken', async () => {
    const small = restNode({ client: engine.client, tableName, clock: otherClock, maxWaiting: 1 });
    await node.acquire('job', { ttlMs: 60_000 });
    const first = later(small.acquire('job', { waitMs: 5_000 }, { who: 'bob' }));
    await otherClock.advance(100);
    expect((await small.acquire('job', { waitMs: 5_000 }, { who: 'bob' })).status).toBe(423);
    const { etag } = await small.send('GET', '/locks/job');
    const unchanged = await small.send('GET', '/locks/job', { query: { etag, wait: '5s' } });
    expect([unchanged.status, unchanged.headers['retry-after']]).toEqual([304, '1']);
    expect(first.sent).toBeUndefined();
    await otherClock.advance(5_000);
    expect(first.sent?.status).toBe(423);
    // The place is free again.
    const next = later(small.acquire('job', { waitMs: 5_000 }, { who: 'bob' }));
    await otherClock.advance(1_000);
    expect(next.sent).toBeUndefined();
    await otherClock.advance(5_000);
  });
});

describe('what was observed', () => {
  it('is remembered from one request to the next', async () => {
    await node.acquire('job', { ttlMs: 5_000 });
    expect((await node.acquire('job', {}, { who: 'bob' })).status).toBe(423);
    await clock.advance(3_000);
    expect((await node.acquire('job', {}, { who: 'bob' })).body.retryAfterMs).toBe(2_001);
    await clock.advance(2_001);
    expect((await node.acquire('job', {}, { who: 'bob' })).status).toBe(201);
  });

  it('goes to another node with the client, less what clocks may differ', async () => {
    await node.acquire('job', { ttlMs: 20_000 });
    const { body: { observation } } = await node.acquire('job', {}, { who: 'bob' });
    await otherClock.advance(24_999);
    expect((await other.acquire('job', { observation }, { who: 'bob' })).body).toMatchObject({ status: 423, retryAfterMs: 2 });
    await otherClock.advance(2);
    expect((await other.acquire('job', {}, { who: 'bob' })).status).toBe(201);
  });

  it('is worth nothing when the lock was renewed meanwhile, belongs to another lock, or was not signed here', async () => {
    const { body: { lockId } } = await node.acquire('job', { ttlMs: 5_000 });
    await node.acquire('job2', { ttlMs: 5_000 });
    const { body: { observation } } = await node.acquire('job', {}, { who: 'bob' });
    await otherClock.advance(60_000);
    for (const forged of [`x${observation as string}`, `${observation as string}x`, 'x', 'a.b', `${String(observation).split('.')[0]}.`, '']) {
      expect((await other.acquire('job', { observation: forged }, { who: 'bob' })).status).toBe(423);
    }
    expect((await restNode({ client: engine.client, tableName, clock: otherClock }).acquire('job2', { observation }, { who: 'bob' })).status).toBe(423);
    await node.renew('job', lockId);
    expect((await restNode({ client: engine.client, tableName, clock: otherClock }).acquire('job', { observation }, { who: 'bob' })).status).toBe(423);
  });
});

describe('renew', () => {
  it('begins the lease anew, also when it is sent again', async () => {
    const { body: { lockId }, etag } = await node.acquire('job', { ttlMs: 5_000 });
    const [first, second] = [await node.renew('job', lockId), await other.renew('job', lockId)];
    expect([first.status, second.status, first.body]).toEqual([200, 200, { name: 'job', lockId, leaseMs: 5_000 }]);
    expect(new Set([etag, first.etag, second.etag]).size).toBe(3);
  });

  it('changes the lease only of the version that the client knows', async () => {
    const { body: { lockId }, etag } = await node.acquire('job', { ttlMs: 5_000 });
    expect((await node.renew('job', lockId, { body: { ttlMs: 2_000 } })).body).toMatchObject({ status: 428, code: 'IF_MATCH_REQUIRED' });
    const longer = await node.renew('job', lockId, { body: { ttlMs: 60_000 }, headers: { 'if-match': etag } });
    expect(longer.body.leaseMs).toBe(60_000);
    // The same once more, late: it would shorten what its holder believes in.
    const late = await other.renew('job', lockId, { body: { ttlMs: 2_000 }, headers: { 'if-match': etag } });
    expect([late.body.code, late.etag]).toEqual(['VERSION_CHANGED', longer.etag]);
    expect((await row())['leaseDuration']).toEqual({ S: '60000' });
    expect((await node.renew('job', lockId, { body: { ttlMs: 2_000 }, headers: { 'if-match': late.etag } })).body.leaseMs).toBe(2_000);
  });

  it('is refused with the token of somebody else, without one, and with what is none', async () => {
    const { body: { lockId } } = await node.acquire('job');
    expect((await node.renew('job', lockId, { who: 'bob' })).body).toMatchObject({ status: 412, code: 'LOCK_LOST', reason: 'stolen', holder: { owner: 'ada/' } });
    expect((await node.renew('job', `${lockId as string}x`)).status).toBe(412);
    expect((await node.send('POST', '/locks/job/renew')).body).toMatchObject({ status: 428, code: 'LOCK_TOKEN_REQUIRED' });
    expect((await node.renew('job', lockId, { headers: { 'if-match': 'x"y' } })).body).toMatchObject({ code: 'INVALID_HEADER' });
  });

  it('tells that the lock was taken, released or never there', async () => {
    const { body: { lockId } } = await node.acquire('job', { ttlMs: 1_000 });
    await other.acquire('job', {}, { who: 'bob' });
    await otherClock.advance(1_001);
    await other.acquire('job', { owner: 'b' }, { who: 'bob' });
    expect((await node.renew('job', lockId)).body).toMatchObject({ code: 'LOCK_LOST', reason: 'stolen', holder: { owner: 'bob/b' } });
    expect((await node.renew('free', lockId)).body).toMatchObject({ status: 404, code: 'LOCK_FREE' });
  });

  it('is not fooled by an id that Java has left in a row that it has taken', async () => {
    const { body: { lockId } } = await node.acquire('job');
    await engine.client.send(new UpdateCommand({
      TableName: tableName, Key: { key: 'job' }, UpdateExpression: 'SET ownerName = :java, recordVersionNumber = :rvn', ExpressionAttributeValues: { ':java': 'host-1', ':rvn': 'r' },
    }));
    expect((await node.renew('job', lockId)).body).toMatchObject({ status: 412, reason: 'stolen', holder: { owner: 'host-1' } });
    expect((await node.release('job', lockId)).status).toBe(412);
  });
});

describe('DELETE', () => {
  it('gives the lock back, as often as it is sent', async () => {
    const { body: { lockId } } = await node.acquire('job');
    expect([(await node.release('job', lockId)).status, (await other.release('job', lockId)).status]).toEqual([204, 204]);
    expect(await engine.scan(tableName)).toEqual([]);
  });

  it('leaves the lock of somebody else alone', async () => {
    const { body: { lockId } } = await node.acquire('job');
    expect((await node.release('job', lockId, { who: 'bob' })).body).toMatchObject({ status: 412, code: 'LOCK_LOST' });
    expect((await node.release('job', 'x')).status).toBe(412);
    expect((await node.renew('job', lockId)).status).toBe(200);
  });
});

describe('a node that is not exclusive, where another is', () => {
  it('counts its fencing tokens on, and keeps its rows', async () => {
    const exclusive = restNode({ client: engine.client, tableName, clock, exclusive: true });
    const { body: { lockId } } = await exclusive.acquire('job');
    expect((await node.acquire('job', {}, { who: 'bob' })).body).toMatchObject({ status: 423 });
    expect((await node.release('job', lockId)).status).toBe(204);
    const { body } = await node.acquire('job', {}, { who: 'bob' });
    expect(body).toMatchObject({ fencingToken: 2 });
    expect((await node.release('job', body.lockId, { who: 'bob' })).status).toBe(204);
    expect((await exclusive.acquire('job')).body).toMatchObject({ fencingToken: 3 });
  });
});

describe('a table of its own (exclusive)', () => {
  beforeEach(() => {
    node = restNode({ client: engine.client, tableName, clock, exclusive: true, ttl: { afterDays: 7 } });
  });

  it('numbers the acquisitions, from the time on where rows are collected', async () => {
    const start = clock.wall();
    const first = await node.acquire('job');
    await node.release('job', first.body.lockId);
    const second = await node.acquire('job', {}, KEY);
    expect([first.body.fencingToken, second.body.fencingToken, (await node.acquire('job', {}, KEY)).body.fencingToken, (await node.renew('job', second.body.lockId)).body.fencingToken]).toEqual([1, 2, 2, 2].map((n) => n + start));
  });

  it('gives back nothing of somebody else, released or not', async () => {
    const { body: { lockId } } = await node.acquire('job');
    expect((await node.release('job', lockId)).status).toBe(204);
    expect((await node.release('job', 'another')).status).toBe(412);
    expect((await node.release('job', lockId, { who: 'bob' })).status).toBe(412);
  });

  it('numbers from 1 where nothing is collected', async () => {
    expect((await restNode({ client: engine.client, tableName, clock, exclusive: true }).acquire('job')).body).toMatchObject({ fencingToken: 1 });
  });

  it('knows a replay that comes after the release', async () => {
    const { body: { lockId } } = await node.acquire('job', {}, KEY);
    expect((await node.release('job', lockId)).status).toBe(204);
    expect((await node.acquire('job', {}, KEY)).body).toMatchObject({ status: 409, code: 'KEY_USED' });
    expect((await node.send('GET', '/locks/job')).status).toBe(404);
    expect([(await node.release('job', lockId)).status, (await node.renew('job', lockId)).body.reason]).toEqual([204, 'released']);
  });

  it('asks the table for reads, updates and scans only', async () => {
    const asked = new Set<string>();
    const watched = { ...engine.client, send: (command: { constructor: { name: string } }) => { asked.add(command.constructor.name.replace(/^Exact/, '')); return engine.client.send(command as never); } };
    const one = restNode({ client: watched as unknown as Engine['client'], tableName, clock, exclusive: true });
    const { body: { lockId } } = await one.acquire('job', { ttlMs: 1_000 }, KEY);
    await one.acquire('job', { ttlMs: 1_000 }, KEY);
    await one.acquire('job', {}, { who: 'bob' });
    await clock.advance(1_001);
    await one.renew('job', lockId);
    await one.send('GET', '/locks/job');
    await one.send('GET', '/locks');
    await one.release('job', lockId);
    const { body } = await one.acquire('job', {}, { who: 'bob' });
    await one.send('POST', '/locks/job/break', { who: 'root' });
    await one.release('job', body.lockId, { who: 'bob' });
    expect([...asked].sort()).toEqual(['GetCommand', 'ScanCommand', 'UpdateCommand']);
  });

  it('keeps the row with a new version, marked as Java marks it, and lets it be collected', async () => {
    const { body: { lockId }, etag } = await node.acquire('job');
    await node.release('job', lockId);
    expect(await row()).toMatchObject({ isReleased: { S: '1' }, ttl: { N: String(ttl(clock.wall(), 7)) }, leaseDuration: { S: '20000' } });
    expect(`"${(await row())['recordVersionNumber'].S}"`).not.toBe(etag);
    await node.acquire('job');
    expect(Object.keys(await row())).not.toEqual(expect.arrayContaining(['ttl']));
  });
});

describe('GET', () => {
  it('tells who holds the lock, and not its id', async () => {
    const { body: { lockId }, etag } = await node.acquire('job', { owner: 'w', ttlMs: 5_000, data: 'step 1' });
    const { status, body, etag: now } = await node.send('GET', '/locks/job', { who: 'bob' });
    expect([status, now]).toEqual([200, etag]);
    expect(body).toEqual({ name: 'job', owner: 'ada/w', leaseMs: 5_000, remainingMs: 5_000, version: etag.slice(1, -1), breaking: false, data: 'step 1' });
    expect(JSON.stringify(body)).not.toContain(lockId);
    await clock.advance(2_000);
    expect((await node.send('GET', '/locks/job')).body.remainingMs).toBe(3_000);
  });

  it('answers 304 while nothing has changed, in a header or in the query, with or without quotes', async () => {
    const { etag } = await node.acquire('job');
    for (const query of [{ etag }, { etag: etag.slice(1, -1) }]) expect((await node.send('GET', '/locks/job', { query })).status).toBe(304);
    expect((await node.send('GET', '/locks/job', { headers: { 'if-none-match': `W/${etag}` } })).status).toBe(304);
    expect((await node.send('GET', '/locks/job', { query: { etag: '"x"' } })).status).toBe(200);
  });

  it('waits for a change: a renewal, a release, or the end of the time', async () => {
    const { body: { lockId }, etag } = await node.acquire('job', { ttlMs: 60_000 });
    const watch = (query: Record<string, string>) => later(other.send('GET', '/locks/job', { query }));
    const renewed = watch({ etag, wait: '25s' });
    await otherClock.advance(5_000);
    expect(renewed.sent).toBeUndefined();
    const now = await node.renew('job', lockId);
    await otherClock.advance(1_000);
    expect([renewed.sent?.status, renewed.sent?.etag]).toEqual([200, now.etag]);

    const nothing = watch({ etag: now.etag, wait: '1500ms' });
    await otherClock.advance(1_510);
    expect(nothing.sent?.status).toBe(304);

    const released = watch({ etag: now.etag, wait: '25s' });
    await otherClock.advance(1_000);
    await node.release('job', lockId);
    await otherClock.advance(1_000);
    expect(released.sent?.status).toBe(404);
    expect(otherClock.timers()).toBe(0);
  });

  it.each([['26s'], ['25'], ['-1s'], ['1.5s'], [''], ['25001ms'], ['1e3s']])('refuses wait=%s', async (wait) => {
    expect((await node.send('GET', '/locks/job', { query: { wait } })).body).toMatchObject({ status: 400, code: 'INVALID_QUERY' });
  });
});

describe('break', () => {
  const breakIt = (from: RestNode, who = 'root'): Promise<Sent> => from.send('POST', '/locks/job/break', { who });

  it('ends all renewals at once, and frees the lock when its lease is over', async () => {
    const { body: { lockId } } = await node.acquire('job', { owner: 'w', ttlMs: 5_000 });
    const { status, headers, body } = await breakIt(other);
    expect([status, headers['retry-after'], body]).toEqual([202, '6', { name: 'job', owner: 'ada/w', retryAfterMs: 5_001 }]);
    expect((await node.renew('job', lockId)).body).toMatchObject({ status: 412, code: 'LOCK_LOST', reason: 'broken' });
    expect((await node.release('job', lockId)).status).toBe(412);
    expect((await other.send('GET', '/locks/job')).body).toMatchObject({ owner: 'ada/w', breaking: true });
    // Its holder may believe in it for as long as its lease lasts.
    await otherClock.advance(5_000);
    expect((await other.acquire('job', {}, { who: 'bob' })).body).toMatchObject({ status: 423, holder: { owner: 'ada/w', breaking: true } });
    await otherClock.advance(1);
    expect((await other.acquire('job', {}, { who: 'bob' })).status).toBe(201);
  });

  it('does not begin anew when it is sent again', async () => {
    await node.acquire('job', { ttlMs: 5_000 });
    await breakIt(node);
    await clock.advance(3_000);
    expect((await breakIt(node)).body.retryAfterMs).toBe(2_001);
  });

  it('knows how long nobody has renewed the lock', async () => {
    await node.acquire('job', { ttlMs: 5_000 });
    await node.send('GET', '/locks/job');
    await clock.advance(4_000);
    expect((await breakIt(node)).body.retryAfterMs).toBe(1_001);
    // Who has not seen it before waits for that time as well, and no longer.
    expect((await other.acquire('job', {}, { who: 'bob' })).body.retryAfterMs).toBe(1_001);
  });

  it('is for admins', async () => {
    const { body: { lockId } } = await node.acquire('job');
    expect((await breakIt(node, 'ada')).body).toMatchObject({ status: 403, code: 'ADMIN_ONLY' });
    expect((await node.renew('job', lockId)).status).toBe(200);
  });

  it('works on locks of other clients, whatever they are called, and their heartbeat finds another version and owner', async () => {
    const name = 'orders/42 <b>';
    await engine.client.send(new PutCommand({ TableName: tableName, Item: { key: name, ownerName: 'java-1', leaseDuration: '20000', recordVersionNumber: 'r1', data: Buffer.from([0xff]) } }));
    expect((await node.send('GET', `/locks/${encodeURIComponent(name)}`)).body).toMatchObject({ name, owner: 'java-1' });
    expect((await node.send('POST', `/locks/${encodeURIComponent(name)}/break`, { who: 'root' })).status).toBe(202);
    const beat = new UpdateCommand({
      TableName: tableName, Key: { key: name }, UpdateExpression: 'SET recordVersionNumber = :next', ConditionExpression: 'recordVersionNumber = :mine AND ownerName = :me',
      ExpressionAttributeValues: { ':next': 'r2', ':mine': 'r1', ':me': 'java-1' },
    });
    await expect(engine.client.send(beat)).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });
    expect(await row()).toMatchObject({ data: { B: expect.anything() }, ownerName: { S: 'broken-by:root:java-1' } });
  });

  it('wins over a holder that renews in between, or says that it does not', async () => {
    const { body: { lockId } } = await node.acquire('job');
    let renewals = 0;
    const renewing = (most: number): Engine['client'] => ({
      ...engine.client,
      send: async (command: { input: { UpdateExpression?: string } }) => {
        if (command.input.UpdateExpression?.includes('#owner = :owner') && renewals < most) {
          renewals += 1;
          await node.renew('job', lockId);
        }
        return engine.client.send(command as never);
      },
    }) as unknown as Engine['client'];
    expect((await breakIt(restNode({ client: renewing(Infinity), tableName, clock }))).body).toMatchObject({ status: 503, code: 'UNAVAILABLE' });
    renewals = 0;
    expect((await breakIt(restNode({ client: renewing(2), tableName, clock }))).status).toBe(202);
  });
});

describe('GET /locks', () => {
  it('lists what is held, without ids; what is released or no lock is left out', async () => {
    const { body: { lockId } } = await node.acquire('a', { owner: 'w', data: 'x' });
    await node.acquire('b', {}, { who: 'bob' });
    const shape = { ownerName: 'x', leaseDuration: '0', recordVersionNumber: 'r' };
    for (const Item of [{ key: 'claim#1', ...shape, isReleased: '1' }, { key: 'damaged', ...shape, leaseDuration: 20 }]) await engine.client.send(new PutCommand({ TableName: tableName, Item }));
    const { body } = await node.send('GET', '/locks', { who: 'bob' });
    expect(body.locks.map(({ name, owner }: { name: string; owner: string }) => [name, owner]).sort()).toEqual([['a', 'ada/w'], ['b', 'bob/']]);
    expect([body.skipped, body.next]).toEqual([1, undefined]);
    expect(JSON.stringify(body)).not.toContain(lockId);
  });

  it('goes on where it has stopped, on whichever node', async () => {
    const names = Array.from({ length: 7 }, (_, at) => `n${at}`);
    for (const name of names) await node.acquire(name);
    const found: string[] = [];
    let next: string | undefined;
    do {
      const { body } = await (found.length % 2 === 0 ? node : other).send('GET', '/locks', { query: { limit: '3', ...(next === undefined ? {} : { after: next }) } });
      expect(body.locks.length).toBeLessThanOrEqual(3);
      found.push(...body.locks.map(({ name }: { name: string }) => name));
      next = body.next;
    } while (next !== undefined);
    expect(found.sort()).toEqual(names);
  });

  it('gives a cursor that says nothing, not even where a key with prefixes was stopped, and cannot be changed', async () => {
    const rows = Array.from({ length: 2_000 }, (_, at) => ({ key: `secret-${at}`, ownerName: 'x', leaseDuration: '1000', recordVersionNumber: 'r' }));
    for (let at = 0; at < rows.length; at += 25) await engine.client.send(new BatchWriteCommand({ RequestItems: { [tableName]: rows.slice(at, at + 25).map((Item) => ({ PutRequest: { Item } })) } }));
    await node.acquire('ci-1');
    const { body: { locks, next } } = await node.send('GET', '/locks', { who: 'ci' });
    const cursor = Buffer.from(next, 'base64url');
    expect(cursor.length).toBeGreaterThan('{"key":"ci-1"}'.length);
    expect(`${next}${cursor.toString('latin1')}`).not.toMatch(/secret-/);
    const rest = (await other.send('GET', '/locks', { who: 'ci', query: { after: next } })).body;
    expect([...locks, ...rest.locks]).toMatchObject([{ name: 'ci-1' }]);
    for (const at of [0, 13, cursor.length - 1]) {
      const changed = Buffer.from(cursor);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect((await node.send('GET', '/locks', { query: { after: changed.toString('base64url') } })).body).toMatchObject({ status: 400, code: 'INVALID_QUERY' });
    }
  });

  it('shows what remains, and disturbs nobody who watches, not even with rows as they were a moment ago', async () => {
    const late: { scan?: unknown } = {};
    const send = async (command: object) => (command instanceof ScanCommand && late.scan) || engine.client.send(command as never);
    const node = restNode({ client: { ...engine.client, send } as unknown as Engine['client'], tableName, clock });
    const { body: { lockId } } = await node.acquire('job');
    const remains = async () => (await node.send('GET', '/locks')).body.locks.map(({ remainingMs }: { remainingMs: number }) => remainingMs);
    expect(await remains()).toEqual([20_000]);
    await clock.advance(5_000);
    expect(await remains()).toEqual([15_000]);
    expect((await node.acquire('job', {}, { who: 'bob' })).body.retryAfterMs).toBe(15_001);
    late.scan = await engine.client.send(new ScanCommand({ TableName: tableName }));
    await node.renew('job', lockId);
    const tried = async () => (await node.acquire('job', {}, { who: 'bob' })).body.retryAfterMs;
    expect(await tried()).toBe(20_001);
    await clock.advance(5_000);
    await remains();
    expect(await tried()).toBe(15_001);
  });

  it('takes its own cursors only', async () => {
    await node.acquire('job');
    const { body: { observation } } = await node.acquire('job', {}, { who: 'bob' });
    for (const query of [{ after: 'x' }, { after: String(observation) }, { limit: '0' }, { limit: '1001' }, { limit: 'x' }]) expect((await node.send('GET', '/locks', { query })).body).toMatchObject({ status: 400, code: 'INVALID_QUERY' });
    const other = restNode({ client: engine.client, tableName, clock, secret: 'another secret, as long as that of the tests is' });
    const { body: { next } } = await other.send('GET', '/locks', { query: { limit: '1' } });
    const changed = Buffer.from(String(next), 'base64url');
    expect((await other.send('GET', '/locks', { query: { after: String(next) } })).status).toBe(200);
    for (const [who, after] of [[node, String(next)], [other, changed.subarray(1).toString('base64url')], [other, Buffer.from(changed.map((byte, i) => (i === 12 ? byte ^ 1 : byte))).toString('base64url')]] as const) {
      expect((await who.send('GET', '/locks', { query: { after } })).body).toMatchObject({ status: 400, code: 'INVALID_QUERY' });
    }
  });

  it('shows a key with prefixes what it may use', async () => {
    await node.acquire('ci-1');
    await node.acquire('secret-project');
    expect((await node.send('GET', '/locks', { who: 'ci' })).body.locks).toMatchObject([{ name: 'ci-1' }]);
  });
});

it('works on a table with a sort key', async () => {
  tableName = await lockTableOf(engine, 'sort');
  node = restNode({ client: engine.client, tableName, clock, sortKeyName: 'sort' });
  const { body: { lockId } } = await node.acquire('job', {}, KEY);
  await engine.client.send(new PutCommand({ TableName: tableName, Item: { key: 'job', sort: 'other', ownerName: 'x', leaseDuration: '1', recordVersionNumber: 'r' } }));
  expect((await node.acquire('job', {}, { who: 'bob' })).status).toBe(423);
  expect((await node.acquire('job', {}, KEY)).status).toBe(200);
  expect((await node.send('GET', '/locks')).body.locks).toMatchObject([{ name: 'job', owner: 'ada/' }]);
  expect([(await node.renew('job', lockId)).status, (await node.send('POST', '/locks/job/break', { who: 'root' })).status]).toEqual([200, 202]);
});
