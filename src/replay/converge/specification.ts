import { marshall } from '@aws-sdk/util-dynamodb';
import { OplockStreamError } from '../../errors';
import { tableKey, type TableKey } from '../engines/table-key';
import { diffTables, keyText, renderDiff } from '../table/diff';
import { toPlainItems, type PlainItem } from '../table/plain';
import { converge } from './converge';
import type { ConvergeSettings, ConvergeSubject } from './options';
import { renderConverge } from './render';

type Item = Readonly<Record<string, unknown>>;

export interface Given {
  whenEvents(events: readonly unknown[]): When;
}

export interface When {
  /** Once each, in the order of their times; of equal times as given. */
  inOrder(): Then;
  /** In every way that `converge` knows; all of them come in the end. */
  inAnyOrder(): Then;
}

export interface Then {
  /**
   * The table holds an item of this key with these attributes; `undefined`: the item has no such attribute. What is not
   * named, such as the oplock, may be anything. Rejects with `SPECIFICATION_FAILED`, and as `converge` does.
   */
  thenItem(item: Item): Promise<void>;
  /** The table holds no item of this key, not even a tombstone. */
  thenNoItem(key: Item): Promise<void>;
}

export type SpecificationOptions = ConvergeSubject & Omit<ConvergeSettings, 'given' | 'subsets' | 'path'>;

/**
 * Examples of what rules do: `const given = specification({ rules })`, then
 * `await given({ pk: 't1', sk: 'thing', name: 'old' }).whenEvents([renamed]).inAnyOrder().thenItem({ pk: 't1', sk: 'thing', name: 'new' })`.
 * `given()` is an empty table, `given(one, two)` one with two items.
 */
export const specification = (options: SpecificationOptions) => (...items: readonly Item[]): Given => ({
  whenEvents: (events) => {
    const key = tableKey(options.table ?? { partitionKey: 'pk', sortKey: 'sk' });
    const then = (runs: { readonly runs?: number }): Then => {
      const rows = () => tableAfter({ ...options, ...runs, given: items, events, subsets: false });
      return {
        thenItem: async (item) => expectItem(await rows(), item, key),
        thenNoItem: async (item) => expectNoItem(await rows(), item, key),
      };
    };
    return { inOrder: () => then({ runs: 0 }), inAnyOrder: () => then({}) };
  },
});

const failed = (message: string): OplockStreamError => new OplockStreamError('SPECIFICATION_FAILED', message);

const tableAfter = async (options: Parameters<typeof converge>[0]): Promise<readonly PlainItem[]> => {
  const report = await converge(options);
  if (!report.converges) throw failed(renderConverge(report));
  return report.rows;
};

const plainItem = (item: Item, key: TableKey): PlainItem => toPlainItems([marshall(item, { removeUndefinedValues: true })], key)[0] ?? {};

const rowOf = (rows: readonly PlainItem[], wanted: PlainItem, key: TableKey): PlainItem | undefined => rows.find((row) => keyText(row, key) === keyText(wanted, key));

const expectItem = (rows: readonly PlainItem[], item: Item, key: TableKey): void => {
  const wanted = plainItem(item, key);
  const row = rowOf(rows, wanted, key);
  const named = row && Object.fromEntries(Object.entries(row).filter(([name]) => Object.hasOwn(item, name)));
  const diff = diffTables(named ? [named] : [], [wanted], key);
  if (!diff.equal) throw failed(`The item is another one (- expected, + in the table):\n${renderDiff(diff)}`);
};

const expectNoItem = (rows: readonly PlainItem[], item: Item, key: TableKey): void => {
  const row = rowOf(rows, plainItem(item, key), key);
  if (row) throw failed(`There is an item where none was expected:\n${JSON.stringify(row)}`);
};
