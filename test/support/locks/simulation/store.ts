import { exactNumber } from '../../../../src/decimal';
import { createDatabase } from '../../../../src/replay/engines/memory/data/database';
import { execute } from '../../../../src/replay/engines/memory/execute';
import { serviceError } from '../../../../src/replay/engines/memory/service-error';
import { createTranslation } from '../../../../src/replay/engines/memory/translate';
import type { Change, Image } from '../checker';

export const LOCKS = 'locks';
export const COUNTERS = 'counters';
export const KEY = 'key';

/** The engine in memory, which executes at once, and the history of its tables. */
export interface Store {
  /** Plain values in and out; throws what the SDK would. */
  execute(operation: string, input: Readonly<Record<string, unknown>>, by: string): Readonly<Record<string, unknown>>;
  readonly locks: readonly Change[];
  readonly counters: readonly Change[];
  row(table: string, id: string): Image | undefined;
}

const translation = createTranslation({
  marshallOptions: { removeUndefinedValues: true },
  unmarshallOptions: { wrapNumbers: (text: string) => exactNumber(text) ?? text },
});

export const createStore = (now: () => number): Store => {
  const database = createDatabase();
  let author = '';
  const recorded = (name: string): Change[] => {
    execute(database, 'CreateTable', {
      TableName: name, BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: KEY, AttributeType: 'S' }], KeySchema: [{ AttributeName: KEY, KeyType: 'HASH' }],
    });
    const changes: Change[] = [];
    const table = database.tables.get(name);
    if (!table) throw new Error(`no table ${name}`);
    database.tables.set(name, {
      ...table,
      set: (place, item) => {
        const old = table.get(place);
        if (old !== item) changes.push({ id: String((item ?? old)?.[KEY]), old, now: item, at: { from: now(), to: now() }, by: author });
        table.set(place, item);
      },
    });
    return changes;
  };
  const [locks, counters] = [recorded(LOCKS), recorded(COUNTERS)];
  return {
    locks,
    counters,
    execute: (operation, input, by) => {
      author = by;
      try {
        return translation.answer(execute(database, operation, translation.request(input)) as Readonly<Record<string, unknown>>);
      } catch (error) {
        throw serviceError(error);
      }
    },
    row: (table, id) => database.tables.get(table)?.all().find((item) => item[KEY] === id),
  };
};
