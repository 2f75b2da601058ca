import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { DomainConflictError, httpApi, type HttpApiOptions, type HttpRequest, type Route } from '../../../src/bff';

type Given = { routeKey?: string; headers?: Record<string, string>; body?: string; base64?: boolean; stage?: string; params?: Record<string, string>; query?: Record<string, string> };

/** As API Gateway sends it behind a catch-all route; `routeKey` and `params` where it has a route of its own. */
const event = (method: string, path: string, { routeKey = '$default', headers = {}, body, base64 = false, stage = '$default', params, query }: Given = {}): APIGatewayProxyEventV2 => ({
  version: '2.0', routeKey, rawPath: path, rawQueryString: '', headers, isBase64Encoded: base64,
  requestContext: { http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'jest' }, stage, requestId: 'r1' } as APIGatewayProxyEventV2['requestContext'],
  ...(body !== undefined && { body }), ...(params && { pathParameters: params }), ...(query && { queryStringParameters: query }),
});

const context = (left = 20_000) => ({ getRemainingTimeInMillis: () => left }) as Context;
const silent = { debug: () => {}, warn: () => {}, error: () => {} };

const call = async (routes: Record<string, Route>, sent: APIGatewayProxyEventV2, options: HttpApiOptions = {}) => {
  const { body, ...response } = await httpApi(routes, { logger: silent, ...options })(sent, context());
  return { ...response, ...(body !== undefined && { body: JSON.parse(body) }) };
};

/** What the route gets. */
const received = async (sent: APIGatewayProxyEventV2, options?: HttpApiOptions): Promise<{ request?: HttpRequest; statusCode: number; body?: { code: string } }> => {
  let request: HttpRequest | undefined;
  const response = await call({ $default: (one) => { request = one; } }, sent, options);
  return { ...response, ...(request && { request }) };
};

describe('routes', () => {
  const names = ['GET /seats', 'GET /seats/{id}', 'PUT /seats/{id}', 'GET /seats/best', 'GET /files/{path+}', 'GET /files/{id}', 'ANY /any/{id}', 'GET /a.b'];
  const routes = Object.fromEntries(names.map((name): [string, Route] => [name, ({ params }) => ({ name, params })]));

  it.each<[string, string, string, object]>([
    ['GET', '/seats', 'GET /seats', {}],
    ['GET', '/seats/A1', 'GET /seats/{id}', { id: 'A1' }],
    ['GET', '/seats/A1/', 'GET /seats/{id}', { id: 'A1' }],
    ['PUT', '/seats/A%2F1%20x', 'PUT /seats/{id}', { id: 'A/1 x' }],
    ['GET', '/seats/100%', 'GET /seats/{id}', { id: '100%' }],
    ['GET', '/seats/best', 'GET /seats/best', {}],
    ['GET', '/files/a', 'GET /files/{id}', { id: 'a' }],
    ['GET', '/files/a/b', 'GET /files/{path+}', { path: 'a/b' }],
    ['DELETE', '/any/1', 'ANY /any/{id}', { id: '1' }],
  ])('%s %s is for %s', async (method, path, name, params) => {
    expect(await call(routes, event(method, path))).toMatchObject({ statusCode: 200, body: { name, params } });
  });

  it('follows API Gateway where it has found the route', async () => {
    const sent = event('PUT', '/seats/A%2F1', { routeKey: 'PUT /seats/{id}', params: { id: 'A/1' } });
    expect((await call(routes, sent)).body).toEqual({ name: 'PUT /seats/{id}', params: { id: 'A/1' } });
  });

  it('leaves out the stage', async () => {
    expect((await call(routes, event('GET', '/dev/seats/A1', { stage: 'dev' }))).body).toEqual({ name: 'GET /seats/{id}', params: { id: 'A1' } });
    expect(await call(routes, event('GET', '/device', { stage: 'dev' }))).toMatchObject({ statusCode: 404 });
    expect(await call({ 'GET /': () => ({ root: true }) }, event('GET', '/dev', { stage: 'dev' }))).toMatchObject({ statusCode: 200 });
  });

  it('says what is not there, and what the path would take', async () => {
    expect(await call(routes, event('GET', '/nothing'))).toMatchObject({ statusCode: 404, body: { code: 'NOT_FOUND' } });
    expect(await call(routes, event('GET', '/aXb'))).toMatchObject({ statusCode: 404 });
    expect(await call(routes, event('DELETE', '/seats/A1'))).toMatchObject({ statusCode: 405, headers: { allow: 'GET, HEAD, PUT' }, body: { code: 'METHOD_NOT_ALLOWED' } });
  });

  it('takes everything else where there is a $default', async () => {
    expect((await call({ ...routes, $default: ({ method }) => ({ method }) }, event('DELETE', '/seats/A1'))).body).toEqual({ method: 'DELETE' });
  });

  it('answers HEAD as GET, without a body', async () => {
    expect(await call(routes, event('HEAD', '/seats/A1'))).toEqual({ statusCode: 200, headers: { 'content-type': 'application/json', 'cache-control': 'no-cache' } });
    const refused = await call(routes, event('HEAD', '/nothing'));
    expect(refused).toMatchObject({ statusCode: 404 });
    expect(refused).not.toHaveProperty('body');
  });

  it.each(['/seats', 'get /seats', 'PUT seats', 'PUT /a b', ''])('refuses the route key %j at the start', (key) => {
    expect(() => httpApi({ [key]: () => ({}) })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });
});

describe('the request', () => {
  it('has what was sent', async () => {
    const { request } = await received(event('PUT', '/x', { headers: { 'X-One': '1', 'Idempotency-Key': 'c1', 'content-type': 'application/json' }, query: { a: '1,2' }, body: '{"buyer":"ann"}' }));
    expect(request).toMatchObject({ method: 'PUT', headers: { 'x-one': '1' }, query: { a: '1,2' }, body: { buyer: 'ann' }, commandId: 'c1' });
    expect(request?.signal.aborted).toBe(false);
    expect(request?.command).toEqual({ commandId: 'c1', signal: request?.signal });
    expect((await received(event('PUT', '/x'))).request?.command).toEqual({ signal: expect.anything() });
    expect((await received(event('GET', '/x'))).request).toMatchObject({ body: undefined, commandId: undefined, params: {}, query: {} });
  });

  it('reads JSON, also in base64', async () => {
    const body = Buffer.from('{"buyer":"änn"}').toString('base64');
    expect((await received(event('PUT', '/x', { body, base64: true }))).request?.body).toEqual({ buyer: 'änn' });
  });

  it.each<[string, Given, number, string]>([
    ['what is no JSON', { body: '{"secret"' }, 400, 'INVALID_BODY'],
    ['what is no base64', { body: '{"a":1}', base64: true }, 400, 'INVALID_BODY'],
    ['what is no UTF-8', { body: Buffer.from([0x22, 0xff, 0x22]).toString('base64'), base64: true }, 400, 'INVALID_BODY'],
    ['too much', { body: `"${'x'.repeat(99)}"` }, 413, 'BODY_TOO_LARGE'],
    ['too many bytes in few characters', { body: `"${'é'.repeat(50)}"` }, 413, 'BODY_TOO_LARGE'],
    ['another type', { body: 'a=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['a key that is none', { headers: { 'idempotency-key': '' } }, 400, 'INVALID_IDEMPOTENCY_KEY'],
  ])('is refused for %s', async (_what, given, status, code) => {
    const { statusCode, body, request } = await received(event('PUT', '/x', given), { maxBodyBytes: 100 });
    expect([statusCode, body?.code, request]).toEqual([status, code, undefined]);
    expect(JSON.stringify(body)).not.toContain('secret');
  });

  it.each(['application/json', 'Application/JSON; charset=utf-8', 'application/merge-patch+json', ' application/vnd.seat.v1+json '])('takes %j for JSON', async (type) => {
    expect((await received(event('PUT', '/x', { body: '1', headers: { 'content-type': type } }))).request?.body).toBe(1);
  });

  it('takes a body of the largest size', async () => {
    expect((await received(event('PUT', '/x', { body: `"${'x'.repeat(98)}"` }), { maxBodyBytes: 100 })).statusCode).toBe(204);
  });

  it('has the precondition, which only safe methods may go without', async () => {
    const routes = { 'ANY /x': ({ precondition }: HttpRequest) => precondition() };
    expect((await call(routes, event('PUT', '/x', { headers: { 'If-Match': '"1"' } }))).body).toEqual({ kind: 'ifMatch', ifMatch: [{ tag: '1', weak: false }] });
    for (const method of ['PUT', 'PATCH', 'DELETE', 'POST']) expect(await call(routes, event(method, '/x'))).toMatchObject({ statusCode: 428, body: { code: 'PRECONDITION_REQUIRED' } });
    expect(await call(routes, event('GET', '/x'))).toMatchObject({ statusCode: 200, body: { kind: 'none' } });
    expect(await call(routes, event('PUT', '/x'), { requirePrecondition: false })).toMatchObject({ body: { kind: 'none' } });
    expect(await call({ 'PUT /x': ({ precondition }) => precondition({ required: false }) }, event('PUT', '/x'))).toMatchObject({ body: { kind: 'none' } });
    expect(await call(routes, event('PUT', '/x', { headers: { 'If-Match': '1' } }))).toMatchObject({ statusCode: 400, body: { code: 'INVALID_PRECONDITION' } });
  });
});

describe('the response', () => {
  const answer = (returned: unknown) => httpApi({ 'GET /x': () => returned as object })(event('GET', '/x'), context());

  it('is what the route returns', async () => {
    const response = { statusCode: 202, headers: { 'x-one': '1' }, body: 'text', cookies: ['a=1'] };
    expect(await answer(response)).toEqual(response);
    expect(await answer(Promise.resolve({ statusCode: 202 }))).toEqual({ statusCode: 202 });
    expect(await answer([1])).toMatchObject({ statusCode: 200, body: '[1]' });
    expect(await answer(undefined)).toEqual({ statusCode: 204, headers: {} });
  });

  it('is a problem when the route throws, at once or later', async () => {
    const error = new DomainConflictError('SEAT_HELD', 'held by somebody else');
    for (const route of [() => { throw error; }, async () => { throw error; }]) {
      expect(await call({ 'GET /x': route }, event('GET', '/x'))).toMatchObject({ statusCode: 409, body: { code: 'SEAT_HELD', detail: 'held by somebody else', instance: '/x' } });
    }
  });

  it('is a problem when it cannot be made', async () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    expect(await call({ 'GET /x': () => circular }, event('GET', '/x'))).toMatchObject({ statusCode: 500 });
  });

  it('logs what is not the client\'s fault, and answers even when the log fails', async () => {
    const error = jest.fn(() => { throw new Error('log'); });
    const logger = { ...silent, error };
    const routes: Record<string, Route> = { 'GET /bug': () => { throw new TypeError('oops'); }, 'GET /no': () => { throw new DomainConflictError('NO', 'no'); } };
    expect(await call(routes, event('GET', '/no'), { logger })).toMatchObject({ statusCode: 409 });
    expect(error).not.toHaveBeenCalled();
    expect(await call(routes, event('GET', '/bug'), { logger })).toMatchObject({ statusCode: 500 });
    expect(error).toHaveBeenCalledWith(expect.any(String), expect.objectContaining({ statusCode: 500, error: 'TypeError: oops', requestId: 'r1' }));
  });

  it('is 500 even for an error that cannot be looked at', async () => {
    const hostile = new Error();
    for (const field of ['statusCode', 'message', 'name', 'details', 'code']) Object.defineProperty(hostile, field, { get: () => { throw new Error('no'); } });
    expect(await call({ 'GET /x': () => { throw hostile; } }, event('GET', '/x'))).toMatchObject({ statusCode: 500 });
  });

  it.each([undefined, null, {}, { version: '1.0', httpMethod: 'GET', path: '/x' }])('is 500, with the reason in the log, for the event %j', async (wrong) => {
    const error = jest.fn();
    expect(await httpApi({ 'GET /x': () => ({}) }, { logger: { ...silent, error } })(wrong as never, context())).toMatchObject({ statusCode: 500 });
    expect(error).toHaveBeenCalledTimes(1);
  });
});

describe('the end of the time', () => {
  beforeEach(() => { jest.useFakeTimers(); });
  afterEach(() => { jest.useRealTimers(); });

  it('aborts what is under way a second before', async () => {
    let aborted = false;
    const answer = httpApi({ 'GET /x': ({ signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => { aborted = true; reject(signal.reason); })) }, { logger: silent })(event('GET', '/x'), context(10_000));
    await jest.advanceTimersByTimeAsync(8_999);
    expect(aborted).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect(aborted).toBe(true);
    expect(await answer).toMatchObject({ statusCode: 503, headers: { 'retry-after': '1' } });
  });

  it('answers, though the route does not', async () => {
    const answer = httpApi({ 'GET /x': () => new Promise(() => {}) }, { logger: silent })(event('GET', '/x'), context(10_000));
    await jest.advanceTimersByTimeAsync(9_500);
    expect(await answer).toMatchObject({ statusCode: 503 });
  });

  it('leaves no timer behind', async () => {
    await call({ 'GET /x': () => ({}) }, event('GET', '/x'));
    expect(jest.getTimerCount()).toBe(0);
  });
});
