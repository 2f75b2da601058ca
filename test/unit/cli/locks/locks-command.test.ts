import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { LocksWorld } from '../../../../src/cli/locks/world';
import { run } from '../../../../src/cli/run';
import { lockWorld, watched, type LockWorld } from '../../../support/locks/world';

let world: LockWorld;
let interrupted: AbortController;
beforeEach(async () => {
  world = await lockWorld();
  interrupted = new AbortController();
});

const start = (argv: readonly string[], more: Partial<LocksWorld> = {}) => {
  const out = { stdout: '', stderr: '' };
  const done = watched(run(['locks', ...argv, '--table', world.table], {
    stdout: (text) => { out.stdout += text; },
    stderr: { write: (text) => { out.stderr += text; } },
    version: '1.2.3',
    importModule: () => Promise.reject(new Error('nothing is to be imported')),
    locks: {
      connect: () => ({ client: world.client, stop: async () => {} }),
      clock: world.clock,
      interruption: () => ({ signal: interrupted.signal, end: () => {} }),
      userName: () => 'me@laptop',
      ...more,
    },
  }));
  return { out, done };
};

const oplock = async (argv: readonly string[], more: Partial<LocksWorld> = {}) => {
  const { out, done } = start(argv, more);
  await world.clock.advance(0);
  // Time stands still, the requests do not.
  for (let i = 0; i < 200 && !done.ended; i += 1) await world.clock.advance(0);
  if (done.error !== undefined) throw done.error;
  return { code: done.value, ...out, stdout: out.stdout.replaceAll(world.table, 'T'), stderr: out.stderr.replaceAll(world.table, 'T') };
};

const HOSTILE = 'web-2\u001b]0;x\u0007\u009b31m\u202e';

describe('list', () => {
  test('who holds what, in aligned columns, sorted by key', async () => {
    await world.locks({ ownerName: 'web-2' }).acquire('zebra');
    await world.locks({ ownerName: 'importer-7', exclusive: true, leaseMs: 1_500 }).acquire('nightly');
    await world.locks({ ownerName: 'gone' }).withLock('kept', { onRelease: 'keep' }, () => undefined);
    expect(await oplock(['list'])).toEqual({
      code: 0, stderr: '',
      stdout: [
        'KEY      OWNER       LEASE  TOKEN  STATE',
        'nightly  importer-7  1.5 s  1      held',
        'zebra    web-2       10 s   -      held\n',
      ].join('\n'),
    });
    expect((await oplock(['list', '--all'])).stdout).toMatch(/\nkept {5}gone {8}10 s {3}- {6}released\n/);
    expect((await oplock(['list', '--prefix', 'z'])).stdout.split('\n')).toEqual(['KEY    OWNER  LEASE  TOKEN  STATE', 'zebra  web-2  10 s   -      held', '']);
    const json = JSON.parse((await oplock(['list', '--all', '--json'])).stdout) as unknown[];
    expect(json).toEqual([
      expect.objectContaining({ key: 'kept', state: 'released', ownerName: 'gone' }),
      { key: 'nightly', state: 'held', ownerName: 'importer-7', leaseMs: 1_500, fencingToken: 1, recordVersionNumber: expect.any(String), attributes: {} },
      expect.objectContaining({ key: 'zebra', state: 'held', ownerName: 'web-2', leaseMs: 10_000 }),
    ]);
  });

  test('none: a plain line, or an empty list', async () => {
    expect(await oplock(['list'])).toEqual({ code: 0, stdout: 'no locks are held in table T\n', stderr: '' });
    expect((await oplock(['list', '--all', '--prefix', 'x'])).stdout).toBe('no locks are in table T under "x"\n');
    expect((await oplock(['list', '--json'])).stdout).toBe('[]\n');
  });

  test('rows that are no locks are counted, with their keys, beside those that are', async () => {
    await world.locks({ ownerName: 'web-2' }).acquire('good');
    await world.put({ key: 'junk\u001b', hello: 1 });
    const { code, stdout, stderr } = await oplock(['list']);
    expect([code, stdout.split('\n').length, stderr]).toEqual([0, 3, 'oplock: 1 row is no lock: "junk\\u001b"\n']);
    for (let i = 0; i < 25; i += 1) await world.put({ key: `bad-${i}` });
    expect((await oplock(['list', '--prefix', 'bad'])).stderr).toMatch(/^oplock: 25 rows are no locks: (bad-\d+, ){19}bad-\d+ and 5 more\n$/);
  });

  test('hostile names command no terminal, and hide no other row', async () => {
    await world.locks({ ownerName: HOSTILE }).acquire('a\r\u001b[1A');
    await world.locks({ ownerName: 'x'.repeat(5_000) }).acquire('b');
    const { stdout } = await oplock(['list']);
    expect(stdout).not.toMatch(/[^\P{C}\n]/u);
    expect(stdout).toContain('"a\\r\\u001b[1A"');
    expect(stdout).toContain('"web-2\\u001b]0;x\\u0007\\u009b31m\\u202e"');
    expect(stdout).toContain(`${'x'.repeat(80)}… (5000 characters)`);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThan(200);
    const json = await oplock(['list', '--json']);
    expect(json.stdout).not.toMatch(/[^\P{C}\n]/u);
    expect((JSON.parse(json.stdout) as { ownerName: string }[])[0]?.ownerName).toBe(HOSTILE);
  });

  test('in a table with a sort key', async () => {
    world = await lockWorld({ sortKey: 'part' });
    await world.locks({ ownerName: 'b' }).acquire('job', { sortKey: '2' });
    await world.locks({ ownerName: 'a' }).acquire('job', { sortKey: '1' });
    expect((await oplock(['list', '--sort-key-name', 'part'])).stdout).toBe('KEY  SORT KEY  OWNER  LEASE  TOKEN  STATE\njob  1         a      10 s   -      held\njob  2         b      10 s   -      held\n');
    expect((await oplock(['show', 'job', '--sort-key-name', 'part', '--sort-key', '2'])).stdout).toMatch(/^key {7}job\nsort key {2}2\nstate {5}held\nowner {5}b\n/);
  });

  test('a key of another name is said', async () => {
    await world.put({ key: 'a', hello: 1 });
    expect(await oplock(['list', '--partition-key', 'id'])).toMatchObject({ code: 2, stderr: expect.stringMatching(/--partition-key \(now id\) and --sort-key-name \(now none\)/) });
  });
});

describe('show', () => {
  test('all that the row says', async () => {
    await world.locks({ ownerName: 'importer-7', exclusive: true }).acquire('nightly', { data: 'shard 3', attributes: { host: 'ip-1\u001b', parts: [1, 2] } });
    const { code, stdout } = await oplock(['show', 'nightly']);
    expect(code).toBe(0);
    expect(stdout.replace(/id-\d+/, 'ID').split('\n')).toEqual([
'key              nightly', 'state            held', 'owner            importer-7', 'lease            10 s', 'token            1', 'version          ID', 'data             7 bytes: shard 3',
      'attribute host   "ip-1\\u001b"', 'attribute parts  [1,2]', '',
    ]);
    expect(JSON.parse((await oplock(['show', 'nightly', '--json'])).stdout)).toMatchObject({ state: 'held', data: Buffer.from('shard 3').toString('base64'), attributes: { parts: [1, 2] } });
  });

  test('bytes that are no text', async () => {
    await world.locks().acquire('a', { data: new Uint8Array([0xff, 0x9b]) });
    expect((await oplock(['show', 'a'])).stdout).toMatch(/data {5}2 bytes: base64 \/5s=/);
  });

  test('nobody has it: 1', async () => {
    expect(await oplock(['show', 'a'])).toEqual({ code: 1, stdout: 'nobody holds "a" in table T\n', stderr: '' });
    expect(await oplock(['show', 'a', '--json'])).toEqual({ code: 1, stdout: '{"key":"a","state":"free"}\n', stderr: '' });
    await world.locks().withLock('a', { onRelease: 'keep' }, () => undefined);
    expect(await oplock(['show', 'a'])).toMatchObject({ code: 1, stdout: expect.stringContaining('state    released') });
  });

  test('a row that is no lock: 2', async () => {
    await world.put({ key: 'a\u009b', hello: 1 });
    expect(await oplock(['show', 'a\u009b'])).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('the row "a\\u009b" is no lock: ownerName is nothing') });
  });
});

describe('watch', () => {
  test('a line for each change, no line for a renewal, until Ctrl-C', async () => {
    const holder = await world.locks({ ownerName: 'web-2' }).acquire('a');
    const { out, done } = start(['watch', 'a']);
    await world.clock.advance(20_000);
    await holder.release();
    await world.clock.advance(3_000);
    // This one dies: nobody renews it.
    await world.locks({ ownerName: 'web-3', heartbeatMs: false }).acquire('a');
    await world.clock.advance(15_000);
    expect(out.stdout.split('\n').map((line) => line.slice(26))).toEqual(['held      web-2  lease 10 s', 'free', 'held      web-3  lease 10 s', 'expired   web-3  lease 10 s', '']);
    expect(out.stdout).toMatch(/^2026-01-01T00:00:00\.000Z {2}held/);
    expect(done.ended).toBe(false);
    interrupted.abort();
    await world.clock.advance(0);
    expect(done).toMatchObject({ ended: true, value: 0 });
    expect(world.clock.timers()).toBe(0);
  });

  test('--for ends it, and each line is JSON by itself', async () => {
    const { out, done } = start(['watch', 'a', '--for', '60', '--json']);
    await world.clock.advance(30_000);
    await world.locks({ ownerName: 'web-2', exclusive: true, heartbeatMs: false }).acquire('a');
    await world.clock.advance(29_000);
    expect(done.ended).toBe(false);
    await world.clock.advance(2_000);
    expect(done).toMatchObject({ ended: true, value: 0 });
    expect(out.stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as object)).toEqual([
      { at: '2026-01-01T00:00:00.000Z', key: 'a', state: 'free' },
      expect.objectContaining({ key: 'a', state: 'held', ownerName: 'web-2', fencingToken: 1 }),
      expect.objectContaining({ state: 'expired', ownerName: 'web-2' }),
    ]);
    expect(world.clock.timers()).toBe(0);
  });

  test('a table that stops answering is said once; one that never answers ends it', async () => {
    const { out, done } = start(['watch', 'a']);
    await world.clock.advance(1_500);
    const throttled = (): never => { throw Object.assign(new Error('slow\u001b down'), { name: 'ThrottlingException' }); };
    world.trouble.before = throttled;
    await world.clock.advance(10_000);
    expect(out.stderr).toMatch(/^oplock: a lock could not be looked at; it is tried again: .*slow\\u001b down.*\n$/);
    expect(done.ended).toBe(false);
    interrupted.abort();
    await world.clock.advance(0);
    expect(done.value).toBe(0);
    expect(await oplock(['watch', 'a'])).toMatchObject({ code: 2, stderr: expect.stringContaining('slow\\u001b down') });
  });
});

describe('break', () => {
  test('without --yes nothing is written, and whose lock it is is said', async () => {
    await world.locks({ ownerName: 'web-2\u001b' }).acquire('a');
    const before = await world.rows();
    const { code, stdout, stderr } = await oplock(['break', 'a']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe('oplock: nothing is done. "web-2\\u001b" holds "a", with a lease of 10 s. To take it away, say the same with --yes\n');
    expect(await world.rows()).toEqual(before);
  });

  test('with --yes it is taken away, by name, and the holder notices with its next renewal', async () => {
    const holder = await world.locks({ ownerName: 'web-2' }).acquire('a');
    expect(await oplock(['break', 'a', '--yes'])).toEqual({
      code: 0, stderr: '',
      stdout: '"a" is taken away from web-2, whose renewals and guarded writes are refused from now on.\n'
        + 'The lease may be believed in for up to 10 s more: it is free by 2026-01-01T00:00:10.001Z, for whoever waits for it now.\n',
    });
    expect(await world.rows()).toMatchObject([{ ownerName: 'broken-by:me@laptop:web-2' }]);
    await world.clock.advance(2_500);
    expect(holder.lost).toMatchObject({ reason: 'stolen', by: 'broken-by:me@laptop:web-2' });
    expect((await oplock(['list'])).stdout).toContain('a    web-2  10 s   -      broken by me@laptop\n');
    expect((await oplock(['break', 'a'])).stderr).toContain('"a" was taken away from web-2 already, by me@laptop');
    expect((await oplock(['break', 'a', '--yes', '--owner', 'you'])).stdout).toMatch(/^"a" was taken away from web-2 already, by me@laptop\./);
  });

  test('--owner and --json', async () => {
    await world.locks({ ownerName: 'web-2' }).acquire('a');
    expect(JSON.parse((await oplock(['break', 'a', '--yes', '--owner', 'ann', '--json'])).stdout)).toEqual({ key: 'a', broken: true, ownerName: 'web-2', retryAfterMs: 10_001, freeAt: '2026-01-01T00:00:10.001Z' });
    expect(await world.rows()).toMatchObject([{ ownerName: 'broken-by:ann:web-2' }]);
  });

  test('a free lock: 1, and nothing is written', async () => {
    expect(await oplock(['break', 'a', '--yes'])).toEqual({ code: 1, stdout: 'nobody holds "a" in table T\n', stderr: '' });
    expect(await oplock(['break', 'a', '--yes', '--json'])).toMatchObject({ code: 1, stdout: '{"key":"a","broken":false}\n' });
    expect(await world.rows()).toEqual([]);
  });
});

describe('what is wrong is said with what to do', () => {
  const failing = (name: string, message: string, more: object = {}): Partial<LocksWorld> => ({
    connect: () => ({
      client: { config: { region: async () => 'eu-west-1' }, send: () => Promise.reject(Object.assign(new Error(message), { name, ...more })) } as unknown as DynamoDBDocumentClient,
      stop: async () => {},
    }),
  });

  const commands = [['list'], ['show', 'a'], ['watch', 'a'], ['break', 'a', '--yes']];
  test.each([
    ['ResourceNotFoundException', 'Requested resource not found', /There is no table T at the AWS service \(region eu-west-1\)\. Compare --table, --region and --endpoint/],
    ['AccessDeniedException', 'User: arn\u001b is not authorized', /arn\\u001b is not authorized\. oplock locks (list needs dynamodb:Scan|(show|watch) needs dynamodb:GetItem|break needs dynamodb:GetItem and dynamodb:UpdateItem) on the table/],
    ['CredentialsProviderError', 'Could not load credentials from any providers', /Could not load credentials .* credentials as for the AWS CLI/],
    ['ExpiredTokenException', 'The security token is expired', /credentials are refused \(ExpiredTokenException.*Sign in again/],
    ['UnrecognizedClientException', 'The security token is invalid', /credentials are refused/],
    ['ValidationException', 'The provided key element does not match the schema', /does not match the schema\. .*--partition-key \(now key\)/],
    ['Error', 'connect ECONNREFUSED 127.0.0.1:1', /Nothing answers at the AWS service \(ECONNREFUSED\)\. Check the region/],
    ['InternalServerError', 'oh\u009b', /InternalServerError: oh\\u009b/],
  ])('%s', async (name, message, expected) => {
    for (const command of commands) {
      const { code, stdout, stderr } = await oplock(command, failing(name, message, { $fault: 'client' }));
      expect([command, code, stdout]).toEqual([command, 2, '']);
      expect(stderr).toMatch(expected);
      expect(stderr).not.toMatch(/ {4}at |[^\P{C}\n]/u);
    }
  });

  test('a mistake of the command names its own help', async () => {
    expect(await oplock(['list', '--yes'])).toMatchObject({ code: 2, stderr: expect.stringMatching(/no option --yes[^]*See oplock locks --help\.\n$/) });
  });

  test('the connection is closed, whatever happens', async () => {
    const stop = jest.fn(async () => {});
    await oplock(['list'], { connect: () => ({ client: world.client, stop }) });
    await oplock(['list'], { connect: () => ({ ...(failing('X', 'x').connect as () => ReturnType<LocksWorld['connect']>)(), stop }) });
    expect(stop).toHaveBeenCalledTimes(2);
  });
});

test('its help is a page of its own, which the other one names', async () => {
  const help = async (...argv: string[]): Promise<string> => {
    let stdout = '';
    expect(await run(argv, { stdout: (text) => { stdout += text; }, stderr: { write: () => {} }, version: '', importModule: () => Promise.resolve() })).toBe(0);
    return stdout;
  };
  const page = await help('locks', '--help');
  expect(page).toMatch(/^oplock locks - /);
  expect(await help('help', 'locks')).toBe(page);
  expect(await help('locks', 'break', '-h')).toBe(page);
  expect(Math.max(...page.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(await help('--help')).toContain('oplock locks --help');
});
