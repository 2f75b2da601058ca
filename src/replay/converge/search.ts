import type { FastCheck } from './fast-check';
import { histories } from './histories';
import type { History } from './history';

export interface SearchOptions {
  readonly seed: number;
  readonly runs: number;
  /** Goes straight to a history of chance. */
  readonly path?: string;
  /** Tried before those of chance, and counted in `runs`. They cannot get smaller. */
  readonly first: readonly History[];
  /** How many records there are. */
  readonly count: number;
  readonly passes: (history: History) => Promise<boolean>;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface Found {
  /** Histories tried, without those on the way to the smallest. */
  readonly runs: number;
  /** The smallest that fails; absent: none was found. */
  readonly history?: History;
  readonly path?: string;
}

/** Looks for a history that does not pass, and for the smallest one. What `passes` throws ends the search and is thrown. */
export const search = async (fastCheck: FastCheck, { seed, runs, path, first, count, passes, onProgress }: SearchOptions): Promise<Found> => {
  let broken: { readonly error: unknown } | undefined;
  let done = 0;
  const tried = (): void => {
    done += 1;
    onProgress?.(done, runs);
  };
  const early = path === undefined ? first : [];
  for (const history of early) {
    const passed = await passes(history);
    tried();
    if (!passed) return { runs: done, history };
  }
  const property = fastCheck.asyncProperty(histories(fastCheck, count), async (history) => {
    if (broken) return true;
    try {
      const passed = await passes(history);
      tried();
      return passed;
    } catch (error) {
      broken = { error };
      return true;
    }
  });
  const details = await fastCheck.check(property, { seed, numRuns: runs - early.length, verbose: 0, ...(path !== undefined && { path }) });
  if (broken) throw (broken).error;
  const [history] = details.counterexample ?? [];
  return { runs: early.length + details.numRuns, ...(history && { history }), ...(details.counterexamplePath !== null && { path: details.counterexamplePath }) };
};
