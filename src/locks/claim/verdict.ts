import type { Row } from '../table/request';
import { readClaim, type ClaimRow } from './row';

/** What the row says to one who wants the claim. */
export type ClaimVerdict =
  /** An earlier try of this very claim was executed, and its answer lost. */
  | { readonly kind: 'mine'; readonly row: ClaimRow }
  | { readonly kind: 'done'; readonly row: ClaimRow }
  | { readonly kind: 'held'; readonly row: ClaimRow; readonly retryAfterMs: number }
  /** Not there, abandoned, or its time is over. */
  | { readonly kind: 'free' }
  | { readonly kind: 'invalid'; readonly problem: string };

/** @param limitMs what runs out before this moment is free: now, less the margin for clocks that differ */
export const verdictOf = (item: Row | undefined, claimId: string, limitMs: number): ClaimVerdict => {
  if (!item) return { kind: 'free' };
  const read = readClaim(item);
  if (read.kind === 'invalid') return read;
  const { row } = read;
  if (row.claimId === claimId && row.state === 'CLAIMED') return { kind: 'mine', row };
  if (row.expiresAtMs < limitMs) return { kind: 'free' };
  if (row.state === 'DONE') return { kind: 'done', row };
  return { kind: 'held', row, retryAfterMs: row.expiresAtMs - limitMs + 1 };
};

/** What the row says to one whose write was refused because it has the claim no more, or has ended it. */
export const endedAs = (item: Row | undefined, claimId: string): ClaimRow['state'] | 'superseded' => {
  const read = item && readClaim(item);
  return read?.kind === 'claim' && read.row.claimId === claimId ? read.row.state : 'superseded';
};
