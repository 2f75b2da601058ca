import type { Bindings, Path } from '../../../../oplock/condition/ast';
import { tableNamed, type Database } from '../data/database';
import { placeOfKey, type Place } from '../data/key';
import type { Table } from '../data/table';
import { bind, type Placeholders } from '../expression/bind';
import type { Compiled } from '../expression/compile';
import { insertPath, project, type PathTree } from '../expression/path-tree';
import { refuse } from '../fault';
import { decodeMap, type PlainItem } from '../value/decode';
import { encodeMap } from '../value/encode';

export interface ReadInput extends Pick<Placeholders, 'ExpressionAttributeNames'> {
  readonly TableName?: string | undefined;
  readonly Key?: unknown;
  readonly ProjectionExpression?: string | undefined;
}

/** What a projection leaves of an item. */
export const projector = (projection: Compiled<readonly Path[]> | undefined, bindings: Bindings): ((item: PlainItem) => PlainItem) => {
  if (!projection) return (item) => item;
  const tree: PathTree<true> = {};
  for (const path of projection.ast) insertPath(tree, path, bindings, true);
  return (item) => project(item, tree);
};

export const projectionOf = ({ compiler }: Database, text: string | null | undefined): Compiled<readonly Path[]> | undefined =>
  (text === undefined || text === null ? undefined : compiler.projection(text));

/** A reader of one key; it reads `undefined` when nothing is there. */
export interface Read {
  readonly table: Table;
  readonly place: Place;
  readonly read: () => PlainItem | undefined;
}

export const planRead = (database: Database, input: ReadInput): Read => {
  refuse(input, ['AttributesToGet']);
  const projection = projectionOf(database, input.ProjectionExpression);
  // GetItem has no values: a client drops them on the way.
  const pick = projector(projection, bind({ ExpressionAttributeNames: input.ExpressionAttributeNames }, projection));
  const key = decodeMap(input.Key);
  const table = tableNamed(database, input.TableName);
  const place = placeOfKey(table.key, key);
  const read = (): PlainItem | undefined => {
    const item = table.get(place);
    return item && pick(item);
  };
  return { table, place, read };
};

export const getItem = (database: Database, input: ReadInput): object => {
  const item = planRead(database, input).read();
  return item ? { Item: encodeMap(item) } : {};
};
