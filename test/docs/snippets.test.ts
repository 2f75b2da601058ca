import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import type ts from 'typescript';
import { HELP } from '../../src/cli/help';
import { OUTCOME_KINDS } from '../../src/outcome';
import { compile, exportsOf, literalsOf, problemsOf } from './compile';
import { anchorsOf, inlineCode, page, pages, prose, ROOT, snippetsOf, tableBelow } from './markdown';

const snippets = [...pages.keys()].flatMap(snippetsOf);
/** Shows that the compiler would notice. */
const wrong = { place: 'wrong:1', code: "import { update } from 'oplock-stream';\nupdate({ tableNam: 'x' });\n" };

describe('the documentation', () => {
  let program: ts.Program;
  let fileOf: ReturnType<typeof compile>['fileOf'];

  beforeAll(() => {
    ({ program, fileOf } = compile([...snippets, wrong]));
  }, 60_000);

  it('has snippets', () => {
    expect(snippets.length).toBeGreaterThan(10);
  });

  it.each(snippets.map((snippet) => [snippet.place, snippet] as const))('%s compiles', (_place, snippet) => {
    expect(problemsOf(program, fileOf(snippet))).toEqual([]);
  });

  it('would notice a snippet that does not compile', () => {
    expect(problemsOf(program, fileOf(wrong))).toEqual([expect.stringMatching(/^line 2: .*tableNam/)]);
  });

  it('shows the examples as they are run', () => {
    const shown = snippets.flatMap(({ file, code }) => (file === undefined ? [] : [{ file, code }]));
    expect(shown.map(({ file }) => file).sort()).toEqual(readdirSync(join(ROOT, 'test/docs/examples')).map((name) => `test/docs/examples/${name}`).sort());
    for (const { file, code } of shown) expect(readFileSync(join(ROOT, file), 'utf8').replace("'../../../src'", "'oplock-stream'")).toBe(code);
  });

  it.each([...pages.keys()])('%s links to what is there', (path) => {
    const targets = [...prose(page(path)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target as string);
    const broken = targets.filter((target) => {
      if (/^https?:/.test(target)) return false;
      const [file = '', anchor] = target.split('#');
      const found = file === '' ? path : normalize(join(dirname(path), file));
      if (!existsSync(join(ROOT, found))) return true;
      return anchor !== undefined && !anchorsOf(found).has(anchor);
    });
    expect(broken).toEqual([]);
  });

  it('lists the outcomes that there are, in their order', () => {
    const kinds = tableBelow('README.md', 'outcomes').map(([kind = '']) => inlineCode(kind)[0]);
    expect(kinds).toEqual([...OUTCOME_KINDS]);
  });

  it('names in the tables of outcomes and reasons what the package exports, its metrics and its fields', () => {
    const reasons = literalsOf(program, 'src/outcome.ts', 'RetryReason');
    const exported = exportsOf(program, 'src/index.ts');
    const fields = ['aheadMs', 'maxFutureSkew', 'behindMs', 'dropped', 'batchItemFailures', 'keepForDays', 'skip'];
    const metrics = inlineCode(page('docs/metrics.md'));
    const names = tableBelow('README.md', 'outcomes').flat().flatMap(inlineCode).flatMap((code) => code.match(/[\w.]+/g) ?? []);
    const known = new Set<string>([...OUTCOME_KINDS, ...reasons, ...exported, ...fields, ...metrics, '.filter']);
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  });

  it('explains every reason for a retry', () => {
    const reasons = literalsOf(program, 'src/outcome.ts', 'RetryReason');
    expect(tableBelow('docs/outcomes-and-faults.md', 'reasons').map(([reason = '']) => inlineCode(reason)[0]).sort()).toEqual(reasons.sort());
  });

  it('lists the options that the command has', () => {
    const flags = (text: string): string[] => [...new Set(text.match(/--[a-z][a-z-]*/g))].filter((flag) => flag !== '--help' && flag !== '--version').sort();
    const listed = tableBelow('docs/replay.md', 'options').map(([option = '']) => option).join(' ');
    expect(flags(listed)).toEqual(flags(HELP));
  });

  it('names no error code, environment variable or constant that the code does not know', () => {
    const sources = ['src', 'test/support'].flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => readFileSync(join(ROOT, folder, name), 'utf8')));
    const own = [...pages.keys()].filter((path) => path !== 'docs/migrating.md'); // that one names another library's
    const constants = own.flatMap((path) => inlineCode(prose(page(path))).filter((code) => /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/.test(code)));
    expect(constants.length).toBeGreaterThan(3);
    expect([...new Set(constants)].filter((code) => !sources.some((source) => source.includes(code)))).toEqual([]);
  });
});
