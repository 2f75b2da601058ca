import { setTimeout as pause } from 'node:timers/promises';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { createLockClient, type LockClient, type LockClientOptions } from '../../../src/locks';
import { describeLocal, freshTable } from '../../support/engines';
import type { Script } from '../../support/locks/process/script';
import { buildWorkers, type Worker, type Workers } from '../../support/locks/process/start-worker';

/* Real processes, real time: nothing here says how long something may take, only what has to come, and not before when. */

const LEASE_MS = 500;
/** Where a lock has to be held still when the test comes to its point. */
const LONG_MS = 1_200;

describeLocal('processes that die, stop and stall', (engine) => {
  let workers: Workers;
  let table: string;
  const clients: LockClient[] = [];
  beforeAll(async () => { workers = await buildWorkers(); }, 60_000);
  afterAll(() => workers.stop());
  beforeEach(async () => { table = await freshTable(engine(), { partitionKey: 'key', sortKey: null }); });
  afterEach(async () => { await Promise.allSettled(clients.splice(0).map((locks) => locks.close())); });

  const start = (act: Script['act'], more: Partial<Script> = {}): Worker =>
    workers.start({ act, endpoint: engine().endpoint ?? '', table, ownerName: 'child', leaseMs: LEASE_MS, heartbeatMs: LEASE_MS / 4, ...more });
  const locksOf = (more: Partial<LockClientOptions> = {}): LockClient => {
    const locks = createLockClient({ client: engine().client, tableName: table, leaseMs: LEASE_MS, logger: { debug: () => {}, warn: () => {}, error: () => {} }, ...more });
    clients.push(locks);
    return locks;
  };
  const row = async (key = 'x') => (await engine().client.send(new GetCommand({ TableName: table, Key: { key }, ConsistentRead: true }))).Item;
  const WAIT = { waitMs: 15_000, refreshMs: 50 };

  /** Somebody else gets the lock of a dead process: a lease after it was seen, and not before. */
  const takeOver = async (more: Partial<LockClientOptions> = {}) => {
    const from = performance.now();
    const lock = await locksOf(more).acquire('x', WAIT);
    expect(lock.tookOver).toBe(true);
    expect(performance.now() - from).toBeGreaterThanOrEqual(LEASE_MS);
    return lock;
  };

  test.each(['somebody else', 'child'])('5.4 #1 killed right after the write of its acquisition: %s takes over after a lease', async (ownerName) => {
    const dead = start('work', { dieAt: { command: 'Put', when: 'after' } });
    expect(await dead.end).toMatchObject({ signal: 'SIGKILL' });
    expect(await row()).toMatchObject({ ownerName: 'child' });
    // The name proves nothing: one that is started again under it waits as everybody does.
    const lock = await takeOver({ ownerName });
    expect(lock.isHeld()).toBe(true);
  });

  test('5.4 #2 killed while it works', async () => {
    const dead = start('hold');
    await dead.event('held');
    dead.child.kill('SIGKILL');
    await dead.end;
    await takeOver();
  });

  test('5.4 #2 killed just before its release', async () => {
    await start('work', { dieAt: { command: 'Delete', when: 'before' } }).end;
    await takeOver();
  });

  test('5.4 #2 killed between its release and the answer', async () => {
    expect(await start('work', { dieAt: { command: 'Delete', when: 'after' } }).end).toMatchObject({ signal: 'SIGKILL' });
    expect((await locksOf().acquire('x', WAIT)).tookOver).toBe(false);
  });

  test('5.4 #13 a process that is stopped for longer than its lease: it learns of it, what it writes is refused, and its successor is unharmed', async () => {
    const stopped = start('hold', { leaseMs: LONG_MS, heartbeatMs: LONG_MS / 4 });
    await stopped.event('held');
    stopped.child.kill('SIGSTOP');
    const [successor] = await Promise.all([takeOver({ leaseMs: 20_000 }), pause(2 * LONG_MS)]);
    stopped.child.kill('SIGCONT');
    expect(await stopped.event('lost')).toMatchObject({ code: 'LOCK_LOST', reason: expect.stringMatching(/^(suspended|stolen)$/) });
    expect(await stopped.event('guarded')).toMatchObject({ code: 'LOCK_LOST' });
    expect(await stopped.event('sent')).toMatchObject({ name: 'TransactionCanceledException' });
    expect(await row('written by the late')).toBeUndefined();
    await successor.heartbeat();
    await successor.guard([{ Put: { TableName: table, Item: { key: 'written by the successor' } } }]);
    expect(await row('written by the successor')).toBeDefined();
    stopped.child.kill('SIGKILL');
    expect(await stopped.end).toMatchObject({ stderr: expect.not.stringContaining('Error') });
  });

  test('5.4 #14 a process whose monotonic clock stood still with it: suspended, and no heartbeat is sent', async () => {
    const frozen = start('hold', { haltingClock: true, leaseMs: LONG_MS, heartbeatMs: LONG_MS / 4 });
    await frozen.event('held');
    frozen.child.kill('SIGSTOP');
    const before = await row();
    await pause(2 * LONG_MS);
    const stood = await row(); // a heartbeat that was on its way
    frozen.child.kill('SIGCONT');
    expect(await frozen.event('lost')).toMatchObject({ reason: 'suspended' });
    await frozen.event('guarded');
    expect(await row()).toEqual(stood);
    expect(stood).toMatchObject({ ownerName: 'child', acquisitionId: before?.acquisitionId });
    frozen.child.kill('SIGKILL');
    await frozen.end;
  });

  test.each([[3_000, 1_500, true], [LEASE_MS, 1.5 * LEASE_MS, false], [LEASE_MS, 3 * LEASE_MS, false]])(
    '5.4 #13 an event loop that is blocked, lease %i, for %i ms', async (leaseMs, blockMs, held) => {
      const blocked = start('block', { leaseMs, heartbeatMs: leaseMs / 4, blockMs });
      if (held) {
        await blocked.event('held');
        await blocked.event('guarded');
      } else {
        expect(await blocked.event('lost')).toMatchObject({ code: 'LOCK_LOST', reason: 'suspended', aborted: true });
        expect(await blocked.event('guarded')).toMatchObject({ code: 'LOCK_LOST' });
      }
      expect(await blocked.end).toMatchObject({ code: 0 });
      expect(await row(`guarded/${blockMs}`) !== undefined).toBe(held);
    });

  test('a lock that is held keeps no process alive, and is renewed until it ends', async () => {
    const forgetful = start('forget', { leaseMs: LONG_MS, heartbeatMs: LONG_MS / 6 });
    expect(await forgetful.event('held')).toMatchObject({ held: true });
    expect(await forgetful.end).toMatchObject({ code: 0 });
    await takeOver();
  });

  test('5.4 #22 after close() there is no timer and no socket', async () => {
    const closed = start('close', { leaseMs: 5_000, heartbeatMs: 100 });
    expect(await closed.event('waited')).toMatchObject({ code: 'LOCK_CLIENT_CLOSED' });
    const { resources } = await closed.event('closed');
    expect((resources as string[]).filter((name) => !/Pipe|TTY|FS/.test(name))).toEqual([]);
    expect(await closed.end).toMatchObject({ code: 0 });
    expect(await engine().scan(table)).toEqual([]);
  });
});
