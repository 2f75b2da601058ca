import { LockBackendError, LockRowError, type LockName } from '../errors';
import type { Answer, LockRequest } from '../table/request';
import type { Broken } from './client-types';
import type { Observation, Observations } from './observations';
import { ACQUISITION, keyOf, LEASE, OWNER, readRow, RELEASED, RVN, type LockKeySchema, type LockRow } from './row';
import type { Settings } from './settings';

/** The owner of a broken lock is nobody who could renew it; its name says what has happened, to Java as well. */
const BROKEN = /^broken-by:([^:]*):([\s\S]*)$/;

const brokenOwner = (by: string, owner: string): string => `broken-by:${by}:${owner}`;

/** Who has broken the lock, and whose it was; undefined for a lock that was not broken. */
export const brokenOf = (ownerName: string): { readonly by: string; readonly owner: string } | undefined => {
  const [, by, owner] = BROKEN.exec(ownerName) ?? [];
  return by === undefined || owner === undefined ? undefined : { by, owner };
};

interface Break {
  readonly schema: LockKeySchema;
  readonly name: LockName;
  /** Of the row as it was read, with its owner. */
  readonly seen: { readonly rvn: string; readonly ownerName: string };
  /** The new version. */
  readonly rvn: string;
  /** What can be left of the lease, at most. */
  readonly leaseMs: number;
  /** Who breaks it, without colons. */
  readonly by: string;
}

const breakRequest = ({ schema, name, seen, rvn, leaseMs, by }: Break): LockRequest => ({
  op: 'update',
  input: {
    Key: keyOf(schema, name),
    UpdateExpression: 'SET #rvn = :rvn, #owner = :owner, #lease = :lease REMOVE #id',
    ConditionExpression: '#rvn = :seen AND attribute_not_exists(#released)',
    ExpressionAttributeNames: { '#rvn': RVN, '#owner': OWNER, '#lease': LEASE, '#id': ACQUISITION, '#released': RELEASED },
    ExpressionAttributeValues: { ':rvn': rvn, ':owner': brokenOwner(by, seen.ownerName), ':lease': String(leaseMs), ':seen': seen.rvn },
    ReturnValues: 'ALL_NEW',
  },
});

/** `breaking`: whose it was, and when it is free at the latest. `busy`: it changes all the time. `failed`: what was asked may have happened. */
export type BreakEnd =
  | { readonly kind: 'free' | 'busy' }
  | ({ readonly kind: 'breaking' } & Broken)
  | { readonly kind: 'invalid'; readonly problem: string }
  | Extract<Answer, { kind: 'failed' }>;

/** Ms until the lease is over if nobody renews it: the row's lease, less what was watched of it. */
export const remainingOf = ({ leaseMs }: Pick<LockRow, 'leaseMs'>, { since }: Observation, now: number): number => Math.max(0, Math.ceil(leaseMs - (now - since)));

/** Renewals that come in between, one after the other. */
const TRIES = 5;

/**
 * Breaks a lock: from now on no renewal and no guard of its holder succeeds, Java's included, since all of them ask for
 * the version, the owner or the id. The holder may believe in its lease until that is over, so the row stays taken, and
 * whoever waits for it watches the new version for as long as is left. `id`: of the lock, among the observations.
 */
export const breakRow = async (
  { table, schema, clock, newId }: Pick<Settings, 'table' | 'schema' | 'clock' | 'newId'>,
  observations: Observations,
  { id, name, by }: { readonly id: string; readonly name: LockName; readonly by: string },
): Promise<BreakEnd> => {
  let answer: Answer = await table.read(keyOf(schema, name));
  for (let tries = 0; ; tries += 1) {
    if (answer.kind === 'failed') return answer;
    const read = answer.item && readRow(answer.item, schema);
    if (read?.kind === 'invalid') return read;
    if (!read || read.row.released) return { kind: 'free' };
    const { row } = read;
    const now = clock.monotonic();
    const leftMs = remainingOf(row, observations.see(id, row, now), now);
    const broken = brokenOf(row.ownerName);
    // Strictly longer than the lease.
    if (broken) return { kind: 'breaking', ownerName: broken.owner, retryAfterMs: leftMs + 1 };
    if (tries >= TRIES) return { kind: 'busy' };
    answer = await table.write(breakRequest({ schema, name, seen: row, rvn: newId(), leaseMs: Math.max(1, leftMs), by: by.replaceAll(':', '-') }));
  }
};

/** What `break` of a client gives; throws where it can't. */
export const brokenLock = (name: LockName, end: BreakEnd): Broken | undefined => {
  switch (end.kind) {
    case 'free': return undefined;
    case 'breaking': return { ownerName: end.ownerName, retryAfterMs: end.retryAfterMs };
    case 'invalid': throw new LockRowError(name, end.problem);
    case 'busy': throw new LockBackendError(name, 'breaking', new Error('it changed each time it was to be broken'));
    case 'failed': throw new LockBackendError(name, 'breaking', end.error);
  }
};
