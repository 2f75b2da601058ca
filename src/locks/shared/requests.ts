import { conditionalUpdate } from '../table/conditional-update';
import type { LockRequest, Row } from '../table/request';
import { collectAfter, keyOf, worn, type Layout } from './layout';
import { endOf, type Expiry } from './lifetime';
import type { ObjectRow } from './row';
import type { Encoded } from './value';

/** What every write has: which row, its new version, and the time by this node's wall clock. */
export interface Writing {
  readonly layout: Layout;
  readonly key: string;
  readonly version: string;
  readonly wall: number;
}

/** Who may renew, publish and fail. The id alone is unique; the number is for those who look at the row. */
export interface Claimed {
  readonly reservationId: string;
  readonly gen: number;
}

/** So many of the latest changes can be told apart from changes that were not made, when an answer was lost. */
export const REMEMBERED = 16;

/** As it was seen: absent, or in this very version. */
const unchanged = ({ layout }: Writing, seen: ObjectRow | undefined) => (seen ? { equals: { recordVersionNumber: seen.version } } : { absent: layout.partitionKeyName });
const own = ({ reservationId, gen }: Claimed): Row => ({ state: 'RESERVED', reservationId, gen });
const common = ({ layout, version }: Writing, state: string): Row => ({ ...worn(layout, version), state });

const EXPIRY = ['hardExpiresAtMs', 'idleMs', 'idleExpiresAtMs'] as const;

/** A value and its end; what it has not is removed. */
const valued = ({ layout }: Writing, { value, encoding }: Encoded, expiry: Expiry): { readonly set: Row; readonly remove: readonly string[] } => {
  const end = endOf(expiry);
  const missing = EXPIRY.filter((name) => expiry[name] === undefined);
  return {
    set: { value, encoding, ...Object.fromEntries(EXPIRY.flatMap((name) => (expiry[name] === undefined ? [] : [[name, expiry[name]]]))), ...(end === undefined ? {} : collectAfter(layout, end)) },
    remove: ['leaseMs', 'retryAtMs', 'error', ...missing, ...(end === undefined ? [layout.ttlName] : [])],
  };
};

/** An earlier value stays in the row, for those who rather have that than nothing. */
export const reserveRequest = (writing: Writing, seen: ObjectRow | undefined, reservationId: string, leaseMs: number): LockRequest => conditionalUpdate({
  key: keyOf(writing.layout, writing.key),
  set: { ...common(writing, 'RESERVED'), gen: (seen?.gen ?? 0) + 1, reservationId, leaseMs, ...collectAfter(writing.layout, writing.wall) },
  remove: ['retryAtMs', 'error'],
  ...unchanged(writing, seen),
});

export const beatRequest = (writing: Writing, claimed: Claimed): LockRequest => conditionalUpdate({
  key: keyOf(writing.layout, writing.key), set: { ...common(writing, 'RESERVED'), ...collectAfter(writing.layout, writing.wall) }, equals: own(claimed),
});

export const publishRequest = (writing: Writing, claimed: Claimed, encoded: Encoded, expiry: Expiry): LockRequest => {
  const { set, remove } = valued(writing, encoded, expiry);
  return conditionalUpdate({ key: keyOf(writing.layout, writing.key), set: { ...common(writing, 'READY'), ...set }, remove, equals: own(claimed) });
};

/** Without `error`: given up, and free for others at once. */
export const failRequest = (writing: Writing, claimed: Claimed, failure: { readonly error: string; readonly retryAtMs: number } | undefined): LockRequest => conditionalUpdate({
  key: keyOf(writing.layout, writing.key),
  set: { ...common(writing, 'FAILED'), retryAtMs: failure?.retryAtMs ?? 0, ...(failure ? { error: failure.error } : {}), ...collectAfter(writing.layout, writing.wall) },
  remove: ['leaseMs', ...(failure ? [] : ['error'])],
  equals: own(claimed),
});

export const touchRequest = (writing: Writing, seen: ObjectRow, expiry: Expiry): LockRequest => conditionalUpdate({
  key: keyOf(writing.layout, writing.key),
  set: { ...worn(writing.layout, writing.version), idleExpiresAtMs: expiry.idleExpiresAtMs, ...collectAfter(writing.layout, endOf(expiry) ?? writing.wall) },
  ...unchanged(writing, seen),
});

/**
 * The row stays, so that its number goes on and no older reservation fits it. What remembers changes stays, too: a
 * removal says nothing about whether an earlier change was made.
 */
export const removeRequest = (writing: Writing): LockRequest => conditionalUpdate({
  key: keyOf(writing.layout, writing.key),
  set: { ...common(writing, 'REMOVED'), ...collectAfter(writing.layout, writing.wall) },
  add: { gen: 1 },
  remove: ['value', 'encoding', 'reservationId', 'leaseMs', 'retryAtMs', 'error', ...EXPIRY],
  present: 'gen',
});

export const executeRequest = (writing: Writing, seen: ObjectRow | undefined, executionId: string, encoded: Encoded, expiry: Expiry): LockRequest => {
  const { set, remove } = valued(writing, encoded, expiry);
  return conditionalUpdate({
    key: keyOf(writing.layout, writing.key),
    set: {
      ...common(writing, 'READY'), ...set, gen: (seen?.gen ?? 0) + 1, executions: (seen?.executions ?? 0) + 1,
      executed: [...(seen?.executed ?? []), executionId].slice(-REMEMBERED),
    },
    remove: [...remove, 'reservationId'],
    ...unchanged(writing, seen),
  });
};
