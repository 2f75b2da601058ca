import type { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';

/** What a lock client is made with; beyond that, each is as its users would write it. */
export interface LockerSettings {
  readonly tableName: string;
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  /** Time between looks at a lock that somebody holds. Default: the client's own. */
  readonly pollMs?: number;
}

/** A lock that was granted. */
export interface Grant {
  /** Rejects when it was lost, where the client tells. */
  readonly release: () => Promise<void>;
}

/** The lock client of one node. */
export interface Locker {
  /** Waits until the lock is granted, however long. */
  readonly acquire: (key: string) => Promise<Grant>;
}

export type MakeLocker = (client: DynamoDBDocument, settings: LockerSettings) => Locker;

/** Of every lock table; one side has a sort key besides. */
export const PARTITION_KEY = 'key';
export const SORT_KEY = 'group';
