import { parseArgs, type ParseArgsConfig } from 'node:util';
import { defined } from '../defined';
import { OplockStreamError } from '../errors';
import { MAX_CRASH_RATIO } from '../replay/troubles/seeded-crashes';
import type { Strategy } from '../sinks/dynamodb/update-options';

/** The arguments of `oplock replay`, checked. */
export interface ReplayArgs {
  readonly fixtures: readonly string[];
  readonly rules: string;
  readonly engine: 'embedded' | 'local' | 'memory' | 'aws' | { readonly endpoint: string };
  readonly table?: string;
  readonly shuffle: boolean;
  readonly duplicate: number;
  readonly split: boolean;
  readonly crash: number;
  readonly seed: number;
  readonly batchSize?: number;
  readonly concurrency?: number;
  readonly strategy?: Strategy;
  /** Epoch ms. */
  readonly now?: number;
  readonly json: boolean;
  readonly expect?: string;
  readonly dump?: string;
}

const OPTIONS = {
  rules: { type: 'string' }, engine: { type: 'string' }, endpoint: { type: 'string' }, table: { type: 'string' },
  shuffle: { type: 'boolean' }, duplicate: { type: 'string' }, split: { type: 'boolean' }, crash: { type: 'string' }, seed: { type: 'string' }, 'batch-size': { type: 'string' },
  concurrency: { type: 'string' }, strategy: { type: 'string' }, now: { type: 'string' }, json: { type: 'boolean' }, expect: { type: 'string' }, dump: { type: 'string' },
} as const;

export const usageError = (message: string): OplockStreamError => new OplockStreamError('USAGE', message);

/** Reads what follows `oplock replay`. Throws an error with the code `USAGE` that says what is wrong. */
export const parseReplayArgs = (argv: readonly string[]): ReplayArgs => {
  const { values, fixtures, rules } = parseCommand(argv, OPTIONS);
  const engine = engineOf(values.engine, values.endpoint);
  if (engine === 'aws' && values.table === undefined) throw usageError('--engine aws needs --table: name a table that is there already; none is made in an AWS account.');
  const crash = number('--crash', values.crash, 0, MAX_CRASH_RATIO, false) ?? 0;
  if (engine === 'aws' && crash > 0) throw usageError('--crash and --engine aws exclude each other: a crash is for a table that nobody reads. Take another engine.');
  return {
    fixtures,
    rules,
    engine,
    split: values.split ?? false,
    crash,
    shuffle: values.shuffle ?? false,
    duplicate: number('--duplicate', values.duplicate, 0, 100, false) ?? 0,
    seed: number('--seed', values.seed, 0, 2 ** 32 - 1) ?? 1,
    json: values.json ?? false,
    ...defined({
      table: values.table,
      batchSize: number('--batch-size', values['batch-size'], 1, 10_000),
      concurrency: number('--concurrency', values.concurrency, 1, 10_000),
      strategy: strategyOf(values.strategy),
      now: time(values.now),
      expect: values.expect,
      dump: values.dump,
    }),
  };
};

type Options = NonNullable<ParseArgsConfig['options']>;
type Parsed<O extends Options> = ReturnType<typeof parseArgs<{ args: string[]; options: O; allowPositionals: true }>>;

/** What a command on fixtures takes: fixtures, the rules, and the options that it knows. Throws an error with the code `USAGE`. */
export const parseCommand = <const O extends Options>(argv: readonly string[], options: O): { readonly values: Parsed<O>['values']; readonly fixtures: readonly string[]; readonly rules: string } => {
  const { values, positionals } = parseOptions(argv, options);
  if (positionals.length === 0) throw usageError('No fixture is given: name one or more .jsonl or .jsonl.gz files.');
  const { rules } = values as { readonly rules?: string };
  if (!rules) throw usageError('--rules is missing: name the module that has the rules.');
  return { values, fixtures: positionals, rules };
};

/** Options and what is none. Throws an error with the code `USAGE`, which names the options that there are. */
export const parseOptions = <const O extends Options>(argv: readonly string[], options: O): Parsed<O> => {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const [option] = /--?[^\s'"]+/.exec(message) ?? [];
    // Node's text is about positional arguments that begin with a dash.
    if (code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION' || option === undefined) throw usageError(message);
    throw usageError(`This command has no option ${option}. It has: ${Object.keys(options).map((name) => `--${name}`).join(', ')}.`);
  }
};

const engineOf = (engine: string | undefined, endpoint: string | undefined): ReplayArgs['engine'] => {
  if (endpoint !== undefined) {
    if (engine !== undefined) throw usageError('--engine and --endpoint exclude each other: an endpoint is an engine of its own.');
    return { endpoint };
  }
  if (engine === undefined || engine === 'embedded' || engine === 'local' || engine === 'memory' || engine === 'aws') return engine ?? 'embedded';
  throw usageError(`--engine is "${engine}": there are embedded, local, memory and aws.`);
};

const strategyOf = (text: string | undefined): Strategy | undefined => {
  if (text === undefined || text === 'auto' || text === 'batch' || text === 'single') return text;
  throw usageError(`--strategy is "${text}": there are auto, batch and single.`);
};

export const number = (name: string, text: string | undefined, least: number, most: number, whole = true): number | undefined => {
  if (text === undefined) return undefined;
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value >= least && value <= most && (!whole || Number.isInteger(value))) return value;
  throw usageError(`${name} is "${text}": give a ${whole ? 'whole ' : ''}number from ${least} to ${most}.`);
};

export const time = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isSafeInteger(value)) return value;
  throw usageError(`--now is "${text}": give epoch milliseconds or an ISO date such as 2026-01-31T12:00:00Z.`);
};
