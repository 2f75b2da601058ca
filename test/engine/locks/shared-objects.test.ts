import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createSynchronizedCache, type CacheMessage } from '../../../src/locks/shared/cache';
import { createChannel } from '../../../src/locks/shared/channel';
import { createSharedObjects } from '../../../src/locks/shared/objects';
import { describeEngines, describeLocal, freshTable } from '../../support/engines';

const ROOT = join(__dirname, '../../..');

/** A process that has begun to compute the object `x`. */
const computingChild = async (endpoint: string, table: string, leaseMs: number) => {
  const child = spawn(process.execPath, ['--import', 'jiti/register', join(ROOT, 'test/support/locks/computing-child.ts'), endpoint, table, String(leaseMs)], {
    cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  await Promise.race([once(child.stdout, 'data'), exited.then(() => { throw new Error('the child ended before it computed'); })]);
  return { kill: async () => { child.kill('SIGKILL'); await exited; } };
};

describeLocal('5.4 #28 computer SIGKILL', (engine) => {
  test('one of those who wait takes over, and one only', async () => {
    const tableName = await freshTable(engine(), { partitionKey: 'key', sortKey: null });
    const { client, endpoint = '' } = engine();
    const child = await computingChild(endpoint, tableName, 500);
    const nodes = [0, 1, 2].map(() => createSharedObjects<string>({ client, tableName, poll: { maxMs: 100 } }));
    let computed = 0;
    const waiting = Promise.all(nodes.map((node) => node.compute('x', () => { computed += 1; return 'of the living'; })));
    await child.kill();
    expect(await waiting).toEqual(['of the living', 'of the living', 'of the living']);
    expect(computed).toBe(1);
    await Promise.all(nodes.map((node) => node.close()));
  }, 60_000);
});

describeEngines('shared objects and channels', (engine) => {
  test('reserve, publish, fail, execute, remove, in a table with a sort key', async () => {
    const tableName = await freshTable(engine(), { partitionKey: 'lock', sortKey: 'part' });
    const [a, b] = [0, 1].map(() => createSharedObjects<number>({ client: engine().client, tableName, partitionKeyName: 'lock', sortKeyName: 'part' })) as [ReturnType<typeof createSharedObjects<number>>, ReturnType<typeof createSharedObjects<number>>];
    const reserved = await a.reserve('x');
    if (reserved.kind !== 'reserved') throw new Error(reserved.kind);
    expect(await b.reserve('x')).toEqual({ kind: 'unavailable', reason: 'reserved' });
    expect(await reserved.reservation.heartbeat()).toBe('renewed');
    expect(await reserved.reservation.update(1, { timeoutMs: 60_000, idleTimeoutMs: 30_000 })).toBe('published');
    expect(await b.get('x')).toEqual({ kind: 'exists', value: 1 });
    expect((await Promise.all([a, b].map((node) => node.execute('x', (value = 0) => ({ value: value + 1, result: value + 1 }))))).sort()).toEqual([2, 3]);
    expect(await b.remove('x')).toBe('removed');
    expect(await b.remove('y')).toBe('absent');
    expect(await a.get('x')).toEqual({ kind: 'absent' });
    await expect(a.compute('x', () => { throw new Error('no'); }, { retryAfterMs: 60_000 })).rejects.toThrow('no');
    expect(await b.get('x')).toMatchObject({ kind: 'unavailable', reason: 'failed', error: 'Error: no' });
    await Promise.all([a.close(), b.close()]);
  });

  test('a message drops the entry of another node', async () => {
    const tableName = await freshTable(engine(), { partitionKey: 'key', sortKey: null });
    let source = 'old';
    const channels = [0, 1].map(() => createChannel<CacheMessage>({ client: engine().client, tableName, namespace: 'n', pollMs: 20 }));
    const [a, b] = channels.map((channel) => createSynchronizedCache({ channel, load: () => source })) as [ReturnType<typeof createSynchronizedCache<string>>, ReturnType<typeof createSynchronizedCache<string>>];
    expect([await a.get('x'), await b.get('x')]).toEqual(['old', 'old']);
    source = 'new';
    await a.invalidate('x');
    while (b.size > 0) await new Promise((resolve) => { setTimeout(resolve, 20); });
    expect([await a.get('x'), await b.get('x')]).toEqual(['new', 'new']);
    await Promise.all([a.close(), b.close(), ...channels.map((channel) => channel.close())]);
  });
});
