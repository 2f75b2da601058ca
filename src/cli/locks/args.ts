import { defined } from '../../defined';
import { number, parseOptions, usageError } from '../args';

/** In which table the locks are, and where that is. */
export interface LocksTable {
  readonly table: string;
  /** Default: the AWS service. */
  readonly endpoint?: string;
  readonly region?: string;
  readonly partitionKey?: string;
  readonly sortKeyName?: string;
}

interface OneLock {
  readonly key: string;
  readonly sortKey?: string;
}

export interface ListArgs { readonly command: 'list'; readonly all: boolean; readonly prefix: string }
export interface ShowArgs extends OneLock { readonly command: 'show' }
export interface WatchArgs extends OneLock { readonly command: 'watch'; readonly forMs?: number }
export interface BreakArgs extends OneLock { readonly command: 'break'; readonly yes: boolean; readonly owner?: string }

/** The arguments of `oplock locks`, checked. */
export type LocksArgs = LocksTable & { readonly json: boolean } & (ListArgs | ShowArgs | WatchArgs | BreakArgs);

const TABLE = {
  table: { type: 'string' }, endpoint: { type: 'string' }, region: { type: 'string' }, 'partition-key': { type: 'string' },
  'sort-key-name': { type: 'string' }, json: { type: 'boolean' },
} as const;
const ONE = { ...TABLE, 'sort-key': { type: 'string' } } as const;

export const LOCKS_OPTIONS = {
  list: { ...TABLE, all: { type: 'boolean' }, prefix: { type: 'string' } },
  show: ONE,
  watch: { ...ONE, for: { type: 'string' } },
  break: { ...ONE, yes: { type: 'boolean' }, owner: { type: 'string' } },
} as const;

const COMMANDS = 'there are list, show, watch and break.';
/** What a timer takes. */
const MAX_SECONDS = 2_147_483;

/** Reads what follows `oplock locks`. Throws an error with the code `USAGE` that says what is wrong. */
export const parseLocksArgs = ([command, ...argv]: readonly string[]): LocksArgs => {
  switch (command) {
    case 'list': {
      const { values, positionals } = parseOptions(argv, LOCKS_OPTIONS.list);
      if (positionals.length > 0) throw usageError(`oplock locks list takes no key, and ${JSON.stringify(positionals[0])} is given. For one lock there is show; --prefix chooses several.`);
      return { command, ...tableOf(values), all: values.all ?? false, prefix: values.prefix ?? '' };
    }
    case 'show': {
      const { values, positionals } = parseOptions(argv, LOCKS_OPTIONS.show);
      return { command, ...tableOf(values), ...lockOf(command, positionals, values) };
    }
    case 'watch': {
      const { values, positionals } = parseOptions(argv, LOCKS_OPTIONS.watch);
      const seconds = number('--for', values.for, 0.1, MAX_SECONDS, false);
      return { command, ...tableOf(values), ...lockOf(command, positionals, values), ...defined({ forMs: seconds && seconds * 1_000 }) };
    }
    case 'break': {
      const { values, positionals } = parseOptions(argv, LOCKS_OPTIONS.break);
      if (values.owner === '') throw usageError('--owner is empty: say who breaks the lock, or leave it out.');
      return { command, ...tableOf(values), ...lockOf(command, positionals, values), yes: values.yes ?? false, ...defined({ owner: values.owner }) };
    }
    default: throw usageError(command === undefined ? `oplock locks does nothing by itself: ${COMMANDS}` : `"${command}" is nothing that oplock locks can do: ${COMMANDS}`);
  }
};

interface TableValues {
  readonly table?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
  readonly 'partition-key'?: string | undefined;
  readonly 'sort-key-name'?: string | undefined;
  readonly json?: boolean | undefined;
}

const tableOf = ({ table, endpoint, region, 'partition-key': partitionKey, 'sort-key-name': sortKeyName, json = false }: TableValues): LocksTable & { readonly json: boolean } => {
  if (!table) throw usageError('--table is missing: name the table of the locks.');
  for (const [name, value] of Object.entries({ region, 'partition-key': partitionKey, 'sort-key-name': sortKeyName })) {
    if (value === '') throw usageError(`--${name} is empty.`);
  }
  return { table, json, ...defined({ endpoint, region, partitionKey, sortKeyName }) };
};

const lockOf = (command: string, [key, ...more]: readonly string[], { 'sort-key': sortKey, 'sort-key-name': sortKeyName }: TableValues & { readonly 'sort-key'?: string | undefined }): OneLock => {
  if (!key) throw usageError(`No key is given: oplock locks ${command} <key>.`);
  if (more.length > 0) throw usageError(`oplock locks ${command} takes one key, and ${more.length + 1} are given. Quote one that has spaces.`);
  if (!sortKey !== !sortKeyName) throw usageError('--sort-key and --sort-key-name belong together: its value, and how the table calls it.');
  return { key, ...defined({ sortKey }) };
};
