import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { startGateway, type Gateway } from '../../../src/service/local/http-gateway';
import { LOCAL_KEYS, localLockEnvironment } from '../../../src/service/local/lock-keys';
import { readServerless } from '../../../src/service/local/read-serverless';
import { startFunctions, type LocalFunctions } from '../../../src/service/local/start-functions';
import { toKinesisRecords } from '../../../src/sources/kinesis-records';
import { describeEmbedded, freshTable } from '../../support/engines';
import { readEmf } from '../../unit/metrics/emf-lines';
import { bundleService } from '../support/bundles';

const ROOT = join(__dirname, '..', '..', '..');

/** The functions as they are deployed (bundled, minified, in processes of their own), over HTTP and as Lambda would call them. */
describeEmbedded('the bundled functions', (engine) => {
  let bundles: ReturnType<typeof bundleService>;
  let local: LocalFunctions;
  let gateway: Gateway;
  const tables: Record<string, string> = {};
  const said: string[] = [];

  beforeAll(async () => {
    bundles = bundleService();
    tables['Seats'] = await freshTable(engine());
    tables['BoxOffice'] = await freshTable(engine());
    tables['Locks'] = await freshTable(engine(), { partitionKey: 'key', sortKey: null });
    local = startFunctions({
      definition: readServerless(join(ROOT, 'serverless.yml'), { stage: 'test' }),
      ...bundles,
      resolve: ({ resource }) => tables[resource] ?? `http://127.0.0.1:9/${resource}`,
      environment: { AWS_ENDPOINT_URL_DYNAMODB: engine().endpoint ?? '', AWS_ENDPOINT_URL_KINESIS: 'http://127.0.0.1:9', AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:9', ...localLockEnvironment() },
      concurrency: { command: 2 },
      log: (name, line) => said.push(`${name} ${line}`),
    });
    gateway = await startGateway({ routes: local.routes });
  }, 60_000);

  afterAll(async () => {
    await gateway?.stop();
    await local?.stop();
    if (bundles) rmSync(bundles.root, { recursive: true });
  });

  const put = (id: string, body: object, headers: Record<string, string>): Promise<Response> =>
    fetch(`${gateway.url}/seats/${id}`, { method: 'PUT', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } });

  it('sell a seat to one of two who read the same', async () => {
    const created = await put('opera.A1', { price: 4000 }, { 'if-none-match': '*' });
    expect([created.status, created.headers.get('location')]).toEqual([201, '/seats/opera.A1']);
    const etag = created.headers.get('etag') ?? '';
    const answers = await Promise.all([4100, 4200].map((price) => put('opera.A1', { price }, { 'if-match': etag })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
    const read = await fetch(`${gateway.url}/seats/opera.A1`);
    expect(read.headers.get('etag')).toBe(answers.find(({ status }) => status === 412)?.headers.get('etag'));
  });

  it('write the view, late events dropped, and count it under the names that the alarms look at', async () => {
    const event = (id: string, timestamp: number, price: number) =>
      ({ id, type: 'seat-updated', timestamp, partitionKey: 'opera.B1', seat: { show: 'opera', seat: 'B1', price, status: 'free' } });
    said.length = 0;
    for (const one of [event('2', 1_700_000_000_000, 20), event('1', 1_600_000_000_000, 10)]) {
      expect(await local.functions['listener']?.invoke(toKinesisRecords([one]))).toEqual({ batchItemFailures: [] });
    }
    const view = await (await fetch(`${gateway.url}/shows/opera/seats`)).json() as { seats: object[] };
    expect(view.seats).toEqual([{ seat: 'B1', price: 20, status: 'free' }]);

    const measured = (): ReturnType<typeof readEmf> => readEmf(said.flatMap((line) => (line.startsWith('listener {"_aws"') ? [line.slice('listener '.length)] : [])));
    while (!measured().some(({ name }) => name === 'oplock.stale')) await new Promise((resolve) => setTimeout(resolve, 5)); // the line comes through a pipe
    const dimensions = { service: 'listener', pipeline: 'box-office' };
    expect(measured()).toEqual(expect.arrayContaining([
      { namespace: 'seats/test', name: 'oplock.applied', unit: 'Count', dimensions, values: [1] },
      { namespace: 'seats/test', name: 'oplock.stale', unit: 'Count', dimensions, values: [1] },
      { namespace: 'seats/test', name: 'oplock.lateness', unit: 'Milliseconds', dimensions, values: [100_000_000_000] },
    ]));
  });

  it('lock for whoever has a key, and show the locks', async () => {
    const call = (method: string, path: string, key: string, headers: Record<string, string> = {}): Promise<Response> =>
      fetch(`${gateway.url}${path}`, { method, headers: { authorization: `Bearer ${key}`, ...headers } });
    const before = Date.now();
    const granted = await call('PUT', '/locks/nightly-report', LOCAL_KEYS.user, { 'idempotency-key': 'k1' });
    const { lockId, fencingToken } = await granted.json() as { lockId: string; fencingToken: number };
    expect([granted.status, granted.headers.get('location')]).toEqual([201, '/locks/nightly-report']);
    // Its rows are collected by TTL: the first number is the time, so that the numbers of a new row go on growing.
    expect(fencingToken).toBeGreaterThan(before);
    expect((await call('PUT', '/locks/nightly-report', LOCAL_KEYS.admin, { 'idempotency-key': 'k2' })).status).toBe(423);
    expect((await call('GET', '/locks', 'unknown')).status).toBe(401);
    expect(await (await call('GET', '/locks', LOCAL_KEYS.admin)).json()).toMatchObject({ locks: [{ name: 'nightly-report', owner: 'you/' }] });
    expect((await call('DELETE', '/locks/nightly-report', LOCAL_KEYS.user, { 'lock-token': lockId })).status).toBe(204);
    const page = await fetch(gateway.url);
    expect([page.status, page.headers.get('content-type'), (await page.text()).startsWith('<!doctype html>')]).toEqual([200, 'text/html; charset=utf-8', true]);
  });

  it('fail as a whole when they die, and go on with a new process', async () => {
    const before = local.functions['command']?.stats.starts ?? 0;
    const underWay = fetch(`${gateway.url}/seats/opera.A1`);
    while ((await local.functions['command']?.kill()) === 0) await new Promise((resolve) => setImmediate(resolve));
    const answer = await underWay;
    expect([answer.status, await answer.json()]).toEqual([500, { message: 'Internal Server Error' }]);
    expect((await fetch(`${gateway.url}/seats/opera.A1`)).status).toBe(200);
    expect(local.functions['command']?.stats.starts).toBeGreaterThan(before);
  });

  it('are named when they are not bundled', () => {
    expect(() => startFunctions({ definition: readServerless(join(ROOT, 'serverless.yml')), root: bundles.runner, runner: bundles.runner, resolve: () => '', log: () => {} }))
      .toThrow(expect.objectContaining({ code: 'NOT_BUNDLED', message: expect.stringContaining('command') }));
  });
});
