import { describeFound } from '../../found';
import { OWNER } from '../lease/row';
import type { Row } from '../table/request';

/** Attributes of a claim's row. */
export const CLAIM_ID = 'claimId';
export const STATE = 'state';
export const EXPIRES_AT = 'expiresAtMs';
export const ATTEMPTS = 'attempts';
export const RESULT = 'result';

/** `ABANDONED`: free at once, for its time is 0. A state of its own, so that a late write of the claim that was abandoned finds no match. */
export type ClaimState = 'CLAIMED' | 'DONE' | 'ABANDONED';

const STATES: readonly unknown[] = ['CLAIMED', 'DONE', 'ABANDONED'] satisfies readonly ClaimState[];

/** The row of a claim, read. */
export interface ClaimRow {
  readonly claimId: string;
  readonly state: ClaimState;
  readonly ownerName: string;
  /** Epoch ms, of the clock of who wrote it. */
  readonly expiresAtMs: number;
  readonly attempts: number;
  readonly result: unknown;
}

export type ReadClaim = { readonly kind: 'claim'; readonly row: ClaimRow } | { readonly kind: 'invalid'; readonly problem: string };

const invalid = (name: string, value: unknown, expected: string): ReadClaim =>
  ({ kind: 'invalid', problem: `${name} is ${describeFound(value)}, and should be ${expected}` });

export const readClaim = (item: Row): ReadClaim => {
  const { [CLAIM_ID]: claimId, [STATE]: state, [EXPIRES_AT]: expiresAtMs, [ATTEMPTS]: attempts, [RESULT]: text, [OWNER]: ownerName } = item;
  if (typeof claimId !== 'string') return invalid(CLAIM_ID, claimId, 'a string');
  if (!STATES.includes(state)) return invalid(STATE, state, 'one of CLAIMED, DONE, ABANDONED');
  if (typeof expiresAtMs !== 'number') return invalid(EXPIRES_AT, expiresAtMs, 'a number');
  const result = parse(text);
  if (!result) return invalid(RESULT, text, 'JSON in a string');
  return {
    kind: 'claim',
    row: {
      claimId,
      state: state as ClaimState,
      expiresAtMs,
      ownerName: typeof ownerName === 'string' ? ownerName : '',
      attempts: typeof attempts === 'number' ? attempts : 0,
      result: result.value,
    },
  };
};

const parse = (text: unknown): { readonly value: unknown } | undefined => {
  if (text === undefined) return { value: undefined };
  try {
    return typeof text === 'string' ? { value: JSON.parse(text) } : undefined;
  } catch {
    return undefined;
  }
};
