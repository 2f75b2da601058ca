/** What waits for its turn, lowest index first; among equals, first come, first served. */
export interface Queue<T> {
  add(value: T): void;
  first(): T | undefined;
  take(): T | undefined;
}

/**
 * A heap: adding and taking cost the logarithm of the length. Taking from the front of an array moves all that is
 * behind, and so does putting in before it: with 100,000 writes ready at once that is half a minute.
 */
export const createQueue = <T>(indexOf: (value: T) => number): Queue<T> => {
  const values: T[] = [];
  const ranks: number[] = []; // of arrival
  let arrivals = 0;

  const isBefore = (a: number, b: number): boolean =>
    (indexOf(values[a] as T) - indexOf(values[b] as T) || (ranks[a] as number) - (ranks[b] as number)) < 0;
  const swap = (a: number, b: number): void => {
    [values[a], values[b]] = [values[b] as T, values[a] as T];
    [ranks[a], ranks[b]] = [ranks[b] as number, ranks[a] as number];
  };

  const rise = (at: number): void => {
    for (let child = at; child > 0;) {
      const parent = (child - 1) >> 1;
      if (!isBefore(child, parent)) return;
      swap(child, parent);
      child = parent;
    }
  };

  const sink = (at: number): void => {
    for (let parent = at; ;) {
      let least = parent;
      for (let child = 2 * parent + 1; child <= 2 * parent + 2 && child < values.length; child += 1) if (isBefore(child, least)) least = child;
      if (least === parent) return;
      swap(parent, least);
      parent = least;
    }
  };

  return {
    add: (value) => {
      values.push(value);
      ranks.push(arrivals += 1);
      rise(values.length - 1);
    },
    first: () => values[0],
    take: () => {
      if (values.length > 1) swap(0, values.length - 1);
      ranks.pop();
      const taken = values.pop();
      sink(0);
      return taken;
    },
  };
};
