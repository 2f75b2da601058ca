// What a fresh process computes to load a bundle: CPU time, which other processes disturb less than the clock does. A
// figure to compare within one run, never to be tested for.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const TIME = 'const before = process.cpuUsage(); require(process.argv[1]); const { user, system } = process.cpuUsage(before); process.stdout.write(String((user + system) / 1000));';

/** What a Lambda function finds in its environment. */
const ENVIRONMENT = { AWS_REGION: 'local', AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x', AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };

const importMs = (path) => Number(execFileSync(process.execPath, ['-e', TIME, path], { encoding: 'utf8', env: { ...process.env, ...ENVIRONMENT } }));

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/**
 * Each bundle once a round, so that what else the machine does hits all of them.
 *
 * @param {readonly { id: string, path: string }[]} bundles One has the id `sdk`.
 * @returns {Map<string, { ms: number, toSdk: number }>} By id: medians, of the time less that of an empty module, and
 *   of its ratio to that of `sdk` in the same round.
 */
export const importTimes = (bundles, rounds = 11) => {
  const empty = join(dirname(bundles[0].path), 'empty.cjs');
  writeFileSync(empty, 'exports.handler = () => {};');
  const measured = Array.from({ length: rounds }, () => {
    const nothing = importMs(empty);
    return new Map(bundles.map(({ id, path }) => [id, importMs(path) - nothing]));
  });
  return new Map(bundles.map(({ id }) => [id, {
    ms: median(measured.map((round) => round.get(id))),
    toSdk: median(measured.map((round) => round.get(id) / round.get('sdk'))),
  }]));
};
