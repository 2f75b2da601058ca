import { quote } from '../../found';
import { LockBackendError, LockRowError, type LockName } from '../errors';
import type { CallOptions } from '../table/call';
import type { Row } from '../table/request';
import { isNoLock, keyOf, readRow, type LockRow } from './row';
import { invalidOption, type Settings } from './settings';
import type { ListOptions } from './client-types';
import type { LockView } from './types';

export const viewOf = (name: LockName, { ownerName, leaseMs, rvn, released, data, fencingToken, attributes }: LockRow): LockView => ({
  ...name, ownerName, leaseMs, recordVersionNumber: rvn, released, attributes,
  ...(data === undefined ? {} : { data }),
  ...(fencingToken === undefined ? {} : { fencingToken }),
});

/** A consistent read. */
export const readLock = async ({ table, schema }: Settings, name: LockName, options?: CallOptions): Promise<LockRow | undefined> => {
  const answer = await table.read(keyOf(schema, name), options);
  if (answer.kind === 'failed') throw new LockBackendError(name, 'reading', answer.error);
  const read = answer.item && readRow(answer.item, schema);
  if (read?.kind === 'invalid') throw new LockRowError(name, read.problem);
  return read && !isNoLock(read.row) ? read.row : undefined;
};

export const inspectLock = async (settings: Settings, name: LockName): Promise<LockView | undefined> => {
  const row = await readLock(settings, name);
  return row && viewOf(name, row);
};

/** Rows that are no locks are told, and never end the list: one bad row must not hide all others. */
export const listLocks = async function* listLocks(settings: Settings, { key, includeReleased = false, onBadRow }: ListOptions): AsyncGenerator<LockView> {
  const { table, schema, logger } = settings;
  const tell = onBadRow ?? ((error: Error) => logger.warn(error.message, { code: 'LOCK_ROW_INVALID' }));
  const partition = key === undefined ? undefined : { name: schema.partitionKeyName, value: key };
  for await (const rows of table.pages(partition)) {
    for (const item of rows) {
      const name = nameIn(settings, item);
      const read = readRow(item, schema);
      if (read.kind === 'invalid') tell(new LockRowError(name, read.problem), item);
      else if (!read.row.released || (includeReleased && !isNoLock(read.row))) yield viewOf(name, read.row);
    }
  }
};

/** A table has one key: when a row has no such name, none has, and the client was told another key than the table's. */
const nameIn = ({ schema }: Settings, item: Row): LockName => {
  const text = (option: 'partitionKeyName' | 'sortKeyName', attribute: string): string => {
    const value = item[attribute];
    if (typeof value !== 'string') throw invalidOption(option, value, `a text under ${quote(attribute)} in each row, as ${option} says: name the key that the table has`, 'list()');
    return value;
  };
  return {
    key: text('partitionKeyName', schema.partitionKeyName),
    ...(schema.sortKeyName === undefined ? {} : { sortKey: text('sortKeyName', schema.sortKeyName) }),
  };
};
