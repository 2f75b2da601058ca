// npm run package: the CloudFormation template and one zip per function, in .serverless/.
// Arguments go to osls: npm run package -- --stage prod --region eu-west-1
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleFunctions } from './bundle.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const bundles = await bundleFunctions();
for (const [name, { bytes }] of Object.entries(bundles)) console.log(`${name}: ${(bytes / 1024).toFixed(0)} kB`);

const manifest = createRequire(import.meta.url).resolve('osls/package.json');
const osls = join(dirname(manifest), 'bin', 'serverless.js');
// Packaging asks AWS nothing. The dummy credentials keep osls from looking for real ones.
const { status } = spawnSync(process.execPath, [osls, 'package', ...process.argv.slice(2)], {
  cwd: ROOT,
  stdio: 'inherit',
  env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', SLS_INTERACTIVE_SETUP_ENABLE: '' },
});
process.exitCode = status ?? 1;
