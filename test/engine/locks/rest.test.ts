import { randomUUID } from 'node:crypto';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLockClient } from '../../../src/locks/lease/client';
import { createRestLocks } from '../../../src/locks/rest/client/rest-locks';
import { apiKeys } from '../../../src/locks/rest/authorizer';
import { createLockService } from '../../../src/locks/rest/lock-service';
import { startLockServer, type LockServer } from '../../../src/locks/rest/node-server';
import { describeLocal } from '../../support/engines';
import { bearer, KEYS, keptLog, lockTableOf, SECRET } from '../../support/locks/rest';

/** Two nodes of the service on one table, and whoever comes between them and their clients. */
describeLocal('the lock service', (engine) => {
  let tableName: string;
  const nodes: LockServer[] = [];
  const urlOf = (at: number): string => nodes[at]?.url ?? '';

  beforeAll(async () => {
    tableName = await lockTableOf(engine());
    for (let at = 0; at < 2; at += 1) {
      const service = createLockService({ client: engine().client, tableName, authorizer: apiKeys(KEYS), secret: SECRET, logger: keptLog(), minTtlMs: 300, pollMs: 50, rateLimit: false });
      nodes.push(await startLockServer(service));
    }
  });
  afterAll(() => Promise.all(nodes.map((node) => node.close())));

  interface Asked { readonly who?: string; readonly headers?: Record<string, string>; readonly body?: object }
  const send = async (node: number, method: string, path: string, { who = 'ada', headers = {}, body }: Asked = {}) => {
    const response = await fetch(`${urlOf(node)}${path}`, {
      method, headers: { ...bearer(who), 'idempotency-key': randomUUID(), ...(body ? { 'content-type': 'application/json' } : {}), ...headers }, ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    return { status: response.status, etag: response.headers.get('etag'), body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> };
  };
  const renew = (node: number, name: string, lockId: unknown) => send(node, 'POST', `/locks/${name}/renew`, { headers: { 'lock-token': String(lockId) } });

  it('5.4 #30: a PUT that a proxy replays to another node has the same grant', async () => {
    const [name, headers] = [randomUUID(), { 'idempotency-key': randomUUID() }];
    const asked = { headers, body: { owner: 'w', ttlMs: 10_000 } };
    const answers = [await send(0, 'PUT', `/locks/${name}`, asked), await send(1, 'PUT', `/locks/${name}`, asked), await send(0, 'PUT', `/locks/${name}`, asked)];
    expect(answers.map(({ status }) => status)).toEqual([201, 200, 200]);
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    // Also both at once: one of them is first.
    const other = randomUUID();
    const both = await Promise.all([0, 1].map((node) => send(node, 'PUT', `/locks/${other}`, asked)));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 201]);
    expect(both[0]?.body).toEqual(both[1]?.body);
  });

  it('5.4 #30: a renewal whose answer was lost is sent again', async () => {
    const name = randomUUID();
    const { body: { lockId } } = await send(0, 'PUT', `/locks/${name}`, { body: { ttlMs: 10_000 } });
    const [lost, again] = [await renew(0, name, lockId), await renew(1, name, lockId)];
    expect([lost.status, again.status, lost.etag === again.etag]).toEqual([200, 200, false]);
  });

  it('5.4 #30: deleted twice is deleted', async () => {
    const name = randomUUID();
    const { body: { lockId } } = await send(0, 'PUT', `/locks/${name}`);
    const headers = { 'lock-token': String(lockId) };
    expect([(await send(0, 'DELETE', `/locks/${name}`, { headers })).status, (await send(1, 'DELETE', `/locks/${name}`, { headers })).status]).toEqual([204, 204]);
  });

  it('5.4 #30: a wrong token is refused, and the lock is as it was', async () => {
    const name = randomUUID();
    const { body: { lockId } } = await send(0, 'PUT', `/locks/${name}`);
    for (const headers of [{ 'lock-token': 'x'.repeat(34) }, { 'lock-token': `${String(lockId)}x` }]) {
      expect((await send(1, 'DELETE', `/locks/${name}`, { headers })).status).toBe(412);
      expect((await send(1, 'POST', `/locks/${name}/renew`, { headers })).status).toBe(412);
    }
    expect((await send(1, 'DELETE', `/locks/${name}`, { who: 'bob', headers: { 'lock-token': String(lockId) } })).status).toBe(412);
    expect((await renew(1, name, lockId)).status).toBe(200);
  });

  it('5.4 #30: a live holder\'s lock is broken: its next renewal is refused on every node, and the lock is free after its lease', async () => {
    const name = randomUUID();
    const { body: { lockId } } = await send(0, 'PUT', `/locks/${name}`, { body: { ttlMs: 600 } });
    const broken = await send(1, 'POST', `/locks/${name}/break`, { who: 'root' });
    const from = performance.now();
    expect([broken.status, (await renew(0, name, lockId)).status, (await renew(1, name, lockId)).status]).toEqual([202, 412, 412]);
    const next = await send(0, 'PUT', `/locks/${name}`, { who: 'bob', body: { ttlMs: 1_000, waitMs: 10_000 } });
    expect(next.status).toBe(201);
    expect(performance.now() - from).toBeGreaterThanOrEqual(Number(broken.body['retryAfterMs']) - 600);
  });

  it('5.4 #30: a break reaches lock clients of the same table, in their renewals and in what they guard', async () => {
    const key = randomUUID();
    const client = createLockClient({ client: engine().client, tableName, leaseMs: 5_000, heartbeatMs: false, logger: keptLog() });
    const lock = await client.acquire(key);
    expect((await send(0, 'PUT', `/locks/${key}`)).body).toMatchObject({ status: 423, holder: { owner: lock.ownerName } });
    expect((await send(0, 'POST', `/locks/${key}/break`, { who: 'root' })).status).toBe(202);
    const write = { Put: { TableName: tableName, Item: { key: `${key}-guarded`, ownerName: 'x', leaseDuration: '0', recordVersionNumber: 'r', isReleased: '1' } } };
    await expect(lock.guard([write])).rejects.toMatchObject({ code: 'LOCK_LOST' });
    await expect(lock.heartbeat()).rejects.toMatchObject({ code: 'LOCK_LOST' });
    await client.close();
  });

  it('gives a lock client the lock that the service has held, and the other way round', async () => {
    const key = randomUUID();
    const client = createLockClient({ client: engine().client, tableName, leaseMs: 5_000, heartbeatMs: false, logger: keptLog() });
    const { body: { lockId } } = await send(0, 'PUT', `/locks/${key}`, { body: { owner: 'w', ttlMs: 5_000 } });
    expect(await client.tryAcquire(key)).toMatchObject({ acquired: false, holder: { ownerName: 'ada/w', leaseMs: 5_000 } });
    await send(1, 'DELETE', `/locks/${key}`, { headers: { 'lock-token': String(lockId) } });
    const lock = await client.acquire(key);
    expect((await renew(0, key, lockId)).status).toBe(412);
    await lock.release();
    expect((await send(1, 'PUT', `/locks/${key}`)).status).toBe(201);
    await client.close();
  });

  it('speaks to its client through a network that loses answers', async () => {
    let lost = 0;
    /** Passes everything on to one node or the other, and drops every third answer. */
    const proxy: Server = createServer((incoming, outgoing) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
        lost += 1;
        const drop = lost % 3 === 0;
        const forward = httpRequest(`${urlOf(lost % 2)}${incoming.url ?? ''}`, { method: incoming.method, headers: incoming.headers }, (response) => {
          if (drop) {
            response.resume().on('end', () => outgoing.destroy());
            return;
          }
          outgoing.writeHead(response.statusCode ?? 500, response.headers);
          response.pipe(outgoing);
        });
        forward.on('error', () => outgoing.destroy());
        forward.end(Buffer.concat(chunks));
      });
    });
    await new Promise<void>((resolve) => { proxy.listen(0, '127.0.0.1', resolve); });
    const baseUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const [name, counter] = [randomUUID(), { value: 0, inside: 0 }];
    const workers = ['ada', 'bob'].map((who) => createRestLocks({ baseUrl, key: `${who}-key`, owner: who, logger: keptLog() }));
    await Promise.all(workers.flatMap((locks) => [1, 2, 3].map(() => locks.withLock(name, { ttlMs: 5_000, waitMs: 60_000 }, async ({ signal }) => {
      counter.inside += 1;
      expect([counter.inside, signal.aborted]).toEqual([1, false]);
      const { value } = counter;
      await new Promise((resolve) => { setTimeout(resolve, 5); });
      counter.value = value + 1;
      counter.inside -= 1;
    }))));
    expect(counter).toEqual({ value: 6, inside: 0 });
    expect(lost).toBeGreaterThan(12);
    await new Promise((resolve) => { proxy.close(resolve); proxy.closeAllConnections(); });
  }, 60_000);
});
