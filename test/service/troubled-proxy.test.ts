import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startTroubledProxy, type TroubledProxy, type Troubles } from '../../src/service/local/troubled-proxy';

let server: Server;
let proxy: TroubledProxy;
let executed: string[];

beforeEach(async () => {
  executed = [];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => { body += chunk.toString(); });
    request.on('end', () => {
      executed.push(`${request.method} ${request.url} ${body}`);
      response.writeHead(201, { 'x-answer': 'yes' }).end(`got ${body}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy = await startTroubledProxy(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, () => 0);
});

afterEach(async () => {
  await proxy.stop();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const post = (troubles: Troubles): Promise<Response> => {
  proxy.trouble(troubles);
  return fetch(`${proxy.endpoint}/path?q=1`, { method: 'POST', body: 'hello' });
};

it('passes requests and answers on as they are', async () => {
  const response = await post({});
  expect([response.status, response.headers.get('x-answer'), await response.text()]).toEqual([201, 'yes', 'got hello']);
  expect(executed).toEqual(['POST /path?q=1 hello']);
});

it('loses the answer of a request that was executed', async () => {
  await expect(post({ lostResponse: 1 })).rejects.toThrow('fetch failed');
  expect(executed).toEqual(['POST /path?q=1 hello']);
  expect(proxy.counts).toEqual({ requests: 1, lost: 1, errors: 0, throttled: 0 });
});

it('answers with errors, having executed every other request', async () => {
  const first = await post({ serverError: 1 });
  expect([first.status, executed.length]).toEqual([500, 0]);
  await first.text();
  const second = await post({ serverError: 1 });
  expect([second.status, executed.length]).toEqual([500, 1]);
  await second.text();
});

it('throttles without executing anything', async () => {
  const response = await post({ throttle: 1 });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ __type: expect.stringContaining('ThrottlingException') });
  expect(executed).toEqual([]);
});
