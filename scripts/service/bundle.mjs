// Bundles the functions of the service for Lambda: one CommonJS file each, the SDK inside.
// Used by `npm run package`, by `npm run dev` and by tests.
import { rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { LAMBDA } from '../esbuild.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export const FUNCTIONS = ['command', 'trigger', 'listener', 'locks'];

/** `.cjs`, so that it is CommonJS wherever it lies. */
const options = {
  ...LAMBDA,
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  absWorkingDir: ROOT,
  legalComments: 'none',
  logLevel: 'warning',
};

/**
 * @param {{ outdir?: string }} [where] Default `.build` in the project, emptied first.
 * @returns {Promise<Record<string, { path: string, bytes: number, inputs: string[] }>>} By function: the file, its
 *   size, and what went into it, relative to the project.
 */
export const bundleFunctions = async ({ outdir = join(ROOT, '.build') } = {}) => {
  rmSync(outdir, { recursive: true, force: true });
  const bundles = await Promise.all(FUNCTIONS.map(async (name) => {
    const { metafile } = await build({ ...options, metafile: true, entryPoints: { [name]: `src/service/${name}.ts` }, outdir });
    const [output] = Object.values(metafile.outputs);
    return [name, { path: join(outdir, `${name}.cjs`), bytes: output.bytes, inputs: Object.keys(output.inputs).filter((path) => output.inputs[path].bytesInOutput > 0) }];
  }));
  return Object.fromEntries(bundles);
};

/** For this machine: readable, for the Node that the package supports. */
const local = { ...options, minify: false, target: 'node20', outExtension: {} };

/** The process in which a function runs locally: src/service/local/function-runner.ts, as a file that node can start. */
export const bundleRunner = async ({ outfile = join(ROOT, '.build', 'local', 'function-runner.cjs') } = {}) => {
  await build({ ...local, entryPoints: ['src/service/local/function-runner.ts'], outfile });
  return outfile;
};

/**
 * A program of the project, for example src/service/local/dev.ts, as an ES module that node can start. Installed packages
 * stay outside: the file has to lie in the project.
 */
export const bundleProgram = async (entry, { outfile = join(ROOT, '.build', 'local', `${basename(entry, '.ts')}.mjs`) } = {}) => {
  await build({ ...local, format: 'esm', packages: 'external', entryPoints: [entry], outfile });
  return outfile;
};
