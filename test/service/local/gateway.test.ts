import { request } from 'node:http';
import { connect } from 'node:net';
import type { HttpApiEvent } from '../../../src/service/local/http-event';
import { toWireResponse } from '../../../src/service/local/http-response';
import { startGateway, type Gateway, type Integration } from '../../../src/service/local/http-gateway';
import { createRouter } from '../../../src/service/local/routes';

const events: HttpApiEvent[] = [];
let respond: Integration;
let gateway: Gateway;

const integration: Integration = (event) => {
  events.push(event);
  return respond(event);
};

beforeAll(async () => {
  gateway = await startGateway({
    routes: { 'GET /seats/{id}': integration, 'PUT /seats/{id}': integration, 'POST /seats/{id}/hold': integration, 'GET /shows/{show}/seats': integration },
    now: () => Date.UTC(2026, 10, 21, 13, 30, 5, 7),
  });
});
afterAll(() => gateway.stop());
beforeEach(() => {
  events.length = 0;
  respond = async () => ({ statusCode: 204 });
});

const received = async (path: string, init?: RequestInit): Promise<HttpApiEvent> => {
  await fetch(`${gateway.url}${path}`, init);
  expect(events).toHaveLength(1);
  return events[0] as HttpApiEvent;
};

describe('the event', () => {
  it('has the form of payload format 2.0', async () => {
    const event = await received('/seats/A1', { headers: { 'user-agent': 'box office', 'If-None-Match': '"17"' } });
    expect(event).toEqual({
      version: '2.0',
      routeKey: 'GET /seats/{id}',
      rawPath: '/seats/A1',
      rawQueryString: '',
      headers: expect.objectContaining({ 'if-none-match': '"17"', host: `127.0.0.1:${gateway.port}`, 'x-forwarded-for': '127.0.0.1', 'x-forwarded-port': String(gateway.port) }),
      pathParameters: { id: 'A1' },
      requestContext: {
        accountId: '000000000000', apiId: 'local', domainName: `127.0.0.1:${gateway.port}`, domainPrefix: 'local',
        http: { method: 'GET', path: '/seats/A1', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'box office' },
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/), routeKey: 'GET /seats/{id}', stage: '$default',
        time: '21/Nov/2026:13:30:05 +0000', timeEpoch: Date.UTC(2026, 10, 21, 13, 30, 5, 7),
      },
      isBase64Encoded: false,
    });
  });

  it('has the path decoded, with a slash inside a parameter', async () => {
    expect(await received('/seats/row%20A%2F1')).toMatchObject({ rawPath: '/seats/row A/1', pathParameters: { id: 'row A/1' } });
  });

  it('has the query as it was sent, and decoded with repeated values joined', async () => {
    expect(await received('/shows/hamlet/seats?state=held&state=paid&row=A%26B&empty=')).toMatchObject({
      rawQueryString: 'state=held&state=paid&row=A%26B&empty=', queryStringParameters: { state: 'held,paid', row: 'A&B', empty: '' },
    });
  });

  it('has cookies apart, and repeated headers joined', async () => {
    await new Promise<void>((resolve, reject) => {
      request(`${gateway.url}/seats/A1`, { headers: ['host', 'localhost', 'cookie', 'a=1; b=2', 'X-Trace', 'one', 'x-trace', 'two', 'if-match', '"1"', 'If-Match', 'W/"2"'] }, (response) => {
        response.resume().on('end', resolve);
      }).on('error', reject).end();
    });
    expect(events[0]).toMatchObject({ cookies: ['a=1', 'b=2'], headers: { 'x-trace': 'one,two', 'if-match': '"1",W/"2"' } });
    expect(events[0]?.headers).not.toHaveProperty('cookie');
  });

  it.each([
    ['application/json', false], ['Application/JSON; charset=utf-8', false], ['text/csv', false], ['application/xml', false],
    ['application/octet-stream', true], ['application/merge-patch+json', true], ['application/x-www-form-urlencoded', true], [undefined, true],
  ])('has a body of type %s as base64: %s', async (type, base64) => {
    const bytes = Buffer.from('{"state":"grün"}');
    const event = await received('/seats/A1', { method: 'PUT', body: new Uint8Array(bytes), headers: type === undefined ? {} : { 'content-type': type } });
    expect(event.isBase64Encoded).toBe(base64);
    expect(event.body).toBe(base64 ? bytes.toString('base64') : bytes.toString());
    expect(event.headers['content-length']).toBe(String(bytes.length));
  });
});

describe('the answer', () => {
  const answered = async (response: unknown): Promise<Response> => {
    respond = async () => response;
    return fetch(`${gateway.url}/seats/A1`);
  };

  it('is the response with status, headers, cookies and body', async () => {
    const response = await answered({ statusCode: 412, headers: { ETag: '"18"', 'X-Count': 3, 'content-type': 'application/problem+json' }, cookies: ['a=1', 'b=2; Secure'], body: '{"code":"OPLOCK_CONFLICT"}' });
    expect(response.status).toBe(412);
    expect(Object.fromEntries(response.headers)).toMatchObject({ etag: '"18"', 'x-count': '3', 'content-type': 'application/problem+json' });
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2; Secure']);
    expect(await response.json()).toEqual({ code: 'OPLOCK_CONFLICT' });
  });

  it('is the bytes of a base64 body', async () => {
    const response = await answered({ statusCode: 200, isBase64Encoded: true, body: Buffer.from([0, 255, 1]).toString('base64'), headers: { 'content-type': 'application/octet-stream' } });
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0, 255, 1]);
  });

  it.each([
    [{ seat: 'A1' }, '{"seat":"A1"}'], ['just text', 'just text'], [[1, 2], '[1,2]'], [null, 'null'],
  ])('is a 200 of JSON when there is no status code: %j', async (value, body) => {
    const response = await answered(value);
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([200, 'application/json', body]);
  });

  it.each([
    ['a status that is none', { statusCode: 'ok' }],
    ['a body that is no text', { statusCode: 200, body: { seat: 'A1' } }],
    ['headers that are lists', { statusCode: 200, headers: { etag: ['"1"'] } }],
    ['headers that no wire takes', { statusCode: 200, headers: { 'x-note': 'one\r\ntwo' } }],
    ['a header without a name', { statusCode: 200, headers: { '': 'x' } }],
    ['cookies that are no list', { statusCode: 200, cookies: 'a=1' }],
  ])('is a 500 for %s', async (_what, value) => {
    expect(toWireResponse(value).statusCode).toBe(500);
    expect((await answered(value)).status).toBe(500);
  });

  it('has no body with 304 and 204', async () => {
    for (const statusCode of [304, 204]) {
      const response = await answered({ statusCode, headers: { etag: '"17"' }, body: '' });
      expect([response.status, response.headers.get('etag'), response.headers.get('content-length'), await response.text()]).toEqual([statusCode, '"17"', null, '']);
    }
  });

  it('is a 500 that tells nothing when the function fails', async () => {
    respond = async () => { throw new Error('secret'); };
    const response = await fetch(`${gateway.url}/seats/A1`);
    expect([response.status, await response.json()]).toEqual([500, { message: 'Internal Server Error' }]);
  });

  it.each([
    ['a path without a route', '/tickets', 'GET'], ['a method without a route', '/seats/A1', 'DELETE'], ['an empty parameter', '/seats/', 'GET'], ['a path that is too long', '/seats/A1/', 'GET'],
  ])('is 404 for %s', async (_what, path, method) => {
    const response = await fetch(`${gateway.url}${path}`, { method });
    expect([response.status, await response.json()]).toEqual([404, { message: 'Not Found' }]);
    expect(events).toEqual([]);
  });

  it('is 400 for a path that cannot be decoded', async () => {
    expect((await fetch(`${gateway.url}/seats/%ff`)).status).toBe(400);
  });

  it('is 413 above 10 MB, and not at 10 MB', async () => {
    const put = (bytes: number) => fetch(`${gateway.url}/seats/A1`, { method: 'PUT', body: new Uint8Array(bytes) });
    const response = await put(10 * 1024 * 1024 + 1);
    expect([response.status, await response.json()]).toEqual([413, { message: 'Request Entity Too Large' }]);
    expect((await put(10 * 1024 * 1024)).status).toBe(204);
  });
});

describe('the routes', () => {
  const route = createRouter({ '$default': 0, 'ANY /a/{x}': 1, 'GET /a/{x}': 2, 'GET /a/b': 3, 'GET /a/{rest+}': 4, 'ANY /{all+}': 5, 'GET /': 6 });

  it.each([
    ['GET', '/a/b', 'GET /a/b', {}],
    ['GET', '/a/c', 'GET /a/{x}', { x: 'c' }],
    ['PUT', '/a/b', 'ANY /a/{x}', { x: 'b' }],
    ['GET', '/a/c/d%2Fe', 'GET /a/{rest+}', { rest: 'c/d/e' }],
    ['PUT', '/a/c/d', 'ANY /{all+}', { all: 'a/c/d' }],
    ['GET', '/', 'GET /', {}],
    ['PUT', '/', '$default', {}],
  ])('take %s %s to %s', (method, path, routeKey, pathParameters) => {
    expect(route(method, path)).toMatchObject({ routeKey, pathParameters });
  });

  it('refuse a route key that is none', () => {
    expect(() => createRouter({ 'seats/{id}': 1 })).toThrow(expect.objectContaining({ code: 'INVALID_ROUTE' }));
  });
});

describe('the server', () => {
  it('listens on the loopback interface only', async () => {
    await expect(new Promise((resolve, reject) => {
      connect({ port: gateway.port, host: '127.0.0.2' }).once('connect', resolve).once('error', reject);
    })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('says when its port is taken', async () => {
    await expect(startGateway({ routes: {}, port: gateway.port })).rejects.toMatchObject({ code: 'PORT_IN_USE', message: expect.stringContaining(String(gateway.port)) });
  });

  it.each([
    ['nothing', ''],
    ['half of its headers', 'PUT /seats/A1 HTTP/1.1\r\nhost: x\r\n'],
    ['half of its body', 'PUT /seats/A1 HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{"pr'],
  ])('does not wait when it stops for who has sent %s', async (_what, sent) => {
    const other = await startGateway({ routes: { 'PUT /seats/{id}': async () => ({ statusCode: 204 }) } });
    const socket = connect(other.port, '127.0.0.1');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => {});
    await new Promise<void>((resolve) => { socket.once('connect', () => { socket.write(sent, () => resolve()); }); });
    await other.stop();
    await closed;
  });

  it('lets the requests under way end when it stops', async () => {
    let finish = (): void => {};
    const reached = new Promise<void>((arrived) => {
      respond = () => new Promise((resolve) => { finish = () => resolve({ statusCode: 200, body: 'done' }); arrived(); });
    });
    const other = await startGateway({ routes: { $default: integration } });
    const answer = fetch(other.url);
    await reached;
    const stopped = other.stop();
    finish();
    expect(await (await answer).text()).toBe('done');
    await stopped;
    await expect(fetch(other.url)).rejects.toThrow();
  });
});
