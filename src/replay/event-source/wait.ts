/** Lets loops wait for time to pass, for news, or for the end, whatever comes first. */
export interface Bell {
  ring(): void;
  /** Resolves after `ms` (default: never by itself), at the next ring, or when the signal aborts. */
  wait(signal: AbortSignal, ms?: number): Promise<void>;
}

export const createBell = (): Bell => {
  const waiting = new Set<() => void>();
  return {
    ring: () => {
      for (const end of [...waiting]) end();
    },
    wait: (signal, ms) => new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const end = (): void => {
        clearTimeout(timer);
        waiting.delete(end);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = ms === undefined ? undefined : setTimeout(end, ms);
      waiting.add(end);
      signal.addEventListener('abort', end);
    }),
  };
};

/** Waits longer from failure to failure: 100 ms, 200 ms, …, at most 5 s. */
export const backOffMs = (failures: number): number => Math.min(100 * 2 ** Math.max(0, failures - 1), 5_000);
