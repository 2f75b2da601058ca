import { evaluate } from '../../../../oplock/condition/evaluate';
import type { Bindings, Condition } from '../../../../oplock/condition/ast';
import { placeOfItem, type Place } from '../data/key';
import type { Table } from '../data/table';
import { invalid } from '../fault';
import type { PlainItem } from '../value/decode';
import { encodeMap } from '../value/encode';
import { itemSize } from '../value/size';

const PAGE_BYTES = 1_048_576;

export interface PageOptions {
  readonly table: Table;
  /** In the order in which they are read, those after the start key only. */
  readonly items: readonly PlainItem[];
  readonly limit?: number | null | undefined;
  readonly select?: string | null | undefined;
  readonly filter?: Condition | undefined;
  readonly bindings: Bindings;
  readonly pick: (item: PlainItem) => PlainItem;
}

/** One page: up to `limit` items read (before the filter), or 1 MB of them. */
export const pageOf = ({ table, items, limit, select, filter, bindings, pick }: PageOptions): object => {
  if (limit !== undefined && limit !== null && !(limit >= 1)) throw invalid('Limit must be at least 1');
  if (select === 'ALL_PROJECTED_ATTRIBUTES') throw invalid('ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName');
  let read = 0;
  let bytes = 0;
  const found: PlainItem[] = [];
  for (const item of items) {
    read += 1;
    bytes += itemSize(item);
    if (!filter || evaluate(filter, item, bindings)) found.push(item);
    if (read === limit || bytes > PAGE_BYTES) break;
  }
  const last = items[read - 1];
  const more = last !== undefined && (read === limit || read < items.length);
  return {
    ...(select === 'COUNT' ? {} : { Items: found.map((item) => encodeMap(pick(item))) }),
    Count: found.length,
    ScannedCount: read,
    ...(more && { LastEvaluatedKey: encodeMap(keyOf(table, last)) }),
  };
};

const keyOf = (table: Table, item: PlainItem): PlainItem => Object.fromEntries(table.keyNames.map((name) => [name, item[name]]));

/** The items behind the start key, which need not be there any more: `isAfter` tells an item's side. */
export const itemsAfter = (table: Table, items: readonly PlainItem[], start: Place | undefined, isAfter: (item: PlainItem) => boolean): readonly PlainItem[] => {
  if (!start) return items;
  const at = items.findIndex((item) => {
    const place = placeOfItem(table.key, item);
    return place.partition === start.partition && place.sort === start.sort;
  });
  return at >= 0 ? items.slice(at + 1) : items.filter(isAfter);
};
