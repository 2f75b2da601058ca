import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');

interface Planted {
  readonly file: string;
  readonly line: string;
}

/** Lints each line as if it were the whole content of the file, in a process of its own. */
const lint = (planted: readonly Planted[]): readonly (readonly string[])[] => {
  const script = `
    import { readFileSync } from 'node:fs';
    import { ESLint } from 'eslint';
    const rules = ['no-restricted-imports', 'no-restricted-syntax', '@typescript-eslint/no-explicit-any'];
    const eslint = new ESLint({
      ruleFilter: ({ ruleId }) => rules.includes(ruleId),
      // These rules need no types, and without types it is quick.
      overrideConfig: { files: ['**/*.ts'], languageOptions: { parserOptions: { projectService: false } } },
    });
    const results = [];
    for (const { file, line } of JSON.parse(readFileSync(0, 'utf8'))) {
      const [result] = await eslint.lintText(line + '\\n', { filePath: file });
      results.push(result ? result.messages.map(({ ruleId, message }) => ruleId + ': ' + message) : ['not linted']);
    }
    process.stdout.write(JSON.stringify(results));`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: root, input: JSON.stringify(planted), encoding: 'utf8' });
  return JSON.parse(output) as readonly (readonly string[])[];
};

const violations: readonly Planted[] = [
  { file: 'src/oplock/order.ts', line: "import { fromKinesis } from '../sources/from-kinesis';" },
  { file: 'src/oplock/order.ts', line: "import type { Metrics } from '../metrics/metrics';" },
  { file: 'src/oplock/order.ts', line: "export * from '../replay';" },
  { file: 'src/oplock/order.ts', line: "import highland from 'highland';" },
  { file: 'src/oplock/order.ts', line: "import { DynamoDBClient } from '@aws-sdk/client-dynamodb';" },
  { file: 'src/oplock/order.ts', line: "import { marshall } from '@aws-sdk/util-dynamodb';" },
  { file: 'src/oplock/order.ts', line: "export const load = () => import('highland');" },
  { file: 'src/oplock/order.ts', line: "export const load = () => import('../sinks/dynamodb/update');" },
  { file: 'src/sources/source.ts', line: "import { materialize } from '../flavors/materialize';" },
  { file: 'src/steps/split.ts', line: "import { replay } from '../replay';" },
  { file: 'src/sinks/dynamodb/update.ts', line: "import { materialize } from '../../flavors/materialize';" },
  { file: 'src/sinks/dynamodb/update.ts', line: "export { main } from '../../cli/main';" },
  { file: 'src/pipelines/initialize.ts', line: "import { materialize } from '../flavors/materialize';" },
  { file: 'src/pipelines/initialize.ts', line: "export const load = () => import('../replay');" },
  { file: 'src/flavors/materialize.ts', line: "import { replay } from '../replay';" },
  { file: 'src/replay/replay.ts', line: "import { main } from '../cli/main';" },
  { file: 'src/metrics/powertools.ts', line: "import { Metrics } from '@aws-lambda-powertools/metrics';" },
  { file: 'src/faults/classify.ts', line: "import { send } from '../sinks/dynamodb/send';" },
  { file: 'src/index.ts', line: "export { replay } from './replay';" },
  { file: 'src/event.ts', line: "export type { Source } from './sources/source';" },
];

const allowed: readonly Planted[] = [
  { file: 'src/oplock/order.ts', line: "export { OplockStreamError } from '../errors';" },
  { file: 'src/oplock/order.ts', line: "export { sortableSequence } from './sequence';" },
  { file: 'src/flavors/materialize.ts', line: "export { update } from '../sinks/dynamodb/update';" },
  { file: 'src/sinks/dynamodb/update.ts', line: "export { compareOplocks } from '../../oplock/order';" },
  { file: 'src/replay/replay.ts', line: "export { materialize } from '../flavors/materialize';" },
  { file: 'src/index.ts', line: "export { materialize } from './flavors/materialize';" },
];

it('catches every import against the arrows, and no other', () => {
  const results = lint([...violations, ...allowed]);
  const caught = results.map((messages) => messages.some((message) => message.includes('Layers:')));
  expect([...violations, ...allowed].filter((_, i) => caught[i])).toEqual(violations);
  expect(results.slice(violations.length).flat()).toEqual([]);
}, 60_000);

it('forbids any and lone tests', () => {
  const [any, only] = lint([
    { file: 'src/errors.ts', line: 'export const x = (value: any): void => { void value; };' },
    { file: 'test/package/layers.test.ts', line: "it.only('x', () => {});" },
  ]);
  expect(any).toEqual([expect.stringContaining('no-explicit-any')]);
  expect(only).toEqual([expect.stringContaining('No skipped and no lone tests')]);
}, 60_000);
