/** Time that goes by only when something happens. */
export interface VirtualTime {
  now(): number;
  /** Runs `task` at that time; tasks of one time run in the order in which they were given. */
  at(time: number, task: () => void): void;
  /** The next task; false when there is none, or it is later than `until`. */
  step(until: number): boolean;
}

interface Entry {
  readonly time: number;
  readonly order: number;
  readonly task: () => void;
}

const earlier = (a: Entry, b: Entry): boolean => a.time < b.time || (a.time === b.time && a.order < b.order);

/** A binary heap. */
export const createVirtualTime = (): VirtualTime => {
  const heap: Entry[] = [];
  let now = 0;
  let order = 0;

  const put = (index: number, entry: Entry): void => { heap[index] = entry; };
  const rise = (start: number, entry: Entry): void => {
    let index = start;
    for (let parent = (index - 1) >> 1; index > 0 && earlier(entry, heap[parent] as Entry); parent = (index - 1) >> 1) {
      put(index, heap[parent] as Entry);
      index = parent;
    }
    put(index, entry);
  };
  const sink = (entry: Entry): void => {
    let index = 0;
    for (let child = 1; child < heap.length; child = 2 * index + 1) {
      const right = heap[child + 1];
      if (right && earlier(right, heap[child] as Entry)) child += 1;
      if (!earlier(heap[child] as Entry, entry)) break;
      put(index, heap[child] as Entry);
      index = child;
    }
    put(index, entry);
  };

  return {
    now: () => now,
    at: (time, task) => { rise(heap.length, { time: Math.max(time, now), order: (order += 1), task }); },
    step: (until) => {
      const first = heap[0];
      if (!first || first.time > until) return false;
      const last = heap.pop() as Entry;
      if (heap.length > 0) sink(last);
      now = first.time;
      first.task();
      return true;
    },
  };
};
