import { createLockClient, type AcquireOptions, type LockClientOptions } from 'oplock-stream/locks';
import type { MakeLocker } from './locker';

/** Nobody waits as long as that here; the default is a lease and a second. */
const PATIENCE_MS = 600_000;

const locker = (options: Partial<LockClientOptions>, acquisition: AcquireOptions): MakeLocker => (client, { tableName, leaseMs, heartbeatMs, pollMs }) => {
  const locks = createLockClient({ client, tableName, leaseMs, heartbeatMs, ...options });
  return {
    acquire: async (key) => {
      const lock = await locks.acquire(key, { waitMs: PATIENCE_MS, ...(pollMs !== undefined && { refreshMs: pollMs }), ...acquisition });
      return {
        release: async () => {
          const outcome = await lock.release();
          if (outcome !== 'released') throw new Error(`the release of ${key} says ${outcome}`);
        },
      };
    },
  };
};

/** Every default: the row is deleted by a release, as Java does it. */
export const documented = locker({}, {});
/** Rows stay. */
export const kept = locker({}, { onRelease: 'keep' });
/** Rows stay, with a fencing token. */
export const exclusive = locker({ exclusive: true }, {});
