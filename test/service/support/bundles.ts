import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..', '..');

/** Bundles the functions and the runner into a folder of their own, as `npm run dev` does into .build. The caller removes it. */
export const bundleService = (): { readonly root: string; readonly runner: string } => {
  const root = mkdtempSync(join(tmpdir(), 'oplock-bundles-'));
  const script = `
    import { bundleFunctions, bundleRunner } from ${JSON.stringify(join(ROOT, 'scripts/service/bundle.mjs'))};
    const [, root] = process.argv;
    await bundleFunctions({ outdir: root + '/.build' });
    await bundleRunner({ outfile: root + '/runner.cjs' });`;
  execFileSync(process.execPath, ['--input-type=module', '-e', script, root], { stdio: 'pipe' });
  return { root, runner: join(root, 'runner.cjs') };
};
