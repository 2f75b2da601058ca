import { readdirSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { build } from 'esbuild';
import express from 'express';
import { DomainConflictError, ItemMissingError, type CommandResult, type RouteResponse } from '../../src/bff';
import { DEFAULT_ATTRIBUTE_NAMES } from '../../src/bff/attributes';
import type { Engine } from '../../src/replay/engines/engine';
import { describeEngines, describeLocal, freshTable } from '../support/engines';
import { inlineCode, ROOT, tableBelow } from './markdown';

const context = { getRemainingTimeInMillis: () => 20_000, functionName: 'command', awsRequestId: 'r1' } as Context;

const event = (method: string, path: string, headers: Record<string, string> = {}, body?: object): APIGatewayProxyEventV2 => ({
  version: '2.0', routeKey: '$default', rawPath: path, rawQueryString: '', headers, isBase64Encoded: false,
  requestContext: {
    accountId: '1', apiId: 'a', domainName: 'localhost', domainPrefix: 'a', requestId: 'r1', routeKey: '$default', stage: '$default', time: '', timeEpoch: 0,
    http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'jest' },
  },
  ...(body && { body: JSON.stringify(body) }),
});

const taken = new DomainConflictError('SEAT_TAKEN', 'somebody else has the seat');
const missing = new ItemMissingError({ kind: 'missing', key: { pk: 'secret' }, expected: 1, attempts: 1 });
const failing = (path: string): never => { throw path.endsWith('taken') ? taken : path.endsWith('missing') ? missing : new TypeError('secret'); };

/** What each framework must make of them: status, code, content type. */
const EXPECTED = [
  ['GET', '/taken', {}, 409, 'SEAT_TAKEN'],
  ['PUT', '/missing', {}, 404, 'ITEM_MISSING'],
  ['PUT', '/missing', { 'if-match': '"1"' }, 412, 'ITEM_MISSING'],
  ['GET', '/bug', {}, 500, 'INTERNAL'],
] as const;

interface Answer { readonly status: number; readonly type: string | null | undefined; readonly text: string }
type Send = (method: string, path: string, headers: Record<string, string>) => Promise<Answer>;

const ofFetch = async (response: Response): Promise<Answer> => ({ status: response.status, type: response.headers.get('content-type'), text: await response.text() });
const ofLambda = ({ statusCode, headers, body }: RouteResponse): Answer => ({ status: statusCode, type: headers?.['content-type'], text: body ?? '' });

const hono = async (): Promise<Send> => {
  const { app } = await import('./examples/bff-hono');
  app.all('*', ({ req }) => failing(req.path));
  return async (method, path, headers) => ofFetch(await app.request(path, { method, headers }));
};

const powertools = async (): Promise<Send> => {
  const { app } = await import('./examples/bff-powertools');
  for (const path of ['/taken', '/missing', '/bug'] as const) app.route(() => failing(path), { path, method: ['GET', 'PUT'] });
  return async (method, path, headers) => ofLambda(await app.resolve(event(method, path, headers), context) as RouteResponse);
};

/** middy is ESM only, which this test runner does not load: the recipe is bundled, as for Lambda. */
const middy = async (): Promise<Send> => {
  const entry = join(ROOT, 'test/docs/examples/bff-middy.ts');
  const { outputFiles: [file] } = await build({ entryPoints: [entry], bundle: true, format: 'cjs', platform: 'node', external: ['@aws-sdk/*'], write: false, logLevel: 'silent' });
  const module = { exports: {} as typeof import('./examples/bff-middy') };
  compileFunction(file?.text ?? '', ['module', 'require'])(module, require);
  const { withProblems } = module.exports;
  const handler = withProblems(async ({ rawPath }) => failing(rawPath));
  return async (method, path, headers) => ofLambda(await handler(event(method, path, headers), context));
};

describe.each([['Hono', hono], ['Powertools', powertools], ['middy', middy]] as const)('the recipe for %s', (_name, start) => {
  let send: Send;
  beforeAll(async () => { send = await start(); });

  it.each(EXPECTED)('%s %s %j is %i %s', async (method, path, headers, status, code) => {
    const { text, ...answer } = await send(method, path, headers);
    expect(answer).toEqual({ status, type: 'application/problem+json' });
    expect(JSON.parse(text)).toMatchObject({ status, code });
    expect(text).not.toContain('secret');
  });
});

describe('the recipe for Express', () => {
  it.each(EXPECTED)('%s %s %j is %i %s', async (method, path, headers, status, code) => {
    const { problems } = await import('./examples/bff-express');
    const app = express().use(({ path: at }) => failing(at)).use(problems);
    const server = app.listen(0, '127.0.0.1');
    try {
      await new Promise((resolve) => server.once('listening', resolve));
      const { text, type, ...answer } = await ofFetch(await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, { method, headers }));
      expect(answer).toEqual({ status });
      expect(type).toMatch(/^application\/problem\+json/);
      expect(JSON.parse(text)).toMatchObject({ status, code });
      expect(text).not.toContain('secret');
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });
});

describe('docs/bff.md', () => {
  it('lists the attributes with their default names', () => {
    expect(tableBelow('docs/bff.md', 'attributes').map(([name = '']) => inlineCode(name)[0])).toEqual(Object.values(DEFAULT_ATTRIBUTE_NAMES));
  });

  it('lists how commands end', () => {
    const kinds: Record<CommandResult['kind'], true> = { applied: true, alreadyApplied: true, conflict: true, missing: true, alreadyExists: true };
    expect(tableBelow('docs/bff.md', 'results').map(([kind = '']) => inlineCode(kind)[0])).toEqual(Object.keys(kinds));
  });

  it('lists every code with its status', () => {
    const sources = readdirSync(join(ROOT, 'src/bff'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts')).map((name) => readFileSync(join(ROOT, 'src/bff', name), 'utf8'));
    const made = sources.flatMap((text) => [...text.matchAll(/(?:CommandError|super)\('([A-Z_]+)', (\d+)/g)].map(([, code, status]) => `${status} ${code}`));
    expect(made.length).toBeGreaterThan(10);
    const listed = new Set(tableBelow('docs/bff.md', 'statuses').flatMap(([statuses = '', codes = '']) =>
      statuses.split(', ').flatMap((status) => inlineCode(codes).map((code) => `${status} ${code}`))));
    expect([...new Set(made)].filter((one) => !listed.has(one))).toEqual([]);
  });
});

/** The examples find table, endpoint and credentials in the environment. */
const useTable = (engine: () => Engine): void => {
  const environment = { ...process.env };
  beforeAll(async () => {
    const table = await freshTable(engine());
    Object.assign(process.env, {
      ENTITY_TABLE_NAME: table, AWS_ENDPOINT_URL_DYNAMODB: engine().endpoint, AWS_REGION: 'local', AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local',
    });
    jest.resetModules();
  });
  afterAll(() => { process.env = { ...environment }; });
};

describeEngines('a service of seats', (engine) => {
  useTable(engine);
  let send: (method: string, path: string, headers?: Record<string, string>, body?: object) => Promise<{ status: number; etag: string | undefined; body: Record<string, unknown> | undefined }>;

  beforeAll(async () => {
    const { handler } = await import('./examples/bff-seats');
    send = async (method, path, headers, body) => {
      const response = await handler(event(method, path, headers, body), context);
      return { status: response.statusCode, etag: response.headers?.['etag'], body: response.body === undefined ? undefined : JSON.parse(response.body) };
    };
  });

  it('two clients, one version, two changes: one 200, one 412', async () => {
    const created = await send('PUT', '/seats/A1', { 'if-none-match': '*' }, { price: 10 });
    expect(created).toEqual({ status: 201, etag: expect.any(String), body: { pk: 'A1', sk: 'seat', price: 10 } });
    expect(await send('PUT', '/seats/A1', { 'if-none-match': '*' }, { price: 11 })).toMatchObject({ status: 412, etag: created.etag, body: { code: 'ITEM_EXISTS' } });

    const read = await send('GET', '/seats/A1');
    expect(read).toEqual({ ...created, status: 200 });
    const ifMatch = { 'if-match': read.etag ?? '' };
    const both = await Promise.all([12, 13].map((price) => send('PUT', '/seats/A1', ifMatch, { price })));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
    const [winner, loser] = both.sort((a, b) => a.status - b.status);
    expect(loser).toMatchObject({ etag: winner?.etag, body: { code: 'OPLOCK_CONFLICT' } });
    expect(await send('GET', '/seats/A1')).toEqual(winner);
    expect(await send('GET', '/seats/A1', { 'if-none-match': winner?.etag ?? '' })).toEqual({ status: 304, etag: winner?.etag, body: undefined });
  });

  it('a list of ETags, a star, a weak one, none', async () => {
    const { etag = '' } = await send('PUT', '/seats/B1', { 'if-none-match': '*' }, { price: 1 });
    const put = async (headers: Record<string, string>) => (await send('PUT', '/seats/B1', headers, { price: 2 })).status;
    expect(await put({})).toBe(428);
    expect(await put({ 'if-match': `W/${etag}` })).toBe(412);
    expect(await put({ 'if-match': '"1", "nonsense"' })).toBe(412);
    expect(await put({ 'if-match': etag.slice(1, -1) })).toBe(400);
    expect(await put({ 'if-match': `"1", ${etag}` })).toBe(200);
    expect(await put({ 'if-match': etag })).toBe(412);
    expect((await send('PUT', '/seats/none', { 'if-match': etag }, { price: 2 })).status).toBe(412);
    expect((await send('DELETE', '/seats/B1', { 'if-match': '*' })).status).toBe(204);
    expect((await send('GET', '/seats/B1')).status).toBe(404);
    expect((await send('DELETE', '/seats/B1', { 'if-match': '*' })).status).toBe(404);
  });

  it('the same command twice gets the first answer', async () => {
    const { etag = '' } = await send('PUT', '/seats/C1', { 'if-none-match': '*', 'idempotency-key': 'c1' }, { price: 1 });
    expect(await send('PUT', '/seats/C1', { 'if-none-match': '*', 'idempotency-key': 'c1' }, { price: 1 })).toMatchObject({ status: 201, etag });
    const change = () => send('PUT', '/seats/C1', { 'if-match': etag, 'idempotency-key': 'c2' }, { price: 2 });
    const first = await change();
    expect(first.status).toBe(200);
    expect(await change()).toEqual(first);
  });

  it('a rule decides who gets the seat', async () => {
    await send('PUT', '/seats/D1', { 'if-none-match': '*' }, { price: 1 });
    const hold = (customer: string) => send('POST', '/seats/D1/hold', {}, { customer });
    const all = await Promise.all(['ann', 'bob', 'cleo'].map(hold));
    expect(all.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    const holder = all.find(({ status }) => status === 200)?.body?.['customer'] as string;
    expect((await send('GET', '/seats/D1')).body).toMatchObject({ customer: holder });
    expect((await hold(holder)).status).toBe(200);
    expect((await send('POST', '/seats/none/hold', {}, { customer: 'ann' })).status).toBe(404);
  });
});

describeEngines('the commands of docs/bff.md', (engine) => {
  useTable(engine);

  it('do what the page says of them', async () => {
    const { changePrice, putOnSale, read, release, repair, takeOffSale } = await import('./examples/bff-commands');
    const created = await putOnSale('A1', 10);
    const again = await putOnSale('A1', 11);
    if (created.kind !== 'applied' || again.kind !== 'alreadyExists') throw new Error(`${created.kind}, ${again.kind}`);
    expect(again).toMatchObject({ version: created.version, current: { price: 10 } });
    expect(await read('A1')).toEqual({
      pk: 'A1', sk: 'seat', price: 10, timestamp: created.version, discriminator: 'seat', lastModifiedBy: 'system', awsregion: 'local', recentCommands: [expect.any(String), created.version],
    });

    const changed = await changePrice('A1', 12, created.version);
    if (changed.kind !== 'applied') throw new Error(changed.kind);
    expect(changed.version).toBeGreaterThan(Number(created.version));
    expect(await changePrice('A1', 13, created.version)).toMatchObject({ kind: 'conflict', expected: created.version, version: changed.version, current: { price: 12 } });
    expect(await release('A1', changed.version)).toMatchObject({ kind: 'applied', item: { price: 12 } });

    expect(await repair('A1', 1)).toMatchObject({ kind: 'applied', item: { price: 1, lastModifiedBy: 'operator' } });
    const timestamp = (await read('A1'))?.['timestamp'] as number;
    expect(await takeOffSale('A1', timestamp)).toMatchObject({ kind: 'applied', item: { deleted: true, ttl: expect.any(Number), price: 1 } });
    expect(await read('A1')).toBeUndefined();
    expect(await changePrice('A1', 13, timestamp)).toMatchObject({ kind: 'missing' });

    const back = await putOnSale('A1', 20);
    if (back.kind !== 'applied') throw new Error(back.kind);
    expect(back.version).toBeGreaterThan(timestamp + 1);
    expect(await read('A1')).not.toHaveProperty('deleted');
  });

  it('merge what two editors made of a seat', async () => {
    const { createCommands } = await import('../../src/bff');
    const { save } = await import('./examples/bff-merge');
    const seats = createCommands<{ price: number; notes?: string; view?: 'free' | 'restricted' }>();
    await seats.create({ pk: 'M1', sk: 'seat' }, { price: 10, notes: 'aisle' });
    const base = { pk: 'M1', sk: 'seat', price: 10, notes: 'aisle' };
    await Promise.all([save('M1', base, { ...base, price: 12 }), save('M1', base, { price: 10, view: 'restricted' })]);
    expect(await save('M1', base, base)).toEqual({ pk: 'M1', sk: 'seat', price: 12, view: 'restricted' });
    await expect(save('M1', base, { ...base, price: 13 })).rejects.toMatchObject({ code: 'SEAT_EDITED', statusCode: 409, message: expect.stringContaining('price') });
  });
});

describeLocal('the transaction of docs/bff.md', (engine) => {
  useTable(engine);

  it('moves a customer once, and not when somebody was faster', async () => {
    const { createCommands, orThrow } = await import('../../src/bff');
    const { move } = await import('./examples/bff-transact');
    const seats = createCommands<{ customer?: string }>();
    const make = async (id: string, sk = 'seat', attributes = {}) => orThrow(await seats.create({ pk: id, sk }, attributes)).version as number;
    const [from, to] = [{ id: 'T1', version: await make('T1', 'seat', { customer: 'ann' }) }, { id: 'T2', version: await make('T2') }];
    const customers = async () => Promise.all(['T1', 'T2'].map(async (id) => (await seats.get({ pk: id, sk: 'seat' }))?.customer));

    await expect(move('opera', 'ann', from, to, 'm1')).rejects.toMatchObject({ code: 'TRANSACTION_REJECTED', statusCode: 404, refusals: [{ name: 'show', kind: 'missing' }] });
    await make('opera', 'show');
    const versions = await move('opera', 'ann', from, to, 'm2');
    expect(await customers()).toEqual([undefined, 'ann']);
    expect(await move('opera', 'ann', from, to, 'm2')).toEqual(versions);
    await expect(move('opera', 'bob', from, to, 'm3')).rejects.toMatchObject({ refusals: [{ name: 'from', kind: 'conflict' }, { name: 'to', kind: 'conflict', current: { customer: 'ann' } }] });
    expect(await customers()).toEqual([undefined, 'ann']);
  });
});
