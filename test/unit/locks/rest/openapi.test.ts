import type { Engine } from '../../../../src/replay/engines/engine';
import { memoryEngine } from '../../../../src/replay/engines/memory';
import { contextOf } from '../../../../src/locks/rest/options';
import { openApi } from '../../../../src/locks/rest/openapi';
import { allowAnyone } from '../../../../src/locks/rest/authorizer';
import { violations } from '../../../support/json-schema';
import { fakeClock } from '../../../support/locks/fake-clock';
import { documented, type Description } from '../../../support/locks/openapi';
import { keptLog, lockTableOf, restNode, SECRET, type Asked, type RestNode, type Sent } from '../../../support/locks/rest';

let engine: Engine;
let tableName: string;

beforeAll(async () => {
  engine = memoryEngine();
  tableName = await lockTableOf(engine);
});
afterAll(() => engine.stop());

const description = (): Description => openApi(contextOf({ client: engine.client, tableName, secret: SECRET, authorizer: allowAnyone({ logger: keptLog() }) })) as Description;

/** A client whose table does not answer. */
const silent = () => ({ ...engine.client, send: () => Promise.reject(Object.assign(new Error('no'), { name: 'TimeoutError' })) }) as unknown as Engine['client'];

/** Each operation, with what makes it answer. `free` and `held` are names, the latter of a lock of ada's with this id. */
const OPERATIONS: readonly (readonly [place: string, call: (node: RestNode, name: string, lockId: string, asked?: Asked) => Promise<Sent>])[] = [
  ['GET /locks', (node, _name, _id, asked) => node.send('GET', '/locks', asked)],
  ['PUT /locks/{name}', (node, name, _id, asked) => node.acquire(name, asked?.body ?? {}, asked)],
  ['GET /locks/{name}', (node, name, _id, asked) => node.send('GET', `/locks/${name}`, asked)],
  ['DELETE /locks/{name}', (node, name, id, asked) => node.release(name, id, asked)],
  ['POST /locks/{name}/renew', (node, name, id, asked) => node.renew(name, id, asked)],
  ['POST /locks/{name}/break', (node, name, _id, asked) => node.send('POST', `/locks/${name}/break`, { who: 'root', ...asked })],
];

it('describes nothing that the service does not do: every status of every operation', async () => {
  const clock = fakeClock();
  const node = restNode({ client: engine.client, tableName, clock, maxDataBytes: 10 });
  const strict = restNode({ client: engine.client, tableName, clock, rateLimit: { perSecond: 0.001, burst: 1 } });
  const broken = restNode({ client: silent(), tableName, clock });
  const held = await node.acquire('held', { ttlMs: 60_000 });
  const { lockId } = held.body;
  await engine.client.send(new (await import('@aws-sdk/lib-dynamodb')).PutCommand({ TableName: tableName, Item: { key: 'damaged', leaseDuration: 20 } }));
  const missing = restNode({ client: engine.client, tableName: 'no-such-table', clock });

  for (const [place, call] of OPERATIONS) {
    const statusOf = async (from: RestNode, name: string, asked?: Asked): Promise<number> => (await call(from, name, lockId, asked)).status;
    expect([place, await statusOf(node, 'held', { who: '' })]).toEqual([place, 401]);
    if (place !== 'GET /locks') expect([place, await statusOf(node, 'held', { who: 'ci' })]).toEqual([place, 403]);
    expect([place, (await call(strict, 'other', 'x'), await statusOf(strict, 'other'))]).toEqual([place, 429]);
    await clock.advance(2_000_000);
    expect([place, await statusOf(broken, 'held')]).toEqual([place, 503]);
    expect([place, await statusOf(missing, 'held')]).toEqual([place, 500]);
    if (place !== 'GET /locks') expect([place, await statusOf(node, 'damaged')]).toEqual([place, 500]);
  }
  const again = await node.acquire('held2', { ttlMs: 60_000 }, { headers: { 'idempotency-key': 'k' } });
  const name = { long: 'x'.repeat(2049) };
  const sent: [string, Promise<Sent>, number][] = [
    ['page', node.send('GET', '/'), 200],
    ['description', node.send('GET', '/openapi.json'), 200],
    ['list', node.send('GET', '/locks'), 200],
    ['list', node.send('GET', '/locks', { query: { limit: '0' } }), 400],
    ['acquire', node.acquire('held2', { ttlMs: 60_000 }, { headers: { 'idempotency-key': 'k' } }), 200],
    ['acquire', node.acquire('held2', { ttlMs: 50_000 }, { headers: { 'idempotency-key': 'k' } }), 409],
    ['acquire', node.acquire('not a name'), 400],
    ['acquire', node.acquire('held2'), 423],
    ['acquire', node.acquire('big', { data: 'x'.repeat(20_000) }), 413],
    ['acquire', node.acquire('text', {}, { headers: { 'content-type': 'text/plain' } }), 415],
    ['read', node.send('GET', '/locks/held2'), 200],
    ['read', node.send('GET', '/locks/free'), 404],
    ['read', node.send('GET', '/locks/held2', { query: { wait: 'long' } }), 400],
    ['renew', node.renew('held2', again.body.lockId), 200],
    ['renew', node.renew('free', 'x'), 404],
    ['renew', node.renew('held2', 'x'), 412],
    ['renew', node.renew('held2', again.body.lockId, { body: { ttl: 1 } }), 400],
    ['renew', node.renew('held2', again.body.lockId, { body: 'x'.repeat(80_000) }), 413],
    ['renew', node.renew('held2', again.body.lockId, { body: 'x', headers: { 'content-type': 'text/plain' } }), 415],
    ['renew', node.send('POST', '/locks/held2/renew'), 428],
    ['release', node.release('held2', 'x'), 412],
    ['release', node.release(name.long, 'x'), 400],
    ['release', node.send('DELETE', '/locks/held2'), 428],
    ['break', node.send('POST', `/locks/${name.long}/break`, { who: 'root' }), 400],
    ['break', node.send('POST', '/locks/free/break', { who: 'root' }), 404],
  ];
  for (const [what, answer, status] of sent) expect([what, (await answer).status]).toEqual([what, status]);
  const { etag } = await node.send('GET', '/locks/held2');
  expect((await node.send('GET', '/locks/held2', { headers: { 'if-none-match': etag } })).status).toBe(304);
  expect((await node.send('POST', '/locks/held2/break', { who: 'root' })).status).toBe(202);
  expect((await node.release('free', 'x')).status).toBe(204);

  const produced = new Set([node, strict, broken, missing].flatMap((one) => [...one.produced]));
  expect(documented(description()).filter((place) => !produced.has(place))).toEqual([]);
});

it('is served as it is, and refers to nothing that it does not have', async () => {
  const node = restNode({ client: engine.client, tableName });
  const { body } = await node.send('GET', '/openapi.json', { who: '' });
  expect(body).toEqual(JSON.parse(JSON.stringify(description())));
  expect(body.openapi).toBe('3.1.0');
  const refs = [...JSON.stringify(body).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, ref]) => ref);
  expect(new Set(refs)).toEqual(new Set(Object.keys(body.components.schemas)));
});

it('would notice an answer that is not as described', () => {
  const { components: { schemas: { Grant } } } = description() as unknown as { components: { schemas: { Grant: object } } };
  const check = (value: object): readonly string[] => violations(value, Grant as Readonly<Record<string, unknown>>);
  expect(check({ name: 'a', lockId: 'b', leaseMs: 1 })).toEqual([]);
  expect(check({ name: 'a', lockId: 'b' })).toEqual(['$ has no leaseMs']);
  expect(check({ name: 'a', lockId: 1, leaseMs: 0.5, extra: 1 })).toHaveLength(3);
});

it('describes the limits that the service has', async () => {
  const limits = { minTtlMs: 2_000, maxTtlMs: 3_000, defaultTtlMs: 2_500 };
  const node = restNode({ client: engine.client, tableName, ...limits });
  const { body: { components: { schemas: { Acquire } } } } = await node.send('GET', '/openapi.json');
  expect(Acquire.properties.ttlMs).toMatchObject({ minimum: 2_000, maximum: 3_000, default: 2_500 });
  expect((await node.acquire('limits')).body.leaseMs).toBe(2_500);
  for (const ttlMs of [1_999, 3_001, 2_000.5, '2000', null]) expect((await node.acquire('limits2', { ttlMs })).body).toMatchObject({ status: 400, code: 'INVALID_BODY' });
});
