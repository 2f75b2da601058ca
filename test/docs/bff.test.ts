import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { build } from 'esbuild';
import express from 'express';
import { DomainConflictError, ItemMissingError, type RouteResponse } from '../../src/bff';
import { describeEngines } from '../support/engines';
import { ROOT } from './markdown';

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

describeEngines('the example of docs/bff.md', (engine) => {
  const environment = { ...process.env };
  let send: (method: string, path: string, headers?: Record<string, string>, body?: object) => Promise<{ status: number; etag: string | undefined; body: Record<string, unknown> | undefined }>;

  beforeAll(async () => {
    const table = `bff-${randomUUID()}`;
    await engine().createTable({ name: table, partitionKey: 'pk', sortKey: 'sk' });
    Object.assign(process.env, {
      ENTITY_TABLE_NAME: table, AWS_ENDPOINT_URL_DYNAMODB: engine().endpoint, AWS_REGION: 'local', AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local',
    });
    jest.resetModules();
    const { handler } = await import('./examples/bff-seats');
    send = async (method, path, headers, body) => {
      const response = await handler(event(method, path, headers, body), context);
      return { status: response.statusCode, etag: response.headers?.['etag'], body: response.body === undefined ? undefined : JSON.parse(response.body) };
    };
  });
  afterAll(() => { process.env = { ...environment }; });

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
