import type { TableKey } from '../engines/table-key';
import type { History } from './history';
import type { Run } from './run';
import { writesOf } from './writes';

/**
 * Most mistakes show in two events of one item that swap places, or in one that comes twice: such histories are tried
 * before chance is asked, the events nearest to each other first. `all`: the run of all records in order.
 */
export const suspects = (all: Run, key: TableKey): readonly History[] => {
  const writers = new Map<string, number[]>();
  for (const command of all.sent) {
    for (const { item } of writesOf(command, key)) {
      const known = writers.get(item) ?? [];
      // In order, each record has an invocation of its own.
      if (known.at(-1) !== command.invocation) known.push(command.invocation);
      writers.set(item, known);
    }
  }
  const pairs = new Map<string, { readonly order: readonly number[]; readonly distance: number }>();
  for (const list of writers.values()) {
    list.forEach((later, at) => list.slice(0, at).forEach((earlier, i) => pairs.set(`${later},${earlier}`, { order: [later, earlier], distance: at - i })));
  }
  const swapped = [...pairs.values()].sort((a, b) => a.distance - b.distance).map(({ order }) => order);
  const twice = [...new Set([...writers.values()].flat())].map((one) => [one, one]);
  return [...swapped, ...twice].map((order) => ({ order, sizes: [], troubles: [] }));
};
