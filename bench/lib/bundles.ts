import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { LAMBDA } from '../../scripts/esbuild.mjs';

export interface Bundle {
  readonly path: string;
  readonly bytes: number;
}

/** From bench/.build, where this runs. */
const BENCH = fileURLToPath(new URL('..', import.meta.url));
const MODULES = join(BENCH, '..', 'dist', 'modules');

/** The library as it is published for bundlers; and one copy of the SDK for all, whoever asks for it. */
const shared: Plugin = {
  name: 'shared',
  setup: ({ onResolve, resolve }) => {
    onResolve({ filter: /^oplock-stream$/ }, () => ({ path: join(MODULES, 'index.js'), sideEffects: false }));
    onResolve({ filter: /^(@aws-sdk\/|highland$)/ }, ({ path, kind, resolveDir }) =>
      (resolveDir.startsWith(MODULES) ? resolve(path, { kind, resolveDir: BENCH }) : undefined));
  },
};

/** The line of the README's "Deploying", for the listener that a file of sides/ exports under this name. */
export const bundleListener = async (name: string, file: string, exported: string): Promise<Bundle> => {
  const outfile = join(BENCH, '.build', 'bundles', `${name}.cjs`);
  const { metafile } = await build({
    absWorkingDir: BENCH,
    stdin: { contents: `import { ${exported} as listener } from './sides/${file}';\nexport const handler = listener({ tableName: 'things' });\n`, resolveDir: BENCH, loader: 'ts' },
    ...LAMBDA, legalComments: 'none', plugins: [shared], outfile, metafile: true, logLevel: 'error',
  });
  const [output] = Object.values(metafile?.outputs ?? {});
  if (!output) throw new Error(`nothing was bundled for ${name}`);
  return { path: outfile, bytes: output.bytes };
};

const TIMED_REQUIRE = 'const t = performance.now(); require(process.argv[1]); console.log(performance.now() - t);';

/** What loading the file takes in a fresh process, ms; the process itself is up by then. */
export const importMs = ({ path }: Bundle): number => {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['-e', TIMED_REQUIRE, path], {
    encoding: 'utf8', env: { PATH: process.env['PATH'], AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local', AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  });
  const ms = Number.parseFloat(stdout);
  if (status !== 0 || !(ms > 0)) throw new Error(`${path} cannot be loaded: ${stderr}`);
  return ms;
};
