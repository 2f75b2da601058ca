// npm run simulate: bundles the simulator and runs it; all arguments are its own.
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundleProgram } from '../service/bundle.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const program = await bundleProgram('scripts/simulate/main.ts', { outfile: join(ROOT, '.build', 'simulate', 'program.mjs') });
process.chdir(ROOT);
const { main } = await import(pathToFileURL(program).href);
process.exitCode = await main(process.argv.slice(2), (text) => process.stdout.write(text), (text) => process.stderr.write(text));
