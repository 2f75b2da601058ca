import { compareBytes } from '../../../../oplock/order';
import { compareValues } from '../../../../oplock/value/compare';
import { keyAttributes, type TableKey } from '../../table-key';
import type { PlainItem } from '../value/decode';
import { keyHash, type Place } from './key';

interface Partition {
  readonly items: Map<string, PlainItem>;
  /** The sort keys in order; made when somebody reads them. */
  order?: readonly string[] | undefined;
}

export interface Table {
  readonly name: string;
  readonly key: TableKey;
  readonly keyNames: readonly string[];
  readonly created: Date;
  readonly get: (place: Place) => PlainItem | undefined;
  /** `undefined` removes. */
  readonly set: (place: Place, item: PlainItem | undefined) => void;
  /** The items of a partition by their sort keys, or of the whole table in an order of its own that does not change. */
  readonly partition: (id: string) => readonly PlainItem[];
  readonly all: () => readonly PlainItem[];
  readonly count: () => number;
}

export const createTableData = (name: string, key: TableKey): Table => {
  const partitions = new Map<string, Partition>();
  let order: readonly string[] | undefined;
  const sortName = key.sortKey?.name;

  const sorted = (partition: Partition): readonly PlainItem[] => {
    partition.order ??= sortName === undefined
      ? [...partition.items.keys()]
      : [...partition.items].sort(([, a], [, b]) => compareValues(a[sortName], b[sortName]) ?? 0).map(([id]) => id);
    return partition.order.flatMap((id): readonly PlainItem[] => {
      const item = partition.items.get(id);
      return item ? [item] : [];
    });
  };
  const remove = ({ partition: id, sort }: Place): void => {
    const partition = partitions.get(id);
    if (!partition?.items.delete(sort)) return;
    partition.order = undefined;
    if (partition.items.size > 0) return;
    partitions.delete(id);
    order = undefined;
  };
  const open = (id: string): Partition => {
    const found = partitions.get(id);
    if (found) return found;
    const partition: Partition = { items: new Map() };
    partitions.set(id, partition);
    order = undefined;
    return partition;
  };
  const put = ({ partition: id, sort }: Place, item: PlainItem): void => {
    const partition = open(id);
    if (!partition.items.has(sort)) partition.order = undefined;
    partition.items.set(sort, item);
  };

  return {
    name,
    key,
    keyNames: keyAttributes(key).map((attribute) => attribute.name),
    created: new Date(),
    get: ({ partition, sort }) => partitions.get(partition)?.items.get(sort),
    set: (place, item) => (item === undefined ? remove(place) : put(place, item)),
    partition: (id) => {
      const partition = partitions.get(id);
      return partition ? sorted(partition) : [];
    },
    all: () => {
      order ??= [...partitions.keys()].sort((a, b) => keyHash(a) - keyHash(b) || compareBytes(a, b));
      return order.flatMap((id) => sorted(partitions.get(id) ?? { items: new Map() }));
    },
    count: () => [...partitions.values()].reduce((sum, { items }) => sum + items.size, 0),
  };
};
