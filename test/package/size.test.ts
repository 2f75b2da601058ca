import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Bytes only: how long a bundle takes to load depends on what else the machine does. */
const root = join(__dirname, '..', '..');
const node = (script: string, ...args: string[]): unknown =>
  JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', script, ...args], { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 }));

interface Bundle {
  readonly id: string;
  readonly path: string;
  readonly bytes: number;
  readonly gzip: number;
  readonly budget?: number;
  readonly met: boolean;
  readonly whole: number;
  readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>>;
}

let outdir: string;
let bundles: readonly Bundle[];
const bundle = (id: string): Bundle => {
  const found = bundles.find((one) => one.id === id);
  if (!found) throw new Error(`there is no bundle ${id}`);
  return found;
};
const holds = (id: string, text: string): boolean => readFileSync(bundle(id).path, 'utf8').includes(text);
const packagesOf = (id: string): readonly string[] =>
  Object.entries(bundle(id).inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path);

beforeAll(() => {
  outdir = mkdtempSync(join(realpathSync(tmpdir()), 'oplock-size-'));
  bundles = node(
    "import { bundleHandlers } from './scripts/size/bundles.mjs'; console.log(JSON.stringify(await bundleHandlers({ outdir: process.argv[1] })));",
    outdir,
  ) as readonly Bundle[];
}, 60_000);
afterAll(() => rmSync(outdir, { recursive: true, force: true }));

describe('the bundle of a handler', () => {
  it('stays within its budget', () => {
    const measured = bundles.filter(({ budget }) => budget !== undefined);
    expect(measured.map(({ id }) => id)).toEqual(['listener', 'copy', 'trigger', 'command', 'lease', 'claim', 'shared', 'lock-service', 'rest-locks']);
    expect(measured.filter(({ bytes, budget = 0 }) => bytes > budget).map(({ id, bytes, budget }) => `${id}: ${bytes} of ${budget} bytes, see npm run size -- --why`)).toEqual([]);
    expect(measured.filter(({ met }) => !met)).toEqual([]);
  });

  it('has one source, that which the handler names', () => {
    const [kinesis, dynamodb] = ['a corrupt KPL aggregate', 'dynamodb.SequenceNumber'];
    expect([holds('listener', kinesis), holds('listener', dynamodb)]).toEqual([true, false]);
    expect([holds('copy', kinesis), holds('copy', dynamodb)]).toEqual([false, true]);
  });

  it('has no client that the handler does not use, and nothing optional', () => {
    const clientsOf = (id: string) => new Set(packagesOf(id).flatMap((path) => /@aws-sdk\/((?:client|lib)-[\w-]+)\//.exec(path)?.[1] ?? []));
    for (const id of ['listener', 'copy', 'command', 'lease', 'claim', 'shared', 'lock-service']) expect(clientsOf(id)).toEqual(new Set(['client-dynamodb', 'lib-dynamodb']));
    expect(clientsOf('trigger')).toEqual(new Set(['client-kinesis']));
    expect(clientsOf('rest-locks')).toEqual(new Set());
    expect(bundles.map(({ id }) => id).filter((id) => packagesOf(id).some((path) => path.includes('highland')))).toEqual(['listener', 'copy', 'trigger']);
    for (const { id } of bundles) expect(packagesOf(id).filter((path) => /dynalite|fast-check|jiti|replay|credential-provider-(sso|ini|process|web-identity)/.test(path))).toEqual([]);
  });

  it('has the kind of lock that the handler makes, and no other', () => {
    const makers: Readonly<Record<string, string>> = {
      lease: 'lease/client', claim: 'claim/claims', step: 'claim/claimed', shared: 'shared/objects', channel: 'shared/channel', cache: 'shared/cache',
      service: 'rest/lock-service', description: 'rest/openapi', page: 'rest/page', server: 'rest/node-server', remote: 'rest/client/rest-locks',
    };
    const madeIn = (id: string) => Object.keys(makers).filter((kind) => packagesOf(id).includes(`dist/modules/locks/${makers[kind]}.js`));
    expect(madeIn('lease')).toEqual(['lease']);
    expect(madeIn('claim')).toEqual(['claim']);
    expect(madeIn('shared')).toEqual(['shared']);
    expect(madeIn('lock-service')).toEqual(['service', 'description', 'page']);
    expect(madeIn('rest-locks')).toEqual(['remote']);
    // The texts of the service, wherever they come to stand.
    for (const text of ['<!doctype html>', '/openapi.json']) expect(bundles.map(({ id }) => id).filter((id) => holds(id, text))).toEqual(['lock-service']);
  });

  it('loads, and gives a handler', () => {
    for (const { path } of bundles) {
      const type = node("import { createRequire } from 'node:module'; console.log(JSON.stringify(typeof createRequire(process.argv[1])(process.argv[1]).handler));", path);
      expect(type).toBe('function');
    }
  });
});

it('has the sizes that the documentation says', () => {
  const rows = readFileSync(join(root, 'docs', 'bundling.md'), 'utf8').matchAll(/^\| `([\w-]+)`[^|]*\| (\d+) \| (\d+) \| (\d+) \| (?:(\d+) )?\|$/gm);
  const said = [...rows].map(([, id = '', bytes, gzip, whole, budget = '0']) => ({ id, bytes: Number(bytes), gzip: Number(gzip), whole: Number(whole), budget: Number(budget) }));
  expect(said.map(({ id, budget }) => [id, budget])).toEqual(bundles.map(({ id, budget = 0 }) => [id, budget / 1000]));
  // Not to the byte, so that not each change of the source is one of this page.
  const far = said.filter(({ id, ...kB }) => (['bytes', 'gzip', 'whole'] as const).some((what) => Math.abs(kB[what] - bundle(id)[what] / 1000) > 1 + kB[what] * 0.03));
  expect(far.map(({ id }) => `${id}: see npm run size`)).toEqual([]);
});

it('is made with the line of the README', () => {
  const flags = node("import { LAMBDA, flagsOf } from './scripts/esbuild.mjs'; console.log(JSON.stringify(flagsOf(LAMBDA)));") as readonly string[];
  for (const page of ['README.md', 'docs/bundling.md']) {
    const lines = readFileSync(join(root, page), 'utf8').replace(/\\\n\s*/g, '').split('\n').filter((line) => line.startsWith('esbuild '));
    expect(lines).toEqual([`esbuild src/listener.ts ${flags.join(' ')} --outfile=dist/listener.js`]);
  }
});

it('leaves out all of the SDK where only a function is taken', () => {
  const inputs = node(
    `import { build } from 'esbuild'; import { LAMBDA } from './scripts/esbuild.mjs';
     const stdin = { contents: "export { now, ttl, timestampCondition } from 'oplock-stream';", resolveDir: '.' };
     const { metafile } = await build({ ...LAMBDA, tsconfigRaw: {}, stdin, write: false, metafile: true });
     console.log(JSON.stringify(Object.entries(Object.values(metafile.outputs)[0].inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path)));`,
  ) as readonly string[];
  expect(inputs.join()).toContain('dist/');
  expect(inputs.filter((path) => /@aws-sdk|@smithy/.test(path))).toEqual([]);
});
