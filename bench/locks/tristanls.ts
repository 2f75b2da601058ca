import type { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import { FailClosed, FailOpen, type CallbackClient, type PeerLock } from 'dynamodb-lock-client';
import { PARTITION_KEY, type Grant, type Locker, type MakeLocker } from './locker';

/** Its default is one more try. */
const TRIES = 1_000_000;

/** It was written for version 2 of the SDK: callbacks, and errors with a `code`. */
const adapted = (client: DynamoDBDocument): CallbackClient => {
  const calling = <I>(send: (input: I) => Promise<object>) => (input: I, callback: (error?: unknown, data?: object) => void): void => {
    send(input).then(
      (data) => callback(undefined, data),
      (error: unknown) => callback(Object.assign(error as Error, { code: (error as Error).name })),
    );
  };
  return { get: calling((input) => client.get(input)), put: calling((input) => client.put(input)), delete: calling((input) => client.delete(input)) };
};

const granted = (lock: PeerLock): Grant => {
  // Of a renewal. The lock is told as lost by the release.
  let lost: Error | undefined;
  lock.on('error', (error) => { lost = error; });
  return {
    release: () => new Promise((resolve, reject) => {
      lock.release((error = lost) => (error ? reject(error) : resolve()));
    }),
  };
};

const locker = (client: { acquireLock: (key: string, callback: (error: Error | undefined, lock: PeerLock) => void) => void }): Locker => ({
  acquire: (key) => new Promise((resolve, reject) => {
    client.acquireLock(key, (error, lock) => (error ? reject(error) : resolve(granted(lock))));
  }),
});

/** Leases. It waits for one before it looks again. */
export const failOpen: MakeLocker = (client, { tableName, leaseMs, heartbeatMs }) =>
  locker(new FailOpen({ dynamodb: adapted(client), lockTable: tableName, partitionKey: PARTITION_KEY, leaseDurationMs: leaseMs, heartbeatPeriodMs: heartbeatMs, retryCount: TRIES }));

/** Polls, and has no leases: when its holder dies, the lock stays. */
export const failClosed: MakeLocker = (client, { tableName, pollMs = 1_000 }) =>
  locker(new FailClosed({ dynamodb: adapted(client), lockTable: tableName, partitionKey: PARTITION_KEY, acquirePeriodMs: pollMs, retryCount: TRIES }));
