import type { Engine } from '../../../../src/replay/engines/engine';
import { memoryEngine } from '../../../../src/replay/engines/memory';
import { createRestLocks } from '../../../../src/locks/rest/client/rest-locks';
import type { FetchLike, RestLock, RestLocksOptions } from '../../../../src/locks/rest/client/types';
import type { LockServiceOptions } from '../../../../src/locks/rest/options';
import { fakeClock, type FakeClock } from '../../../support/locks/fake-clock';
import { keptLog, lockTableOf, restNode, type RestNode } from '../../../support/locks/rest';

let engine: Engine;
let tableName: string;
/** Of the client. The service has one of its own, so that a test says which of them stands still. */
let clock: FakeClock;
let serverClock: FakeClock;
let node: RestNode;

beforeEach(async () => {
  engine = memoryEngine();
  tableName = await lockTableOf(engine);
  [clock, serverClock] = [fakeClock(), fakeClock()];
  node = service();
});
afterEach(() => engine.stop());

const service = (options: Partial<LockServiceOptions> = {}): RestNode => restNode({ client: engine.client, tableName, clock: serverClock, ...options });

type Fate = 'lose request' | 'lose response' | 503 | 502 | 'hang' | undefined;

interface Seen {
  readonly method: string;
  readonly key: string | undefined;
  readonly body: Record<string, unknown>;
}

/** The node as `fetch` sees it, with a fate for each request. */
const network = (fate: (method: string, nth: number) => Fate = () => undefined): FetchLike & { readonly seen: Seen[] } => {
  const seen: Seen[] = [];
  const fetch: FetchLike = async (url, { method, headers, body, signal }) => {
    seen.push({ method, key: headers['idempotency-key'], body: JSON.parse(body ?? '{}') as Record<string, unknown> });
    const chosen = fate(method, seen.length);
    if (chosen === 'lose request') throw new TypeError('fetch failed');
    if (chosen === 'hang') return new Promise((_resolve, reject) => { signal.addEventListener('abort', () => reject(signal.reason as Error)); });
    if (chosen === 503 || chosen === 502) {
      const text = chosen === 503 ? JSON.stringify({ code: 'UNAVAILABLE', retryAfterMs: 700 }) : '<html>';
      return { status: chosen, headers: new Headers(), text: async () => text };
    }
    const { pathname, searchParams } = new URL(url);
    const sent = await node.send(method, pathname, { headers, body, query: Object.fromEntries(searchParams), who: '' });
    if (chosen === 'lose response') throw new TypeError('fetch failed');
    return { status: sent.status, headers: new Headers({ ...sent.headers }), text: async () => JSON.stringify(sent.body ?? '') };
  };
  return Object.assign(fetch, { seen });
};

const locksOf = (options: Partial<RestLocksOptions> = {}) =>
  createRestLocks({ baseUrl: 'http://service/', key: 'ada-key', owner: 'w1', fetch: network(), clock, random: () => 0.5, logger: keptLog(), ...options });
const bob = (options: Partial<RestLocksOptions> = {}) => locksOf({ key: 'bob-key', owner: 'w2', ...options });

/** Something that takes time, with how it ended once it has. */
const later = <T>(promise: Promise<T>): { ended?: { readonly value?: T; readonly error?: unknown } } => {
  const made: { ended?: { readonly value?: T; readonly error?: unknown } } = {};
  promise.then((value) => { made.ended = { value }; }, (error: unknown) => { made.ended = { error }; });
  return made;
};

it('holds, renews and gives back', async () => {
  const lock = await locksOf().acquire('job', { ttlMs: 10_000, data: 'x' });
  expect([lock.isHeld(), lock.leaseMs, lock.remainingMs(), lock.lost]).toEqual([true, 10_000, 9_000, undefined]);
  expect(await bob().get('job')).toMatchObject({ owner: 'ada/w1', data: 'x' });
  await clock.advance(5_000);
  expect(lock.remainingMs()).toBe(4_000);
  await lock.renew();
  expect(lock.remainingMs()).toBe(9_000);
  expect([await lock.release(), await lock.release(), lock.isHeld(), lock.signal.aborted]).toEqual(['released', 'released', false, false]);
  expect(await bob().get('job')).toBeUndefined();
  await expect(lock.renew()).rejects.toMatchObject({ code: 'LOCK_MISUSE' });
  expect(clock.timers()).toBe(0);
  clock.block(60_000);
  expect([lock.isHeld(), lock.lost]).toEqual([false, undefined]);
});

it('asserts that it is held, without asking anybody', async () => {
  const fetch = network();
  const locks = locksOf({ fetch });
  const [released, late] = [await locks.acquire('released', { ttlMs: 10_000 }), await locks.acquire('late', { ttlMs: 10_000 })];
  const assertHeld = (lock: RestLock) => () => lock.assertHeld();
  expect(assertHeld(released)).not.toThrow();
  await released.release();
  const requests = fetch.seen.length;
  expect(assertHeld(released)).toThrow(expect.objectContaining({ code: 'LOCK_MISUSE' }));
  clock.block(8_999);
  expect(assertHeld(late)).not.toThrow();
  clock.block(1);
  expect(assertHeld(late)).toThrow(expect.objectContaining({ code: 'LOCK_LOST', reason: 'deadline' }));
  expect(fetch.seen).toHaveLength(requests);
});

it('tells who has it, and waits for as long as it is told to, longer than any one request', async () => {
  const held = await locksOf().acquire('job', { ttlMs: 3_600_000 });
  await expect(bob().acquire('job')).rejects.toMatchObject({ code: 'LOCK_TIMEOUT', holder: { ownerName: 'ada/w1', leaseMs: 3_600_000 } });
  const fetch = network();
  const waiting = later(bob({ fetch }).acquire('job', { waitMs: 60_000 }));
  for (let at = 0; at < 140; at += 1) {
    await serverClock.advance(250);
    await clock.advance(250);
  }
  expect([waiting.ended, fetch.seen.length, new Set(fetch.seen.map(({ key }) => key)).size]).toEqual([undefined, 2, 1]);
  expect(fetch.seen.map(({ body }) => body['observation'] !== undefined)).toEqual([false, true]);
  await held.release();
  await serverClock.advance(1_000);
  expect(waiting.ended?.value?.isHeld()).toBe(true);
});

it.each<[Fate]>([['lose request'], ['lose response'], [503], [502]])('asks again with the same key after: %s', async (fate) => {
  const fetch = network((_method, nth) => (nth <= 2 ? fate : undefined));
  const acquiring = later(locksOf({ fetch }).acquire('job', { ttlMs: 10_000 }));
  await clock.advance(3_000);
  const lock = acquiring.ended?.value;
  expect([fetch.seen.length, new Set(fetch.seen.map(({ key }) => key)).size]).toEqual([3, 1]);
  // From before the request that was answered, and not from before the first.
  expect(lock?.isHeld()).toBe(true);
  expect(await lock?.release()).toBe('released');
});

it('follows Retry-After', async () => {
  const fetch = network((_method, nth) => (nth === 1 ? 503 : undefined));
  const acquiring = later(locksOf({ fetch, random: () => 0 }).acquire('job'));
  await clock.advance(699);
  expect([acquiring.ended, fetch.seen.length]).toEqual([undefined, 1]);
  await clock.advance(1);
  expect([acquiring.ended?.value?.isHeld(), fetch.seen.length]).toEqual([true, 2]);
});

it('gives up some day, and says that it is not known what came of it', async () => {
  const acquiring = later(locksOf({ fetch: network(() => 'lose request'), retryMs: 5_000 }).acquire('job'));
  await clock.advance(9_000);
  expect(acquiring.ended?.error).toMatchObject({ code: 'LOCK_BACKEND' });
  expect(clock.timers()).toBe(0);
});

it('takes no grant whose lease was over when its answer came', async () => {
  let slow = true;
  const direct = network();
  const fetch: FetchLike = async (url, init) => {
    const response = await direct(url, init);
    if (slow) clock.block(9_500);
    slow = false;
    return response;
  };
  const lock = await locksOf({ fetch }).acquire('job', { ttlMs: 10_000 });
  expect([direct.seen.length, lock.remainingMs()]).toEqual([2, 9_000]);
});

it('stops waiting when it is told to', async () => {
  await locksOf().acquire('job', { ttlMs: 60_000 });
  const controller = new AbortController();
  const waiting = later(bob({ fetch: network(() => 'hang') }).acquire('job', { waitMs: 20_000, signal: controller.signal }));
  await clock.advance(1_000);
  controller.abort(new Error('enough'));
  await clock.advance(1);
  expect(waiting.ended?.error).toMatchObject({ code: 'LOCK_ABORTED', cause: expect.objectContaining({ message: 'enough' }) });
  await expect(bob().acquire('job', { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'LOCK_ABORTED' });
});

describe('a lock is lost', () => {
  it('at its local deadline, whatever the network does', async () => {
    const lock = await locksOf({ fetch: network((method) => (method === 'POST' ? 'hang' : undefined)) }).acquire('job', { ttlMs: 10_000 });
    const renewing = later(lock.renew());
    await clock.advance(8_999);
    expect(lock.signal.aborted).toBe(false);
    await clock.advance(1);
    expect([lock.signal.aborted, lock.isHeld()]).toEqual([true, false]);
    expect(lock.signal.reason).toMatchObject({ code: 'LOCK_LOST', reason: 'deadline' });
    await clock.advance(1);
    expect(renewing.ended?.error).toBe(lock.lost);
    expect(await lock.release()).toBe('lost');
  });

  it('while the process stood still', async () => {
    const lock = await locksOf().acquire('job', { ttlMs: 10_000 });
    clock.suspend(60_000);
    expect([lock.lost?.reason, lock.isHeld(), lock.signal.aborted]).toEqual(['suspended', false, true]);
  });

  it('when an admin breaks it', async () => {
    const lock = await locksOf().acquire('job', { ttlMs: 10_000 });
    await node.send('POST', '/locks/job/break', { who: 'root' });
    await expect(lock.renew()).rejects.toMatchObject({ code: 'LOCK_LOST', reason: 'stolen', by: expect.stringContaining('admin') });
    expect(lock.signal.aborted).toBe(true);
  });

  it('when somebody else has it, when it is gone, when another process has released it', async () => {
    const [stolen, gone] = [await locksOf().acquire('stolen', { ttlMs: 1_000 }), await locksOf().acquire('gone', { ttlMs: 10_000 })];
    const thief = later(bob().acquire('stolen', { waitMs: 5_000 }));
    await serverClock.advance(1_500);
    await expect(stolen.renew()).rejects.toMatchObject({ reason: 'stolen', by: 'bob/w2' });
    expect(thief.ended?.value?.isHeld()).toBe(true);
    await node.release('gone', gone.lockId);
    await expect(gone.renew()).rejects.toMatchObject({ reason: 'deleted' });
    node = service({ exclusive: true });
    const kept = await locksOf().acquire('kept');
    await node.release('kept', kept.lockId);
    await expect(kept.renew()).rejects.toMatchObject({ reason: 'releasedElsewhere' });
  });
});

it('is not lost for an answer to a renewal that did not come', async () => {
  let fates: Fate[] = ['lose response', 'lose request', 503];
  const lock = await locksOf({ fetch: network((method) => (method === 'POST' ? fates.shift() : undefined)) }).acquire('job', { ttlMs: 10_000 });
  await clock.advance(2_000);
  const renewing = later(lock.renew());
  await clock.advance(3_000);
  expect([renewing.ended, lock.isHeld()]).toEqual([{ value: undefined }, true]);
  fates = [];
  expect(lock.remainingMs()).toBeGreaterThan(5_000);
});

it('counts the lease from the later of two renewals, whichever answer comes first', async () => {
  const direct = network();
  let held: (() => void) | undefined;
  const fetch: FetchLike = async (url, init) => {
    const response = await direct(url, init);
    if (init.method === 'POST' && !held) await new Promise<void>((resolve) => { held = resolve; });
    return response;
  };
  const lock = await locksOf({ fetch }).acquire('job', { ttlMs: 10_000 });
  await clock.advance(1_000);
  const early = later(lock.renew());
  await clock.advance(3_000);
  await lock.renew();
  expect(lock.remainingMs()).toBe(9_000);
  held?.();
  await clock.advance(0);
  expect([early.ended, lock.remainingMs()]).toEqual([{ value: undefined }, 9_000]);
});

it('does not run against a node that keeps nobody waiting', async () => {
  node = service({ maxWaiting: 0 });
  await locksOf().acquire('job', { ttlMs: 60_000 });
  const fetch = network();
  const waiting = later(bob({ fetch }).acquire('job', { waitMs: 10_000 }));
  await clock.advance(10_100);
  expect(waiting.ended?.error).toMatchObject({ code: 'LOCK_TIMEOUT' });
  expect(fetch.seen.length).toBeLessThan(15);
});

it('says what the service refuses', async () => {
  await expect(locksOf({ key: 'wrong' }).acquire('job')).rejects.toMatchObject({ code: 'LOCK_SERVICE_REFUSED', status: 401, problem: { code: 'UNAUTHORIZED' } });
  await expect(locksOf({ key: 'ci-key' }).get('job')).rejects.toMatchObject({ status: 403 });
  await expect(locksOf().acquire('a/b')).rejects.toMatchObject({ status: 400, problem: { code: 'INVALID_NAME' } });
  for (const wrong of [{ baseUrl: 'service' }, { key: '' }, { key: 'a b' }]) expect(() => locksOf(wrong)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  expect(() => locksOf({ key: 'a b' })).toThrow(/key }\): found a text of 3 characters, /); // never the key itself
});

it('watches a lock', async () => {
  const lock = await locksOf().acquire('job', { ttlMs: 60_000 });
  const state = await bob().get('job');
  const version = state !== undefined && state !== 'unchanged' ? state.version : '';
  const watching = later(bob().get('job', { version, waitMs: 1_000 }));
  await serverClock.advance(1_100);
  expect(watching.ended).toEqual({ value: 'unchanged' });
  const renewed = later(bob().get('job', { version, waitMs: 20_000 }));
  await lock.renew();
  await serverClock.advance(1_000);
  expect(renewed.ended?.value).toMatchObject({ owner: 'ada/w1', version: expect.not.stringMatching(version) });
});

describe('withLock', () => {
  it('renews while the function runs, and gives the lock back', async () => {
    node = service({ exclusive: true });
    const fetch = network();
    let finish = (): void => {};
    const done = later(locksOf({ fetch }).withLock('job', { ttlMs: 9_000 }, ({ fence, signal, lease }) => new Promise<string>((resolve) => {
      finish = () => resolve(`${fence} ${signal.aborted} ${lease.isHeld()}`);
    })));
    await clock.advance(30_000);
    expect(fetch.seen.filter(({ method }) => method === 'POST')).toHaveLength(10);
    finish();
    await clock.advance(1);
    expect(done.ended).toEqual({ value: '1 false true' });
    expect([await bob().get('job'), clock.timers()]).toEqual([undefined, 0]);
  });

  it('passes on what the function throws, and gives the lock back', async () => {
    const error = new Error('work failed');
    await expect(locksOf().withLock('job', () => { throw error; })).rejects.toBe(error);
    expect(await bob().get('job')).toBeUndefined();
  });

  it('throws LockLostError when the lock was lost, whatever the function returned', async () => {
    const run = later(locksOf().withLock('job', { ttlMs: 9_000 }, async ({ signal }) => {
      await new Promise((resolve) => { signal.addEventListener('abort', resolve); });
      return 'done';
    }));
    await clock.advance(100);
    await node.send('POST', '/locks/job/break', { who: 'root' });
    await clock.advance(3_000);
    expect(run.ended?.error).toMatchObject({ code: 'LOCK_LOST', reason: 'stolen' });
    expect(clock.timers()).toBe(0);
  });

  it('gives the result although no answer came to the release', async () => {
    const logger = keptLog();
    const run = later(locksOf({ logger, fetch: network((method) => (method === 'DELETE' ? 'lose request' : undefined)) }).withLock('job', () => 'result'));
    await clock.advance(15_000);
    expect(run.ended).toEqual({ value: 'result' });
    expect(logger.lines.join()).toContain('not released');
  });

  it('tells when it turns out at the release that somebody else has the lock', async () => {
    await expect(locksOf().withLock('job', { ttlMs: 1_000 }, async () => {
      const thief = later(bob().acquire('job', { waitMs: 5_000 }));
      await serverClock.advance(1_500);
      expect(thief.ended?.value?.isHeld()).toBe(true);
    })).rejects.toMatchObject({ code: 'LOCK_LOST', reason: 'stolen' });
  });

  it('has given the lock back when the answer to that was lost, whoever has it since', async () => {
    const answers: Fate[] = ['lose response'];
    const run = later(locksOf({ fetch: network((method) => (method === 'DELETE' ? answers.shift() : undefined)) }).withLock('job', () => 'result'));
    await clock.advance(0);
    await bob().acquire('job');
    await clock.advance(3_000);
    expect(run.ended).toEqual({ value: 'result' });
  });

  it('lets the function give the lock back itself', async () => {
    expect(await locksOf().withLock('job', ({ lease }) => lease.release())).toBe('released');
    // And goes on for longer than the lease: what was given back cannot be lost.
    expect(await locksOf().withLock('job', { ttlMs: 10_000 }, async ({ lease }) => {
      await lease.release();
      clock.block(60_000);
      return 'done';
    })).toBe('done');
  });
});
