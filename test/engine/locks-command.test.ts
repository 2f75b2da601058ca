import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { run } from '../../src/cli/run';
import { createLockClient, type LockClientOptions } from '../../src/locks';
import { describeLocal, freshTable } from '../support/engines';

// The command as it is built and installed: `npm test` builds first.
const MAIN = resolve('dist/cli/main.js');
const NO_WARNING = { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };

describeLocal('oplock locks', (engine) => {
  let table: string;
  const open: ReturnType<typeof createLockClient>[] = [];
  beforeEach(async () => { table = await freshTable(engine(), { partitionKey: 'key', sortKey: null }); });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((locks) => locks.close()));
    await engine().dropTable(table);
  });

  const locksOf = (ownerName: string, options: Partial<LockClientOptions> = {}) => {
    const locks = createLockClient({ client: engine().client, tableName: table, ownerName, ...options });
    open.push(locks);
    return locks;
  };
  const place = (): string[] => ['--table', table, '--endpoint', String(engine().endpoint)];

  const oplock = async (argv: readonly string[], onLine: (line: string) => void = () => {}, signal = new AbortController().signal) => {
    let [stdout, stderr] = ['', ''];
    const code = await run(['locks', ...argv, ...place()], {
      stdout: (text) => { stdout += text; onLine(text); },
      stderr: { write: (text) => { stderr += text; } },
      version: '', importModule: () => Promise.resolve(),
      locks: { interruption: () => ({ signal, end: () => {} }), userName: () => 'me@laptop' },
    });
    return { code, stdout, stderr };
  };

  test('list and show', async () => {
    expect(await oplock(['list'])).toEqual({ code: 0, stdout: `no locks are held in table ${table}\n`, stderr: '' });
    await locksOf('importer-7', { exclusive: true }).acquire('nightly', { data: 'shard 3' });
    await locksOf('web-2').acquire('seat-1');
    expect((await oplock(['list'])).stdout.split('\n')).toEqual([
      'KEY      OWNER       LEASE  TOKEN  STATE', 'nightly  importer-7  20 s   1      held', 'seat-1   web-2       20 s   -      held', '',
    ]);
    expect(JSON.parse((await oplock(['show', 'nightly', '--json'])).stdout)).toMatchObject({ key: 'nightly', state: 'held', ownerName: 'importer-7', fencingToken: 1 });
    expect((await oplock(['show', 'absent'])).code).toBe(1);
  });

  test('watch sees a release, and then the next owner', async () => {
    const holder = await locksOf('web-2').acquire('seat-1');
    const enough = new AbortController();
    const owners: string[] = [];
    const { code } = await oplock(['watch', 'seat-1', '--json', '--for', '30'], (line) => {
      const { state, ownerName } = JSON.parse(line) as { state: string; ownerName?: string };
      owners.push(`${state} ${ownerName ?? ''}`.trim());
      if (owners.length === 1) void holder.release();
      if (owners.length === 2) void locksOf('web-3').acquire('seat-1');
      if (owners.length === 3) enough.abort();
    }, enough.signal);
    expect([code, owners]).toEqual([0, ['held web-2', 'free', 'held web-3']]);
  });

  test('break: the holder notices with its next renewal', async () => {
    const holder = await locksOf('web-2', { leaseMs: 10_000, heartbeatMs: 300 }).acquire('seat-1');
    expect(await oplock(['break', 'seat-1'])).toMatchObject({ code: 2, stderr: expect.stringContaining('web-2 holds "seat-1", with a lease of 10 s') });
    expect(holder.isHeld()).toBe(true);
    const lost = once(holder.signal, 'abort');
    expect(await oplock(['break', 'seat-1', '--yes'])).toMatchObject({ code: 0, stdout: expect.stringContaining('"seat-1" is taken away from web-2') });
    await lost;
    expect(holder.lost).toMatchObject({ code: 'LOCK_LOST', reason: 'stolen', by: 'broken-by:me@laptop:web-2' });
    expect((await oplock(['show', 'seat-1'])).stdout).toContain('broken by me@laptop');
  });

  test('a table that is not there, and one with another key', async () => {
    const absent = await oplock(['list', '--region', 'eu-west-1']);
    expect(absent).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/There is no table .* \(region eu-west-1\)/) });
    expect(await oplock(['show', 'a', '--partition-key', 'id'])).toMatchObject({ code: 2, stderr: expect.stringContaining('--partition-key (now id)') });
  });

  test('the process itself: exit codes, a list, and a watch that Ctrl-C ends', async () => {
    if (!existsSync(MAIN)) throw new Error('There is no dist: run `npm run build` first.');
    await locksOf('web-2').acquire('seat-1');
    const options = { encoding: 'utf8', timeout: 60_000, env: NO_WARNING } as const;
    const listed = spawnSync(process.execPath, [MAIN, 'locks', 'list', ...place()], options);
    expect([listed.status, listed.stderr, listed.stdout.split('\n')[1]]).toEqual([0, '', 'seat-1  web-2  20 s   -      held']);
    expect(spawnSync(process.execPath, [MAIN, 'locks', 'show', 'absent', ...place()], options).status).toBe(1);
    const child = spawn(process.execPath, [MAIN, 'locks', 'watch', 'seat-1', '--for', '60', ...place()], { env: NO_WARNING, stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    const [first] = await once(child.stdout, 'data') as [Buffer];
    expect(String(first)).toMatch(/held {6}web-2/);
    child.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
  }, 60_000);
});
