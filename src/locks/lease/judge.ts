import type { LostReason } from '../errors';
import type { Answer } from '../table/request';
import type { LeaseTime } from './lease-time';
import type { Identity } from './requests';
import { readRow } from './row';

/** What a holder knows of its own writes. */
export interface Mine {
  readonly identity: Identity;
  /** The version that the table has confirmed. */
  readonly confirmed: string;
  /** Versions that were sent and may be in the row instead. */
  readonly pending: ReadonlyMap<string, LeaseTime>;
}

/**
 * What the answer to a renewal means:
 * - `renewed`: the row has the version that was sent
 * - `behind`: it has one that was sent before
 * - `assumed`: nothing is known, and the user wants to go on
 * - `lost`: it is somebody else's, or gone
 * - `failed`: nothing is known; that is not lost
 */
export type RenewalVerdict =
  | { readonly kind: 'renewed' }
  | { readonly kind: 'behind'; readonly rvn: string; readonly time: LeaseTime }
  | { readonly kind: 'assumed' }
  | Loss
  | { readonly kind: 'failed'; readonly error: unknown; readonly permanent: boolean };

export interface Loss {
  readonly kind: 'lost';
  readonly reason: LostReason;
  readonly by?: string;
}

/** Pure. `rvn` is the version that was sent. */
export const judgeRenewal = (answer: Answer, mine: Mine & { readonly rvn: string; readonly holdOnServiceUnavailable: boolean }): RenewalVerdict => {
  switch (answer.kind) {
    case 'done': return { kind: 'renewed' };
    case 'failed': return mine.holdOnServiceUnavailable && isUnavailable(answer.error) ? { kind: 'assumed' } : answer;
    case 'refused': {
      const found = whose(answer.item, mine);
      if (found.kind !== 'mine') return found;
      const time = mine.pending.get(found.rvn);
      if (found.rvn === mine.rvn) return { kind: 'renewed' };
      // As it was, and refused: somebody has changed it back and forth, or the engine read late. Ask again.
      return time ? { kind: 'behind', rvn: found.rvn, time } : { kind: 'failed', error: new Error('the table refused a renewal of the version that it has'), permanent: false };
    }
  }
};

/** Whose a row is that refused a holder's write. */
export const whose = (item: Readonly<Record<string, unknown>> | undefined, { identity, confirmed, pending }: Mine): Loss | { readonly kind: 'mine'; readonly rvn: string } => {
  if (!item) return { kind: 'lost', reason: 'deleted' };
  const read = readRow(item, identity.schema);
  if (read.kind === 'invalid') return { kind: 'lost', reason: 'stolen' };
  const { row } = read;
  const known = row.rvn === confirmed || pending.has(row.rvn);
  if (row.released) {
    // A release may leave the version or change it; the acquisition tells whose it was.
    return known || row.acquisitionId === identity.acquisitionId ? { kind: 'lost', reason: 'releasedElsewhere' } : { kind: 'lost', reason: 'stolen', by: row.ownerName };
  }
  return known && row.ownerName === identity.ownerName ? { kind: 'mine', rvn: row.rvn } : { kind: 'lost', reason: 'stolen', by: row.ownerName };
};

const isUnavailable = (error: unknown): boolean =>
  (error as { readonly $metadata?: { readonly httpStatusCode?: unknown } } | undefined)?.$metadata?.httpStatusCode === 503;
