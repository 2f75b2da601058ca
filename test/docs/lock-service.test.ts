import { execFile } from 'node:child_process';
import { memoryEngine } from '../../src/replay/engines/memory';
import { apiKeys, hashKey } from '../../src/locks/rest/authorizer';
import { createLockService } from '../../src/locks/rest/lock-service';
import { startLockServer } from '../../src/locks/rest/node-server';
import { keptLog, lockTableOf, SECRET } from '../support/locks/rest';
import { page } from './markdown';

const MARKER = '<!-- run with curl -->\n```sh\n';

/** The blocks of the page, in their order, as one script. */
const script = (): string => page('docs/lock-service.md').split(MARKER).slice(1).map((rest) => rest.slice(0, rest.indexOf('\n```'))).join('\n');

const run = (text: string, env: Record<string, string>): Promise<string> => new Promise((resolve, reject) => {
  execFile('bash', ['-euc', text], { env: { PATH: process.env['PATH'] ?? '', ...env } }, (error, stdout) => (error ? reject(error) : resolve(stdout)));
});

it('docs/lock-service.md: the commands answer as it says, word for word', async () => {
  const engine = memoryEngine();
  const keys = [{ id: 'report', sha256: hashKey('report-key') }, { id: 'ops', role: 'admin' as const, sha256: hashKey('ops-key') }];
  const server = await startLockServer(createLockService({
    client: engine.client, tableName: await lockTableOf(engine), authorizer: apiKeys(keys), secret: SECRET, exclusive: true, logger: keptLog(),
  }));
  try {
    const output = await run(script(), { LOCKS: server.url, KEY: 'report-key', ADMIN_KEY: 'ops-key' });
    const promised = [...script().matchAll(/^# (HTTP\/1\.1 .*)$/gm)].map(([, line = '']) => line.split(' … ')[0]);
    const answers = output.split(/(?=HTTP\/1\.1 \d)/);
    const answered = answers.map((answer) => answer.slice(0, answer.indexOf('\r')));
    expect(promised.length).toBeGreaterThan(6);
    expect(answered).toEqual(promised);
    // The members that the page shows are those of the answers.
    const shown = [...script().matchAll(/^# HTTP.* (\{.*)$/gm)].map(([, body = '']) => [...body.matchAll(/"(\w+)":/g)].map(([, name]) => name));
    const bodies = answers.map((answer) => answer.slice(answer.indexOf('\r\n\r\n')));
    expect(shown.length).toBeGreaterThan(3);
    for (const names of shown) expect(bodies.some((body) => names.every((name) => body.includes(`"${name}":`)))).toBe(true);
  } finally {
    await server.close();
    await engine.stop();
  }
});
