import type { Budget } from '../ledger/deadline';

/** Kept back of a Lambda invocation's time, for the answer. */
const RESERVE_MS = 1000;

export type CommandDeadline = number | { getRemainingTimeInMillis(): number };

/** The time that a command has: until the caller's signal aborts, or the deadline comes. */
export const budgetOf = ({ signal, deadline }: { readonly signal?: AbortSignal; readonly deadline?: CommandDeadline }): Budget & { close(): void } => {
  const remaining = remainingOf(deadline);
  const controller = new AbortController();
  const abort = () => controller.abort();
  if (signal?.aborted) abort();
  else signal?.addEventListener('abort', abort, { once: true });
  const left = remaining();
  const timer = left === Infinity ? undefined : setTimeout(abort, Math.max(0, Math.min(left, 2 ** 31 - 1)));
  return {
    remaining,
    signal: controller.signal,
    close: () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    },
  };
};

const remainingOf = (deadline: CommandDeadline | undefined): (() => number) => {
  if (deadline === undefined) return () => Infinity;
  // A deadline is a time of this machine's clock; the injected `now` dates items.
  return typeof deadline === 'number' ? () => deadline - Date.now() : () => deadline.getRemainingTimeInMillis() - RESERVE_MS;
};
