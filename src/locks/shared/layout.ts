import type { Row } from '../table/request';
import { ttl } from '../../time';

/** How rows of objects and messages look in their table. */
export interface Layout {
  readonly partitionKeyName: string;
  readonly sortKeyName: string | undefined;
  readonly ownerName: string;
  readonly ttlName: string;
  readonly ttlDays: number;
}

export const keyOf = ({ partitionKeyName, sortKeyName }: Layout, key: string): Row =>
  ({ [partitionKeyName]: key, ...(sortKeyName === undefined ? {} : { [sortKeyName]: '-' }) });

/** The shape of a released lock: clients of locks in the same table read over it. */
export const worn = ({ ownerName }: Layout, version: string): Row => ({ ownerName, leaseDuration: '0', recordVersionNumber: version, isReleased: '1' });

/** Epoch seconds for DynamoDB's TTL, days after the row has ceased to matter: clocks may differ by that. */
export const collectAfter = ({ ttlName, ttlDays }: Layout, endMs: number): Row => ({ [ttlName]: ttl(endMs, ttlDays) });
