import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

// The command as it is built and installed: `npm test` builds first.
const MAIN = resolve('dist/cli/main.js');

const oplock = (...args: string[]) => spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', timeout: 60_000 });

const EVENTS = 'fixtures/hazards/tie/events.jsonl';
const EXPECTED = 'fixtures/hazards/tie/expected.json';

const body = (types: boolean): string => `[{
  id: 'thing', flavor: materialize, eventType: 'thing-updated',
  toWrite: (uow${types ? ': any' : ''}) => ({ key: { pk: uow.event.thing.id, sk: 'thing' }, set: { name: uow.event.thing.name } }),
}]`;

const MODULES = {
  'rules.mjs': `import { materialize } from 'oplock-stream';\nexport default ${body(false)};`,
  'rules.js': `import { materialize } from 'oplock-stream';\nexport default { rules: ${body(false)}, source: 'kinesis' };`,
  'rules.cjs': `const { materialize } = require('oplock-stream');\nmodule.exports = ${body(false)};`,
  'rules.ts': `import { materialize, type Rule } from 'oplock-stream';\nconst rules: unknown = ${body(true)};\nexport default rules as Rule[];`,
  'rules.mts': `import { materialize } from 'oplock-stream';\nexport default { rules: ${body(true)} satisfies unknown[] };`,
};

// Inside the package (in a folder that git ignores), so that the modules find it by its own name, as an application finds it in node_modules.
let folder: string;
beforeAll(async () => {
  if (!existsSync(MAIN)) throw new Error('There is no dist: run `npm run build` first.');
  await mkdir('coverage', { recursive: true });
  folder = await mkdtemp(resolve('coverage', 'rules-'));
  for (const [name, content] of Object.entries(MODULES)) await writeFile(join(folder, name), content);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each(Object.keys(MODULES))('%s is loaded, and its rules make the expected table', (name) => {
  const { status, stdout, stderr } = oplock('replay', EVENTS, '--rules', join(folder, name), '--expect', EXPECTED, '--shuffle', '--json');
  expect({ status, stderr: stderr.replace(/\(node:\d+\) Warning: NodeVersionSupportWarning[^]*?was created\)\n/, '') }).toEqual({ status: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({ events: 6, undelivered: 0, table: { items: 3 } });
});

test('exit codes and version of the process itself', () => {
  expect(oplock('replay', EVENTS, '--rules', join(folder, 'rules.mjs'), '--expect', 'fixtures/hazards/out-of-order/expected.json').status).toBe(1);
  expect(oplock('replay').status).toBe(2);
  const { status, stdout } = oplock('--version');
  expect({ status, stdout }).toEqual({ status: 0, stdout: `${(jest.requireActual<{ version: string }>('../../package.json')).version}\n` });
});

test('the package is found from any working directory', async () => {
  const elsewhere = await mkdtemp(join(tmpdir(), 'oplock-test-'));
  const { status } = spawnSync(process.execPath, [
    MAIN, 'replay', resolve(EVENTS), '--rules', join(folder, 'rules.mjs'), '--expect', resolve(EXPECTED),
  ], { cwd: elsewhere, timeout: 60_000 });
  await rm(elsewhere, { recursive: true, force: true });
  expect(status).toBe(0);
});
