import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { memoryEngine } from '../../../src/replay/engines/memory';
import type { Engine } from '../../../src/replay/engines/engine';
import { apiKeys } from '../../../src/locks/rest/authorizer';
import { createLockService } from '../../../src/locks/rest/lock-service';
import { startLockServer, type LockServer } from '../../../src/locks/rest/node-server';
import { describeBrowser, type Tab } from '../../support/browser';
import { bearer, KEYS, keptLog, lockTableOf, SECRET } from '../../support/locks/rest';

/** Names and owners of whoever writes into the table: markup, scripts, quotes. */
const HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=2</script>"\'&amp;';

describeBrowser('the page of the lock service', (browser) => {
  let engine: Engine;
  let tableName: string;
  let server: LockServer;
  let tab: Tab;

  beforeAll(async () => {
    engine = memoryEngine();
    tableName = await lockTableOf(engine);
    server = await startLockServer(createLockService({ client: engine.client, tableName, authorizer: apiKeys(KEYS), secret: SECRET, logger: keptLog(), rateLimit: false }));
  });
  afterAll(async () => {
    await server.close();
    await engine.stop();
  });
  beforeEach(async () => {
    tab = await browser().newTab();
    await tab.open(server.url);
  });
  afterEach(() => {
    expect(tab.complaints).toEqual([]);
    expect(tab.requests.filter((url) => !url.startsWith(server.url))).toEqual([]);
  });

  const put = (name: string, body: object) => fetch(`${server.url}/locks/${name}`, {
    method: 'PUT', headers: { ...bearer('ada'), 'idempotency-key': name, 'content-type': 'application/json' }, body: JSON.stringify(body),
  }).then(async (response) => (await response.json()) as { lockId: string });
  const text = (selector: string) => tab.evaluate(`document.querySelector(${JSON.stringify(selector)}).textContent`);
  const signIn = async (key: string): Promise<void> => {
    await tab.type('#key', key);
    await tab.press('Enter');
  };
  /** The cells of each row. */
  const shown = async (): Promise<string[][]> => await tab.evaluate("[...document.querySelectorAll('#rows tr')].map((row) => [...row.children].map((cell) => cell.textContent))") as string[][];
  const rowOf = (name: string): string => `[...document.querySelectorAll('#rows tr')].find((row) => row.firstChild.textContent === ${JSON.stringify(name)})`;

  it('shows nothing without a key, and says what is wrong with a wrong one', async () => {
    await put('secret', { ttlMs: 60_000 });
    expect([await text('h1'), await tab.evaluate("document.querySelector('#locks').hidden")]).toEqual(['Locks', true]);
    await signIn('wrong');
    await tab.until("document.querySelector('#alert').textContent !== ''");
    expect([await text('#alert'), await shown()]).toEqual(['the key is not known', []]);
  });

  it('lists locks, their holders, and how much of the lease remains', async () => {
    await put('nightly-report', { owner: 'worker 1', ttlMs: 60_000 });
    await signIn('bob-key');
    await tab.until(rowOf('nightly-report'));
    const [, owner, remains, lease, action] = (await shown()).find(([name]) => name === 'nightly-report') ?? [];
    expect([owner, lease, action]).toEqual(['ada/worker 1', '60 s', 'Break']);
    expect(remains).toMatch(/^[1-6]?\d s$/);
    // It goes down by itself, and the lock goes away when it is given back.
    const seconds = `Number.parseInt(${rowOf('nightly-report')}.children[2].textContent)`;
    const before = await tab.evaluate(seconds);
    await tab.until(`${seconds} < ${before}`);
    expect(await text('#status')).toMatch(/^Locks held: \d+$/);
  });

  it('keeps the key in this tab only, out of every address, and forgets it', async () => {
    await signIn('bob-key');
    await tab.until("document.querySelector('#status').textContent !== ''");
    expect(await tab.evaluate("[document.querySelector('#key').value, document.cookie, localStorage.length, Object.values(sessionStorage)]")).toEqual(['', '', 0, ['bob-key']]);
    expect(tab.requests.filter((url) => url.includes('bob-key'))).toEqual([]);
    await tab.open(server.url);
    await tab.until("document.querySelector('#status').textContent !== ''");
    await tab.click('#forget');
    expect(await tab.evaluate("[sessionStorage.length, document.querySelector('#locks').hidden, document.activeElement.id]")).toEqual([0, true, 'key']);
  });

  it('does not break a lock for who is no admin', async () => {
    const { lockId } = await put('mine', { ttlMs: 60_000 });
    await signIn('bob-key');
    await tab.until(rowOf('mine'));
    await tab.evaluate(`${rowOf('mine')}.querySelector('button').id = 'breaker'`);
    await tab.click('#breaker');
    expect([await text('#breaker'), await tab.evaluate("document.querySelector('#breaker').getAttribute('aria-label')")]).toEqual(['Really break it?', 'Really break mine']);
    await tab.click('#breaker');
    await tab.until("document.querySelector('#alert').textContent !== ''");
    expect(await text('#alert')).toBe('Not broken: mine. a lock is broken by an admin');
    const renewed = await fetch(`${server.url}/locks/mine/renew`, { method: 'POST', headers: { ...bearer('ada'), 'lock-token': lockId } });
    expect(renewed.status).toBe(200);
  });

  it('breaks a lock for an admin, when it was asked twice', async () => {
    const { lockId } = await put('stuck', { owner: 'w', ttlMs: 60_000 });
    await signIn('root-key');
    await tab.until(rowOf('stuck'));
    await tab.evaluate(`${rowOf('stuck')}.querySelector('button').id = 'breaker'`);
    await tab.click('#breaker');
    // Whoever goes elsewhere has not meant it.
    await tab.click('h1');
    await tab.until("document.querySelector('#breaker').textContent === 'Break'");
    await tab.click('#breaker');
    await tab.click('#breaker');
    await tab.until("document.querySelector('#breaker').disabled");
    expect(await tab.evaluate(`${rowOf('stuck')}.children[1].textContent`)).toBe('ada/w (broken)');
    expect(await text('#status')).toMatch(/^Broken: stuck\. It is free in \d+ s at the latest\.$/);
    const renewed = await fetch(`${server.url}/locks/stuck/renew`, { method: 'POST', headers: { ...bearer('ada'), 'lock-token': lockId } });
    expect(renewed.status).toBe(412);
  });

  it('shows what others have written as text, and breaks it whatever it is called', async () => {
    await engine.client.send(new PutCommand({ TableName: tableName, Item: { key: HOSTILE, ownerName: HOSTILE, leaseDuration: '60000', recordVersionNumber: 'r1' } }));
    await signIn('root-key');
    await tab.until(rowOf(HOSTILE));
    const row = (await shown()).find(([name]) => name === HOSTILE);
    expect(row?.[1]).toBe(HOSTILE);
    expect(await tab.evaluate("document.querySelectorAll('#rows img, #rows script').length")).toBe(0);
    await tab.evaluate(`${rowOf(HOSTILE)}.querySelector('button').id = 'breaker'`);
    await tab.click('#breaker');
    await tab.click('#breaker');
    await tab.until("document.querySelector('#breaker').disabled");
    expect([await tab.evaluate('window.hacked'), await text('#status')]).toEqual([undefined, expect.stringContaining(`Broken: ${HOSTILE}.`)]);
  });

  it('does not run what its policy does not know', async () => {
    await tab.evaluate("document.body.appendChild(Object.assign(document.createElement('script'), { textContent: 'window.hacked = 3' }))");
    while (tab.complaints.length === 0) await tab.evaluate('new Promise((resolve) => setTimeout(resolve, 10))');
    expect([await tab.evaluate('window.hacked'), tab.complaints.splice(0).join()]).toEqual([undefined, expect.stringContaining('Content Security Policy')]);
  });

  it('has a name for everything that can be used, and a head for every column', async () => {
    await put('named', { ttlMs: 60_000 });
    await signIn('bob-key');
    await tab.until(rowOf('named'));
    const nameless = "[...document.querySelectorAll('input, button')].filter((one) => !one.labels?.length && !(one.getAttribute('aria-label') || one.textContent)).length";
    expect(await tab.evaluate(`[${nameless}, document.documentElement.lang, document.title, document.querySelectorAll('th:not([scope])').length, document.querySelector('#status').getAttribute('role'), document.querySelector('#alert').getAttribute('role')]`))
      .toEqual([0, 'en', 'Locks', 0, 'status', 'alert']);
  });
});
