import { keyOf, readRow } from '../lease/row';
import { failed } from '../table/call';
import type { Row } from '../table/request';
import { mayUse, type Principal } from './authorizer';
import { lockNameOf, type RestContext } from './context';
import { json, type RestRequest, type RestResponse } from './http';
import { limitOf } from './input';
import { RestRefusal } from './problem';
import { stateOf, unavailable } from './state';
import type { LockList, LockState } from './types';

/** Rows that one request reads, held or not. */
const MAX_ROWS = 2_000;

/** `GET /locks`: the locks that are held, in the table's own order, as it was a moment ago (eventually consistent). */
export const list = async (context: RestContext, request: RestRequest, principal: Principal): Promise<RestResponse> => {
  const limit = limitOf(request);
  const startAfter = readCursor(context, request.query['after']);
  const locks: LockState[] = [];
  let skipped = 0;
  let rows = 0;
  try {
    for await (const page of context.table.pages(undefined, { ...(startAfter ? { startAfter } : {}), pageSize: MAX_ROWS / 4 })) {
      for (const item of page) {
        const found = lockOf(context, principal, item);
        if (found === 'skipped') skipped += 1;
        else if (found) locks.push(found);
        rows += 1;
        if (locks.length === limit || rows === MAX_ROWS) return json(200, { locks, skipped, next: writeCursor(context, item) } satisfies LockList);
      }
    }
  } catch (error) {
    throw unavailable(context, 'list', error, failed(error).permanent);
  }
  return json(200, { locks, skipped } satisfies LockList);
};

const lockOf = (context: RestContext, principal: Principal, item: Row): LockState | 'skipped' | undefined => {
  const { schema } = context;
  const name = item[schema.partitionKeyName];
  if (typeof name !== 'string' || !mayUse(principal, name)) return undefined;
  if (schema.sortKeyName !== undefined && item[schema.sortKeyName] !== lockNameOf(context, name).sortKey) return undefined;
  const read = readRow(item, schema);
  if (read.kind === 'invalid') return 'skipped';
  return read.row.released ? undefined : stateOf(context, name, read.row, 'glance');
};

/** Sealed: it may be a key that the principal may not see, and nobody else's key gets into a request to the table. */
const writeCursor = ({ signer, schema }: RestContext, item: Row): string => {
  const { partitionKeyName, sortKeyName } = schema;
  const key = keyOf(schema, { key: item[partitionKeyName] as string, ...(sortKeyName === undefined ? {} : { sortKey: item[sortKeyName] as string }) });
  return signer.seal(JSON.stringify(key));
};

const readCursor = ({ signer }: RestContext, cursor: string | undefined): Row | undefined => {
  if (cursor === undefined) return undefined;
  const text = signer.open(cursor);
  if (text === undefined) throw new RestRefusal('INVALID_QUERY', 'after takes the next of an earlier answer');
  return JSON.parse(text) as Row;
};
