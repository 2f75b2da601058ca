import { defined } from '../defined';
import { keyAttributes, type TableKey } from '../replay/engines/table-key';
import { number, parseCommand, time, usageError } from './args';

/** The arguments of `oplock explain`, checked. */
export interface ExplainArgs {
  readonly fixtures: readonly string[];
  readonly rules: string;
  readonly key: string;
  readonly sortKey?: string;
  readonly shuffle: boolean;
  readonly duplicate: number;
  readonly seed: number;
  /** Epoch ms. */
  readonly now?: number;
  readonly json: boolean;
}

const OPTIONS = {
  rules: { type: 'string' }, key: { type: 'string' }, 'sort-key': { type: 'string' }, shuffle: { type: 'boolean' },
  duplicate: { type: 'string' }, seed: { type: 'string' }, now: { type: 'string' }, json: { type: 'boolean' },
} as const;

/** Reads what follows `oplock explain`. Throws an error with the code `USAGE` that says what is wrong. */
export const parseExplainArgs = (argv: readonly string[]): ExplainArgs => {
  const { values, fixtures, rules } = parseCommand(argv, OPTIONS);
  if (!values.key) throw usageError('--key is missing: name the item, for example --key thing-1/thing.');
  return {
    fixtures,
    rules,
    key: values.key,
    shuffle: values.shuffle ?? false,
    duplicate: number('--duplicate', values.duplicate, 0, 100, false) ?? 0,
    seed: number('--seed', values.seed, 0, 2 ** 32 - 1) ?? 1,
    json: values.json ?? false,
    ...defined({ sortKey: values['sort-key'], now: time(values.now) }),
  };
};

/** `pk/sk` is cut at its last slash; a sort key with a slash in it has an option of its own. */
export const keyOf = ({ key, sortKey }: Pick<ExplainArgs, 'key' | 'sortKey'>, table: TableKey): Readonly<Record<string, string>> => {
  const [partition, sort] = keyAttributes(table).map(({ name }) => name) as [string, string | undefined];
  if (sort === undefined) {
    if (sortKey !== undefined) throw usageError('--sort-key is given, and the table of these rules has no sort key.');
    return { [partition]: key };
  }
  if (sortKey !== undefined) return { [partition]: key, [sort]: sortKey };
  const slash = key.lastIndexOf('/');
  if (slash <= 0 || slash === key.length - 1) throw usageError(`--key is "${key}": the table has a sort key, too. Give both, as in --key thing-1/thing, or add --sort-key.`);
  return { [partition]: key.slice(0, slash), [sort]: key.slice(slash + 1) };
};
