// npm run hunt [-- <what jest takes>]: the tests with random histories again and again, each time with others, until one fails.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const given = process.argv.slice(2);
if (given.includes('--help')) {
  console.log('npm run hunt [-- <files, -t name, …>]   default: test/property\n\nRuns tests with random seeds until one fails. What fast-check then prints (seed, path) repeats it: put both into the assertion, or\nOPLOCK_TEST_SEED=<seed> npx jest <file>. Ctrl-C ends it.');
  process.exit(0);
}

for (let round = 1; ; round += 1) {
  const began = Date.now();
  const { status, signal } = spawnSync(process.execPath, ['node_modules/jest/bin/jest.js', '--silent', ...(given.length > 0 ? given : ['test/property'])], {
    cwd: root,
    env: { ...process.env, OPLOCK_TEST_SEED: 'random', AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    stdio: ['inherit', 'ignore', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  console.log(`round ${round}: ${status === 0 ? 'nothing found' : 'FAILED'} in ${Math.round((Date.now() - began) / 1000)} s`);
  if (status !== 0 || signal) process.exit(status ?? 1);
}
