import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { DynamoDBClient, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { createLockClient, type Lock, type LockClient, type LockClientOptions } from '../../../src/locks';
import { describeLocal, freshTable } from '../../support/engines';

/** Forwards every connection to the port, until it swallows what comes without a word. */
const startProxy = async (port: number) => {
  const sockets = new Set<Socket>();
  let open = true;
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const [from, to] of [[near, far], [far, near]] as const) {
      sockets.add(from);
      from.on('data', (data) => { if (open) to.write(data); });
      from.on('error', () => {});
      from.on('close', () => { sockets.delete(from); to.destroy(); });
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    swallow: () => { open = false; },
    stop: () => new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    }),
  };
};

const lossOf = async ({ signal }: Lock): Promise<unknown> => {
  if (!signal.aborted) await once(signal, 'abort');
  return signal.reason;
};

describeLocal('a table that does not answer, and rows that disappear', (engine) => {
  let table: string;
  const clients: LockClient[] = [];
  beforeEach(async () => { table = await freshTable(engine(), { partitionKey: 'key', sortKey: null }); });
  afterEach(async () => { await Promise.allSettled(clients.splice(0).map((locks) => locks.close())); });
  const locksOf = (more: Partial<LockClientOptions> = {}): LockClient => {
    const locks = createLockClient({ client: engine().client, tableName: table, leaseMs: 800, logger: { debug: () => {}, warn: () => {}, error: () => {} }, ...more });
    clients.push(locks);
    return locks;
  };
  const put = (key: string) => ({ Put: { TableName: table, Item: { key } } });
  const row = async (key: string) => (await engine().client.send(new GetCommand({ TableName: table, Key: { key }, ConsistentRead: true }))).Item;

  test('5.4 #19 a black hole: the lock is lost at its own deadline, and an acquisition ends at its own time, not at the socket\'s', async () => {
    const proxy = await startProxy(Number(new URL(engine().endpoint ?? '').port));
    const SOCKET_MS = 25_000;
    const raw = new DynamoDBClient({ ...engine().connection, endpoint: `http://127.0.0.1:${proxy.port}`, maxAttempts: 1, requestHandler: { requestTimeout: SOCKET_MS, connectionTimeout: SOCKET_MS } });
    try {
      const locks = locksOf({ client: DynamoDBDocumentClient.from(raw) });
      await locks.inspect('x');
      const lock = await locks.acquire('x');
      const from = performance.now();
      proxy.swallow();
      const blocked = locks.acquire('y', { waitMs: 300 }).catch((error: unknown) => error);
      expect(await lossOf(lock)).toMatchObject({ code: 'LOCK_LOST', reason: expect.stringMatching(/^(deadline|suspended)$/) }); // the latter on a machine that stalls
      expect(lock.isHeld()).toBe(false);
      expect(await blocked).toMatchObject({ code: 'LOCK_TIMEOUT', holder: undefined });
      expect(performance.now() - from).toBeLessThan(SOCKET_MS);
      // Who can reach the table takes it over.
      expect((await locksOf().acquire('x', { waitMs: 15_000, refreshMs: 50 })).isHeld()).toBe(true);
    } finally {
      await proxy.stop();
      raw.destroy();
    }
  });

  test('5.4 #20 a row that an operator deletes: the next heartbeat knows, and so does a guard', async () => {
    const beating = await locksOf({ leaseMs: 5_000, heartbeatMs: 200 }).acquire('x');
    const quiet = await locksOf({ heartbeatMs: false, leaseMs: 20_000 }).acquire('y');
    for (const key of ['x', 'y']) await engine().client.send(new DeleteCommand({ TableName: table, Key: { key } }));
    expect(await lossOf(beating)).toMatchObject({ reason: 'deleted' });
    expect(quiet.isHeld()).toBe(true);
    await expect(quiet.guard([put('guarded')])).rejects.toMatchObject({ code: 'LOCK_LOST', reason: 'deleted' });
    expect(quiet.signal.reason).toMatchObject({ reason: 'deleted' });
    expect(await row('guarded')).toBeUndefined();
    expect(await quiet.release()).toBe('lost');
  });

  test('5.4 #20 a row that TTL deletes under its living holder', async () => {
    await engine().client.send(new UpdateTimeToLiveCommand({ TableName: table, TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true } }));
    const lock = await locksOf({ leaseMs: 5_000, heartbeatMs: 200 }).acquire('x', { attributes: { expires: Math.floor(Date.now() / 1_000) - 60 } });
    expect(await lossOf(lock)).toMatchObject({ reason: 'deleted' });
    expect(await row('x')).toBeUndefined();
    await expect(lock.guard([put('guarded')])).rejects.toMatchObject({ code: 'LOCK_LOST', reason: 'deleted' });
  });
});
