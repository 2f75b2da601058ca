import type { Database } from '../data/database';
import type { Place } from '../data/key';
import type { Table } from '../data/table';
import { invalid } from '../fault';
import { encodeMap } from '../value/encode';
import { planRead, type ReadInput } from './read';
import { planWrite, type Write } from './write';

export interface WriteRequest {
  readonly PutRequest?: { readonly Item?: unknown } | undefined;
  readonly DeleteRequest?: { readonly Key?: unknown } | undefined;
}

const MAX_WRITES = 25;
const MAX_READS = 100;

/** Refuses the second request for one item. */
export const noDuplicates = (message: string): ((table: Table, place: Place) => void) => {
  const seen = new Set<string>();
  return (table, { partition, sort }) => {
    const id = JSON.stringify([table.name, partition, sort]);
    if (seen.has(id)) throw invalid(message);
    seen.add(id);
  };
};

const entriesOf = <T>(items: Readonly<Record<string, T>> | undefined): readonly (readonly [string, T])[] => {
  const entries = Object.entries(items ?? {});
  if (entries.length === 0) throw invalid('The batch request must contain at least one table');
  return entries;
};

export const batchWrite = (database: Database, { RequestItems }: { readonly RequestItems?: Readonly<Record<string, readonly WriteRequest[]>> }): object => {
  const requests = entriesOf(RequestItems).flatMap(([TableName, list]) => {
    if (list.length === 0) throw invalid(`No request for the table ${TableName}`);
    return list.map((request) => ({ TableName, request }));
  });
  if (requests.length > MAX_WRITES) throw invalid(`Too many items requested for the BatchWriteItem call: ${requests.length}`);
  const check = noDuplicates('Provided list of item keys contains duplicates');
  const writes = requests.map(({ TableName, request: { PutRequest, DeleteRequest } }): Write => {
    if (Boolean(PutRequest) === Boolean(DeleteRequest)) throw invalid('Supplied AttributeValue has more than one datatypes set, must contain exactly one of PutRequest and DeleteRequest');
    const write = PutRequest ? planWrite(database, 'Put', { TableName, Item: PutRequest.Item }) : planWrite(database, 'Delete', { TableName, Key: DeleteRequest?.Key });
    check(write.table, write.place);
    return write;
  });
  for (const { table, place, next } of writes) table.set(place, next(undefined));
  return { UnprocessedItems: {} };
};

export const batchGet = (database: Database, { RequestItems }: { readonly RequestItems?: Readonly<Record<string, ReadInput & { readonly Keys?: readonly unknown[] }>> }): object => {
  const tables = entriesOf(RequestItems);
  if (tables.reduce((sum, [, { Keys = [] }]) => sum + Keys.length, 0) > MAX_READS) throw invalid('Too many items requested for the BatchGetItem call');
  const check = noDuplicates('Provided list of item keys contains duplicates');
  const plans = tables.map(([TableName, { Keys = [], ...rest }]) => {
    if (Keys.length === 0) throw invalid(`No key for the table ${TableName}`);
    return { TableName, reads: Keys.map((Key) => planRead(database, { ...rest, TableName, Key })) };
  });
  for (const { reads } of plans) for (const { table, place } of reads) check(table, place);
  return {
    Responses: Object.fromEntries(plans.map(({ TableName, reads }) => [TableName, reads.flatMap(({ read }) => {
      const item = read();
      return item ? [encodeMap(item)] : [];
    })])),
    UnprocessedKeys: {},
  };
};
