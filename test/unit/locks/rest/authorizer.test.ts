import type { Engine } from '../../../../src/replay/engines/engine';
import { memoryEngine } from '../../../../src/replay/engines/memory';
import { allowAnyone, apiKeys, hashKey } from '../../../../src/locks/rest/authorizer';
import { createLockService } from '../../../../src/locks/rest/lock-service';
import { createLimiter } from '../../../../src/locks/rest/rate-limit';
import { fakeClock } from '../../../support/locks/fake-clock';
import { KEYS, keptLog, lockTableOf, restNode, SECRET, toRequest } from '../../../support/locks/rest';

const invalid = (problem: string) => expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(problem) });

describe('apiKeys', () => {
  it.each([
    [[], 'no keys'], [undefined, 'no keys'], ['[]', 'no keys'], ['{}', 'no keys'], ['nonsense', 'not JSON'],
    [[{ id: 'a b', sha256: hashKey('x') }], 'id'], [[{ id: 'a', sha256: 'x' }], 'hashKey'], [[{ id: 'a' }], 'hashKey'], [[null], 'id'],
    [[{ id: 'a', sha256: hashKey('x'), role: 'root' }], 'role'], [[{ id: 'a', sha256: hashKey('x'), prefixes: 'a' }], 'prefixes'],
  ])('does not start with %j', (keys, problem) => {
    expect(() => apiKeys(keys as never)).toThrow(invalid(problem));
  });

  it('knows keys by their hashes, as a list or as JSON', async () => {
    for (const authorize of [apiKeys(KEYS), apiKeys(JSON.stringify(KEYS))]) {
      expect(await authorize(toRequest('GET', '/locks', { who: 'ada' }))).toEqual({ id: 'ada', role: 'user' });
      expect(await authorize(toRequest('GET', '/locks', { who: 'root' }))).toEqual({ id: 'root', role: 'admin' });
      expect(await authorize(toRequest('GET', '/locks', { who: 'ci' }))).toEqual({ id: 'ci', role: 'user', prefixes: ['ci-', 'build:'] });
    }
  });

  it('knows no others', async () => {
    const authorize = apiKeys(KEYS);
    for (const authorization of ['Bearer x', 'Bearer', 'ada-key', 'Basic ada-key', 'Bearer ada-key x', `Bearer ${hashKey('ada-key')}`, undefined]) {
      expect(await authorize({ ...toRequest('GET', '/locks'), headers: { authorization } })).toMatchObject({ refused: 401 });
    }
  });
});

describe('the service', () => {
  let engine: Engine;
  let tableName: string;
  beforeAll(async () => {
    engine = memoryEngine();
    tableName = await lockTableOf(engine);
  });
  afterAll(() => engine.stop());
  const node = (options: object) => restNode({ client: engine.client, tableName, ...options });

  it.each([
    ['an authorizer', { authorizer: undefined }, 'allowAnyone'], ['a secret', { secret: undefined }, '32'], ['a secret that is long', { secret: 'short' }, 'found a text of 5 characters'], ['a secret', { secret: '' }, 'found an empty string'],
    ['a table', { tableName: '' }, 'tableName'], ['a client', { client: {} }, 'client'], ['times that fit', { defaultTtlMs: 500 }, 'defaultTtlMs'],
    ['times that fit', { minTtlMs: 0 }, 'minTtlMs'], ['times that fit', { maxTtlMs: 10 }, 'maxTtlMs'], ['a rate', { rateLimit: { perSecond: 0 } }, 'perSecond'], ['a rate', { rateLimit: { perSecond: 1, burst: 0.5 } }, 'burst'],
  ])('does not start without %s: %j', (_what, wrong, problem) => {
    const made = { client: engine.client, tableName, secret: SECRET, authorizer: apiKeys(KEYS), ...wrong };
    expect(() => createLockService(made as never)).toThrow(invalid(problem));
    expect(() => createLockService(made as never)).not.toThrow(/short/);
  });

  it('asks who it is, and how it is said', async () => {
    const { status, headers, body } = await node({}).send('GET', '/locks', { who: '' });
    expect([status, headers['www-authenticate'], body.code]).toEqual([401, 'Bearer', 'UNAUTHORIZED']);
    expect(headers['content-type']).toBe('application/problem+json');
  });

  it('shows the page and the description to everybody', async () => {
    expect([(await node({}).send('GET', '/', { who: '' })).status, (await node({}).send('GET', '/openapi.json', { who: '' })).status]).toEqual([200, 200]);
  });

  it('keeps to the prefixes of a key', async () => {
    const one = node({});
    expect([(await one.acquire('ci-1', {}, { who: 'ci' })).status, (await one.acquire('build:x', {}, { who: 'ci' })).status]).toEqual([201, 201]);
    const refused = [
      await one.acquire('deploy', {}, { who: 'ci' }), await one.send('GET', '/locks/deploy', { who: 'ci' }), await one.renew('deploy', 'x', { who: 'ci' }),
      await one.release('deploy', 'x', { who: 'ci' }), await one.send('POST', '/locks/deploy/break', { who: 'ci' }),
    ];
    expect(refused.map(({ body: { status, code } }) => [status, code])).toEqual(refused.map(() => [403, 'FORBIDDEN']));
  });

  it('lets anybody in who asks, when it is told to, and warns', async () => {
    const logger = keptLog();
    const open = node({ authorizer: allowAnyone({ logger }) });
    expect(logger.lines.join()).toContain('without a key');
    expect((await open.acquire('open', {}, { who: '' })).status).toBe(201);
    expect((await open.send('POST', '/locks/open/break', { who: '' })).status).toBe(202);
  });

  it('asks an authorizer of one\'s own, which may take its time, refuse, or fail', async () => {
    const said: unknown[] = [];
    const own = node({
      authorizer: async (request: { raw?: unknown; headers: Record<string, string> }) => {
        said.push(request.headers['x-user']);
        switch (request.headers['x-user']) {
          case 'eve': return { refused: 403, detail: 'not you' };
          case 'odd': return { id: 'with space' };
          case 'err': throw new Error('the directory is down: password=secret');
          default: return { id: 'dan' };
        }
      },
    });
    const as = (user: string) => own.acquire('own', {}, { headers: { 'x-user': user } });
    expect((await as('eve')).body).toMatchObject({ status: 403, detail: 'not you' });
    expect((await as('err')).body).toMatchObject({ status: 500, code: 'INTERNAL', detail: expect.not.stringContaining('secret') });
    expect((await as('odd')).body).toMatchObject({ status: 500 });
    expect((await as('dan')).status).toBe(201);
    expect((await own.send('GET', '/locks/own')).body.owner).toBe('dan/');
    expect(said).toEqual(['eve', 'err', 'odd', 'dan', undefined]);
  });

  it('tells neither keys nor tokens to its log', async () => {
    const logger = keptLog();
    const silent = { ...engine.client, send: () => Promise.reject(Object.assign(new Error('no'), { name: 'TimeoutError' })) };
    const one = node({ logger, client: silent });
    await one.acquire('job', {}, { headers: { 'idempotency-key': 'the-idempotency-key' } });
    await one.renew('job', 'the-lock-token');
    expect(logger.lines.length).toBeGreaterThan(1);
    expect(logger.lines.join()).not.toMatch(/ada-key|the-idempotency-key|the-lock-token/);
  });

  it('limits the requests of each principal, and tells when to come again', async () => {
    const clock = fakeClock();
    const one = node({ clock, rateLimit: { perSecond: 2, burst: 3 } });
    const ask = async (who: string) => (await one.send('GET', '/locks/none', { who })).status;
    expect([await ask('ada'), await ask('ada'), await ask('ada'), await ask('ada'), await ask('bob')]).toEqual([404, 404, 404, 429, 404]);
    const { headers, body } = await one.send('GET', '/locks/none');
    expect([headers['retry-after'], body.retryAfterMs]).toEqual(['1', 500]);
    await clock.advance(500);
    expect([await ask('ada'), await ask('ada')]).toEqual([404, 429]);
    await clock.advance(60_000);
    expect([await ask('ada'), await ask('ada'), await ask('ada'), await ask('ada')]).toEqual([404, 404, 404, 429]);
  });

  it('knows 404 and 405, and HEAD', async () => {
    const one = node({});
    for (const path of ['/nothing', '/locks/a/b', '/locks/a/renew/b', '/openapi.json/x']) expect((await one.send('GET', path)).status).toBe(404);
    const { status, headers } = await one.send('PATCH', '/locks/a');
    expect([status, headers['allow']]).toEqual([405, 'PUT, GET, HEAD, DELETE']);
    expect((await one.send('GET', '/locks/a/renew')).headers['allow']).toBe('POST');
    expect((await one.send('constructor', '/locks/a')).status).toBe(405);
    await one.acquire('head');
    const head = await one.send('HEAD', '/locks/head');
    expect([head.status, head.body, head.etag]).toEqual([200, undefined, expect.stringContaining('"')]);
  });
});

it('forgets who has not asked for longest, so that its memory has a bound', () => {
  const take = createLimiter({ perSecond: 0.001, burst: 1 }, fakeClock(), 2);
  expect([take('a'), take('b'), take('a') > 0, take('c'), take('b')]).toEqual([0, 0, true, 0, 0]);
  expect(take('b')).toBeGreaterThan(0);
});
