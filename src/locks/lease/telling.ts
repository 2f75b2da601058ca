import { LockTimeoutError, type LockName } from '../errors';
import type { Settings } from './settings';
import type { TryAcquireResult } from './types';

/** Runs an acquisition of what has this name, and tells when it was not granted. What was granted is told with its lease. */
export interface Telling {
  acquiring<T>(name: LockName, acquisition: () => Promise<T>): Promise<T>;
  trying(name: LockName, acquisition: () => Promise<TryAcquireResult>): Promise<TryAcquireResult>;
}

export const createTelling = ({ clock, tell }: Pick<Settings, 'clock' | 'tell'>): Telling => {
  if (!tell) return { acquiring: (_name, acquisition) => acquisition(), trying: (_name, acquisition) => acquisition() };

  const acquiring: Telling['acquiring'] = async (name, acquisition) => {
    const start = clock.monotonic();
    try {
      return await acquisition();
    } catch (error) {
      const waitedMs = clock.monotonic() - start;
      // With a cause it is the table that has not answered: nobody knows who has the lock.
      if (error instanceof LockTimeoutError && error.cause === undefined) tell({ ...name, kind: 'refused', waitedMs, holder: error.holder });
      else tell({ ...name, kind: 'failed', waitedMs, error });
      throw error;
    }
  };

  return {
    acquiring,
    trying: (name, acquisition) => acquiring(name, async () => {
      const start = clock.monotonic();
      const result = await acquisition();
      if (!result.acquired) tell({ ...name, kind: 'refused', waitedMs: clock.monotonic() - start, holder: result.holder });
      return result;
    }),
  };
};
