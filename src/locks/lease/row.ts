import { describeFound } from '../../found';
import type { LockName } from '../errors';
import type { Row } from '../table/request';

/** Attributes of the Java lock client, under its names. */
export const OWNER = 'ownerName';
export const LEASE = 'leaseDuration';
export const RVN = 'recordVersionNumber';
export const DATA = 'data';
export const RELEASED = 'isReleased';
/** Java tests that the attribute is there when it reads, and for exactly this when it writes. */
export const RELEASED_VALUE = '1';

/**
 * The lease of a row that is no lock, but of a claim, a shared object or a channel, in the clothes of a released lock, so that
 * every client can read it: no lock has such a lease.
 */
export const NO_LEASE = '0';

/** Our own, which Java takes for additional attributes of the user. */
export const ACQUISITION = 'acquisitionId';
export const FENCING = 'fencingToken';
export const TOUCHED = 'lastTouchedAt';
/** The version that the date is of: who does not date its writes leaves an old date in a row that it updates. */
export const TOUCHED_VERSION = 'lastTouchedVersion';

/** All that a lock writes into its row, keys excepted. */
export const LOCK_ATTRIBUTES: readonly string[] = [OWNER, LEASE, RVN, DATA, RELEASED, ACQUISITION, FENCING, TOUCHED, TOUCHED_VERSION];

/** What the attributes of a table's key are called. */
export interface LockKeySchema {
  readonly partitionKeyName: string;
  readonly sortKeyName?: string | undefined;
}

export const keyOf = ({ partitionKeyName, sortKeyName }: LockKeySchema, { key, sortKey }: LockName): Row =>
  ({ [partitionKeyName]: key, ...(sortKeyName === undefined ? {} : { [sortKeyName]: sortKey }) });

/** The row of a lock, read. */
export interface LockRow {
  readonly ownerName: string;
  readonly leaseMs: number;
  readonly rvn: string;
  readonly released: boolean;
  readonly data: Uint8Array | undefined;
  readonly acquisitionId: string | undefined;
  readonly fencingToken: number | undefined;
  /** Epoch ms, of this version. */
  readonly lastTouchedAt: number | undefined;
  /** Everything else, keys excepted. */
  readonly attributes: Row;
}

/** It looks like a released lock, and is of something else. */
export const isNoLock = ({ released, leaseMs }: LockRow): boolean => released && leaseMs === Number(NO_LEASE);

export type ReadRow = { readonly kind: 'lock'; readonly row: LockRow } | { readonly kind: 'invalid'; readonly problem: string };

const invalid = (problem: string): ReadRow => ({ kind: 'invalid', problem });

/** At most what fits a timer and a sum of times. */
const WHOLE_MS = /^\d{1,15}$/;

/**
 * Reads a row as strictly as Java does, which throws for what is not as it writes it. A row that says released in another
 * way than with "1" is none: Java could never take it.
 */
export const readRow = (item: Row, schema: LockKeySchema): ReadRow => {
  const { [OWNER]: ownerName, [LEASE]: lease, [RVN]: rvn, [RELEASED]: released, [DATA]: data, [ACQUISITION]: acquisitionId, [FENCING]: token, [TOUCHED]: touched, [TOUCHED_VERSION]: touchedVersion, ...rest } = item;
  if (typeof ownerName !== 'string') return invalid(`${OWNER} is ${describeFound(ownerName)}`);
  if (typeof rvn !== 'string') return invalid(`${RVN} is ${describeFound(rvn)}`);
  if (typeof lease !== 'string' || !WHOLE_MS.test(lease)) return invalid(`${LEASE} is ${describeFound(lease)}, and should be a string of whole milliseconds`);
  if (released !== undefined && released !== RELEASED_VALUE) return invalid(`${RELEASED} is ${describeFound(released)}, and should be missing or "${RELEASED_VALUE}"`);
  if (data !== undefined && !(data instanceof Uint8Array)) return invalid(`${DATA} is ${describeFound(data)}, and should be binary`);
  const attributes = Object.fromEntries(Object.entries(rest).filter(([name]) => name !== schema.partitionKeyName && name !== schema.sortKeyName));
  return {
    kind: 'lock',
    row: {
      ownerName,
      rvn,
      leaseMs: Number(lease),
      released: released !== undefined,
      data,
      acquisitionId: typeof acquisitionId === 'string' ? acquisitionId : undefined,
      fencingToken: typeof token === 'number' ? token : undefined,
      lastTouchedAt: typeof touched === 'number' && touchedVersion === rvn ? touched : undefined,
      attributes,
    },
  };
};
