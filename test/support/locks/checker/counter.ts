import type { Violation } from './history';

/** One committed write of a counter that holders of the lock increase by one: in the order of the commits. */
export interface Count {
  readonly id: string;
  readonly value: number;
  /** Of the write: the same when a request was executed twice. */
  readonly write: string;
}

/** I3: a counter that was only ever increased under the lock counts every write. O(n). */
export const checkCounts = (counts: readonly Count[]): Violation[] => {
  const last = new Map<string, Count>();
  return counts.flatMap((count): Violation[] => {
    const before = last.get(count.id);
    last.set(count.id, count);
    if (before?.write === count.write && before.value === count.value) return [];
    const due = (before?.value ?? 0) + 1;
    return count.value === due ? [] : [{ invariant: 'I3', id: count.id, problem: `${count.write} wrote ${count.value} where ${due} was due` }];
  });
};
