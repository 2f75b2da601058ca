// npm run package: the CloudFormation template and one zip per function, in .serverless/.
// `--to <folder>` makes them there instead and leaves the project alone. All other arguments go to osls:
// npm run package -- --stage prod --region eu-west-1
import { spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleFunctions } from './bundle.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const args = process.argv.slice(2);
const place = args.indexOf('--to');
const [, folder] = place < 0 ? ['--to', ROOT] : args.splice(place, 2);
if (folder === undefined || folder.startsWith('-') || args.includes('--to')) {
  console.error('--to: name the folder in which to package, once.');
  process.exit(2);
}
const cwd = resolve(folder);

const bundles = await bundleFunctions({ outdir: join(cwd, '.build') });
for (const [name, { bytes }] of Object.entries(bundles)) console.log(`${name}: ${(bytes / 1024).toFixed(0)} kB`);
if (cwd !== resolve(ROOT)) copyFileSync(join(ROOT, 'serverless.yml'), join(cwd, 'serverless.yml'));

const osls = join(dirname(createRequire(import.meta.url).resolve('osls/package.json')), 'bin', 'serverless.js');
// Packaging asks AWS nothing, so whatever credentials there are stay unused.
const { status } = spawnSync(process.execPath, [osls, 'package', ...args], { cwd, stdio: 'inherit', env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' } });
process.exitCode = status ?? 1;
