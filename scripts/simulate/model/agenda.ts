/** What is to happen, earliest first; of what happens at one time, first come, first served. */
export interface Agenda<T> {
  readonly add: (at: number, what: T) => void;
  readonly next: () => { readonly at: number; readonly what: T } | undefined;
  /** When the next thing happens; Infinity when there is none. */
  readonly at: () => number;
}

interface Due<T> {
  readonly at: number;
  readonly number: number;
  readonly what: T;
}

const isBefore = <T>(a: Due<T>, b: Due<T>): boolean => a.at < b.at || (a.at === b.at && a.number < b.number);

export const createAgenda = <T>(): Agenda<T> => {
  const heap: Due<T>[] = [];
  let added = 0;

  const add = (at: number, what: T): void => {
    const due = { at, number: (added += 1), what };
    let place = heap.push(due) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!isBefore(due, heap[parent] as Due<T>)) break;
      heap[place] = heap[parent] as Due<T>;
      place = parent;
    }
    heap[place] = due;
  };

  const next = (): Due<T> | undefined => {
    const [first] = heap;
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Due<T>, heap[child] as Due<T>)) child += 1;
      if (!isBefore(heap[child] as Due<T>, last)) break;
      heap[place] = heap[child] as Due<T>;
      place = child;
    }
    heap[place] = last;
    return first;
  };

  return { add, next, at: () => heap[0]?.at ?? Infinity };
};
