import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { json, type RestRequest } from '../../../../src/locks/rest/http';
import type { LockService } from '../../../../src/locks/rest/lock-service';
import { startLockServer, type LockServer } from '../../../../src/locks/rest/node-server';

let server: LockServer | undefined;
afterEach(() => server?.close());

/** A service that keeps what it was asked; with `hang`, answers when its signal aborts. */
const recording = (hang = false): LockService & { readonly asked: RestRequest[]; readonly aborted: Promise<void> } => {
  const asked: RestRequest[] = [];
  let onAbort = (): void => {};
  const aborted = new Promise<void>((resolve) => { onAbort = resolve; });
  return {
    asked,
    aborted,
    handle: (request) => {
      asked.push(request);
      if (!hang) return Promise.resolve(json(200, { ok: true }, { etag: '"1"' }));
      return new Promise((resolve) => {
        request.signal?.addEventListener('abort', () => {
          onAbort();
          resolve(json(503, {}));
        });
      });
    },
  };
};

const until = async (is: () => boolean): Promise<void> => {
  while (!is()) await new Promise((resolve) => { setImmediate(resolve); });
};

it('passes a request on, decoded', async () => {
  const service = recording();
  server = await startLockServer(service);
  expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
  const response = await fetch(`${server.url}/locks/a%2Fb%20c/renew/?wait=5s&etag=%221%22`, { method: 'POST', headers: { 'Lock-Token': 'T' }, body: 'ü' });
  expect([response.status, response.headers.get('etag'), await response.json()]).toEqual([200, '"1"', { ok: true }]);
  expect(service.asked[0]).toMatchObject({ method: 'POST', segments: ['locks', 'a/b c', 'renew'], query: { wait: '5s', etag: '"1"' }, headers: { 'lock-token': 'T' }, body: 'ü' });
  await fetch(server.url);
  expect(service.asked[1]?.segments).toEqual([]);
});

it('refuses a path that cannot be decoded, and survives what is no HTTP', async () => {
  const service = recording();
  const { port, url } = server = await startLockServer(service);
  const status = await new Promise((resolve) => { httpRequest({ port, path: '/locks/%ff' }, (response) => { response.resume(); resolve(response.statusCode); }).end(); });
  expect([status, service.asked]).toEqual([400, []]);
  await new Promise((resolve) => { connect(port, '127.0.0.1').on('close', resolve).on('data', () => {}).end('nonsense\r\n\r\n'); });
  expect((await fetch(url)).status).toBe(200);
});

it('cuts off a body that is too large for any request, and says so', async () => {
  const service = recording();
  server = await startLockServer(service);
  await fetch(server.url, { method: 'PUT', body: 'x'.repeat(3_000_000) });
  const kept = service.asked[0]?.body?.length ?? 0;
  expect([kept > 1_048_576, kept < 2_000_000]).toEqual([true, true]);
});

it('lets go of a connection that is gone', async () => {
  const service = recording(true);
  server = await startLockServer(service);
  const hanging = httpRequest(`${server.url}/locks/a`).on('error', () => {});
  hanging.end();
  await until(() => service.asked.length === 1);
  const { socket } = service.asked[0]?.raw as IncomingMessage;
  const gone = new Promise((resolve) => { socket.once('close', resolve); });
  hanging.destroy();
  await Promise.all([gone, service.aborted]);
  const destroy = jest.spyOn(socket, 'destroy');
  await server.close();
  expect(destroy).not.toHaveBeenCalled();
});

it('tells the service when the client hangs up', async () => {
  const service = recording(true);
  server = await startLockServer(service);
  const hanging = httpRequest(`${server.url}/locks/a`).on('error', () => {});
  hanging.end();
  await until(() => service.asked.length === 1);
  expect(service.asked[0]?.signal?.aborted).toBe(false);
  hanging.destroy();
  await service.aborted;
});

it('ends what waits when it closes, and lets it answer', async () => {
  const service = recording(true);
  const { url, close } = await startLockServer(service);
  const idle = connect(Number(new URL(url).port), '127.0.0.1');
  const waiting = fetch(`${url}/locks/a`);
  await until(() => service.asked.length === 1);
  const closed = close();
  expect((await waiting).status).toBe(503);
  await closed;
  await expect(fetch(url)).rejects.toThrow();
  idle.destroy();
});

it('says when its port is taken', async () => {
  server = await startLockServer(recording());
  await expect(startLockServer(recording(), { port: server.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
