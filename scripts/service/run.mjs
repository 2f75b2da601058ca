// Bundles the functions as they are deployed, then runs a program of src/service/local with them:
// `node scripts/service/run.mjs dev`, `… e2e`. What follows is the program's own arguments.
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundleFunctions, bundleProgram, bundleRunner } from './bundle.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PROGRAMS = { dev: 'src/service/local/dev.ts', e2e: 'src/service/local/e2e/main.ts' };

// Node 20 is supported on purpose until the SDK drops it.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const [name = '', ...args] = process.argv.slice(2);
const entry = PROGRAMS[name];
if (!entry) throw new Error(`${name} is none of ${Object.keys(PROGRAMS).join(', ')}`);
// A folder of its own, so that a run beside `npm run package` keeps its bundles.
const root = join(ROOT, '.build', name);
await bundleFunctions({ outdir: join(root, '.build') });
const runner = await bundleRunner({ outfile: join(root, 'function-runner.cjs') });
const program = await bundleProgram(entry, { outfile: join(root, 'program.mjs') });
const { main } = await import(pathToFileURL(program).href);
process.exitCode = await main(args, { serverless: join(ROOT, 'serverless.yml'), root, runner });
