import type { Logger } from '../../logger';
import { LockAbortedError, LockBackendError } from '../errors';
import { instantOf, pause, type Instant, type LockClock } from '../clock';
import { backoff } from '../pacing';
import type { LockTable } from '../table/lock-table';
import type { Answer, Failed, LockRequest } from '../table/request';
import { SharedClosedError } from './errors';
import type { Layout } from './layout';

/** What everything on one table has in common. */
export interface Context {
  readonly table: LockTable;
  readonly layout: Layout;
  readonly clock: LockClock;
  readonly random: () => number;
  readonly newId: () => string;
  readonly logger: Logger;
  /** Aborts when it is closed. */
  readonly closed: AbortSignal;
}

/** What came of sending a request, perhaps more than once. */
export interface Sent {
  readonly answer: Answer;
  /** Before the last try: what was executed then counts from here. */
  readonly sentAt: Instant;
  /** An earlier try, of ours or of the SDK, may have been executed. */
  readonly ambiguous: boolean;
}

/**
 * Sends until there is an answer, which for a request with a condition that it makes false itself does no harm. A
 * refusal then shows the row, and the row shows whether an earlier try was executed.
 */
export const sendUntilAnswered = async ({ table, clock, random }: Context, request: LockRequest, { tries = 5, signal }: { readonly tries?: number; readonly signal?: AbortSignal } = {}): Promise<Sent> => {
  for (let n = 1; ; n += 1) {
    const sentAt = instantOf(clock);
    const answer = await table.write(request, { signal });
    const ambiguous = n > 1 || answer.kind === 'failed' || (answer.kind === 'refused' && answer.attempts > 1);
    if (answer.kind !== 'failed' || answer.permanent || n >= tries || signal?.aborted) return { answer, sentAt, ambiguous };
    await pause(clock, backoff(n, random), signal);
  }
};

export const backend = (key: string, doing: string, { error }: Failed): LockBackendError => new LockBackendError({ key }, doing, error);

/** Whoever waits stops waiting when it is closed, or when the caller says so. */
export const throwIfEnded = (key: string, closed: AbortSignal, signal?: AbortSignal): void => {
  if (closed.aborted) throw new SharedClosedError();
  if (signal?.aborted) throw new LockAbortedError({ key }, signal.reason);
};

/** The wait before the n-th look, in ms: doubles up to a bound; half of it is left to chance, so that many who wait do not ask at once. */
export const pollDelay = (n: number, { minMs, maxMs }: { readonly minMs: number; readonly maxMs: number }, random: () => number): number =>
  Math.min(maxMs, minMs * 2 ** Math.min(n - 1, 30)) * (0.5 + random() / 2);
