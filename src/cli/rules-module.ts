import { existsSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { OplockStreamError } from '../errors';
import type { Rule } from '../pipelines/pipeline';
import { tableKey, type TableKey } from '../replay/engines/table-key';
import type { ReplaySource } from '../replay/source';
import { fromDynamodb } from '../sources/from-dynamodb';
import { fromKinesis } from '../sources/from-kinesis';

/** What a rules module says, with its defaults. */
export interface RulesModule {
  readonly rules: readonly Rule[];
  readonly source: ReplaySource;
  readonly table: TableKey;
}

const EXTENSIONS = ['.js', '.mjs', '.cjs', '.ts', '.mts'];

const wrong = (path: string, problem: string, cause?: unknown): OplockStreamError =>
  new OplockStreamError('RULES_MODULE_INVALID', `The rules module ${path}: ${problem}`, cause === undefined ? {} : { cause });

/** Loads and checks a rules module. Errors: `RULES_MODULE_INVALID`. */
export const loadRules = async (path: string, importModule: (path: string) => Promise<unknown>): Promise<RulesModule> => {
  const file = resolve(path);
  if (!EXTENSIONS.includes(extname(file))) throw wrong(path, `its name must end in one of ${EXTENSIONS.join(' ')}.`);
  if (!existsSync(file)) throw wrong(path, 'there is no such file.');
  let loaded: unknown;
  try {
    loaded = await importModule(file);
  } catch (error) {
    throw wrong(path, `it cannot be loaded: ${loadProblem(path, error)}`, error);
  }
  return readRules(path, defaultExport(loaded));
};

/** Where it was thrown, outside of Node and of packages. Of an error of syntax only Node itself shows the place. */
const loadProblem = (path: string, error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof SyntaxError) return `${error.name}: ${error.message.trim()} (to see where, run: node ${path})`;
  const place = error.stack?.split('\n').find((line) => /^ +at .*:\d+:\d+\)?$/.test(line) && !/node:|node_modules/.test(line));
  return `${error.name}: ${error.message}${place === undefined ? '' : ` (${place.trim()})`}`;
};

/** An ES module that a CommonJS one stands for has its default export one level deeper. */
const defaultExport = (loaded: unknown): unknown => {
  const outer = (loaded as { readonly default?: unknown } | null | undefined)?.default;
  const inner = (outer as { readonly __esModule?: unknown; readonly default?: unknown } | null | undefined);
  return inner?.__esModule ? inner.default : outer;
};

const readRules = (path: string, content: unknown): RulesModule => {
  const { rules, source, table } = (Array.isArray(content) ? { rules: content } : content ?? {}) as Record<string, unknown>;
  if (!Array.isArray(rules) || rules.length === 0) {
    throw wrong(path, 'its default export must be a list of rules, or { rules, source?, table? }.');
  }
  return { rules: rules as readonly Rule[], source: sourceOf(path, source), table: tableOf(path, table) };
};

const sourceOf = (path: string, source: unknown): ReplaySource => {
  if (source === undefined || source === 'kinesis') return fromKinesis;
  if (source === 'dynamodb') return fromDynamodb;
  if (typeof source === 'function') return source as ReplaySource;
  throw wrong(path, `source is ${JSON.stringify(source)}: give 'kinesis', 'dynamodb' or a source function.`);
};

const tableOf = (path: string, table: unknown): TableKey => {
  if (table === undefined) return tableKey({ partitionKey: 'pk', sortKey: 'sk' });
  try {
    return tableKey(table as Parameters<typeof tableKey>[0]);
  } catch (error) {
    throw wrong(path, `table: ${(error as Error).message}`, error);
  }
};
