import { dynamoDBLockClientFactory } from '@deliveryhero/dynamodb-lock';
import { PARTITION_KEY, SORT_KEY, type MakeLocker } from './locker';

// A renewal that is under way while its lock is released is refused, and nobody catches that: it would end the process.
process.on('unhandledRejection', () => {});

/** As its README shows it. Polls only where it may trust the clocks of all nodes; without that it waits for a whole lease. */
export const deliveryHero: MakeLocker = (client, { tableName, leaseMs, heartbeatMs, pollMs }) => {
  const locks = dynamoDBLockClientFactory(client, { tableName, partitionKey: PARTITION_KEY, sortKey: SORT_KEY });
  return {
    acquire: async (key) => {
      const lock = await locks.lock('locks', key, {
        leaseDurationInMs: leaseMs, prolongEveryMs: heartbeatMs, ...(pollMs !== undefined && { trustLocalTime: true, waitDurationInMs: pollMs }),
      });
      return { release: () => locks.releaseLock(lock) };
    },
  };
};
