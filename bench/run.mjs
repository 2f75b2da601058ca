// npm run bench: builds the library, installs what it is compared with (the first time), then runs the bench.
// The bench has packages of its own, so that the library's `npm ci` stays small.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = dirname(HERE);
const args = process.argv.slice(2);

const step = (what, cwd, ...npmArgs) => {
  console.error(what);
  const { status } = spawnSync('npm', npmArgs, { cwd, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (status !== 0) throw new Error(`npm ${npmArgs.join(' ')} failed in ${cwd}`);
};

const isInstalled = () => {
  const mark = join(HERE, 'node_modules', '.package-lock.json');
  return existsSync(mark) && statSync(mark).mtimeMs >= statSync(join(HERE, 'package-lock.json')).mtimeMs;
};

/** The library as it is published. It becomes part of the bench's files, so that it uses the same copy of the SDK as the others. */
const library = {
  name: 'library',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^oplock-stream(\/|$)/ }, ({ path }) => ({ path: join(ROOT, 'dist', path.slice('oplock-stream'.length), 'index.js') }));
  },
};

if (args.includes('--help') || args.includes('-h')) {
  console.log(readFileSync(join(HERE, 'help.txt'), 'utf8').trimEnd());
} else {
  step('Building the library', ROOT, 'run', '--silent', 'build');
  if (!isInstalled()) step('Installing the packages that the bench compares with (once, about 70 MB)', HERE, 'ci', '--no-audit', '--no-fund');
  const outdir = join(HERE, '.build');
  rmSync(outdir, { recursive: true, force: true });
  await build({
    absWorkingDir: HERE, entryPoints: ['main.ts', 'worker.ts', 'locks/worker.ts', 'stub.ts'], outdir, bundle: true, splitting: true, format: 'esm', platform: 'node', target: 'node20',
    packages: 'external', plugins: [library], logLevel: 'warning',
  });
  const { status } = spawnSync(process.execPath, [join(outdir, 'main.js'), ...args], { stdio: 'inherit', env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' } });
  process.exitCode = status ?? 1;
}
