/** At most so many tasks at once; the others wait their turn. */
export interface Slots {
  run<T>(task: () => Promise<T>): Promise<T>;
}

export const createSlots = (max: number): Slots => {
  let running = 0;
  const waiting: (() => void)[] = [];
  return {
    run: async (task) => {
      if (running >= max) await new Promise<void>((resolve) => { waiting.push(resolve); });
      else running += 1;
      try {
        return await task();
      } finally {
        const next = waiting.shift();
        // The slot is handed on, so that nobody who comes just now is quicker.
        if (next) next();
        else running -= 1;
      }
    },
  };
};
