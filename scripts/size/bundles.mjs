// Bundles the handlers beside it with the README's line, as somebody who has installed the package.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { LAMBDA } from '../esbuild.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const HERE = 'scripts/size/handlers';

/** By handler: the largest bundle that passes, in bytes. */
export const BUDGET = JSON.parse(readFileSync(new URL('budget.json', import.meta.url), 'utf8'));

/** All in one go, because most of the work is to read the SDK. @returns By handler: `{ bytes, inputs }`. */
const bundle = async (names, options, { outdir, end }) => {
  // The package's own name leads to its exports, as everywhere; the project's tsconfig would lead to its source.
  const { metafile } = await build({
    ...options, tsconfigRaw: {}, metafile: true, absWorkingDir: ROOT, entryPoints: names.map((name) => join(HERE, `${name}.mjs`)), outdir, outExtension: { '.js': end }, logLevel: 'warning',
  });
  return new Map(Object.entries(metafile.outputs).map(([path, output]) => [basename(path, end), output]));
};

/**
 * @param {{ outdir?: string, names?: readonly string[] }} [where] Default `.build/size` in the project, emptied first; all handlers.
 * @returns {Promise<{ id: string, path: string, bytes: number, gzip: number, budget?: number, met: boolean, whole: number,
 *   inputs: Record<string, { bytesInOutput: number }> }[]>} `whole`: the bytes when nothing stays outside. `sdk`, with nothing
 *   of ours, has no budget.
 */
export const bundleHandlers = async ({ outdir = join(ROOT, '.build', 'size'), names = [...Object.keys(BUDGET), 'sdk'] } = {}) => {
  if (!existsSync(join(ROOT, 'dist', 'index.js'))) throw new Error('dist/ is missing: `npm run size` builds it, or run `npm run build`');
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  const [without, whole] = await Promise.all([
    bundle(names, LAMBDA, { outdir, end: '.cjs' }),
    bundle(names, { ...LAMBDA, external: [] }, { outdir, end: '.whole.cjs' }),
  ]);
  return names.map((id) => {
    const path = join(outdir, `${id}.cjs`);
    const { bytes, inputs } = without.get(id);
    const budget = BUDGET[id];
    return { id, path, bytes, gzip: gzipSync(readFileSync(path)).length, ...(budget && { budget }), met: !(bytes > budget), whole: whole.get(id).bytes, inputs };
  });
};
