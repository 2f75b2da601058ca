import { ttl } from '../../time';
import { keyOf as lockKeyOf, LEASE, NO_LEASE, OWNER, RELEASED, RELEASED_VALUE, RVN } from '../lease/row';
import type { Row } from '../table/request';

/** How rows of objects and messages look in their table. */
export interface Layout {
  readonly partitionKeyName: string;
  readonly sortKeyName: string | undefined;
  readonly ownerName: string;
  readonly ttlName: string;
  readonly ttlDays: number;
}

export const keyOf = (layout: Layout, key: string): Row => lockKeyOf(layout, { key, sortKey: '-' });

/** The shape of a released lock: clients of locks in the same table read over it. */
export const worn = ({ ownerName }: Layout, version: string): Row => ({ [OWNER]: ownerName, [LEASE]: NO_LEASE, [RVN]: version, [RELEASED]: RELEASED_VALUE });

/** Epoch seconds for DynamoDB's TTL, days after the row has ceased to matter: clocks may differ by that. */
export const collectAfter = ({ ttlName, ttlDays }: Layout, endMs: number): Row => ({ [ttlName]: ttl(endMs, ttlDays) });
