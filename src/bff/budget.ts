import { setMaxListeners } from 'node:events';
import { OplockStreamError } from '../errors';
import { describeFound } from '../found';
import type { Budget } from '../ledger/deadline';

/** Kept back of a Lambda invocation's time, for the answer. */
const RESERVE_MS = 1000;
/** What a timer takes. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export type CommandDeadline = number | { getRemainingTimeInMillis(): number };

/** The time that a command has: until the caller's signal aborts, or the deadline comes. Throws `INVALID_OPTION`. */
export const budgetOf = ({ signal, deadline }: { readonly signal?: AbortSignal | undefined; readonly deadline?: CommandDeadline | undefined }): Budget & { close(): void } => {
  const remaining = remainingOf(deadline);
  // One of our own: however many requests listen, the caller's signal, which may live for long, has one listener.
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  const abort = () => controller.abort();
  if (signal?.aborted) abort();
  else signal?.addEventListener('abort', abort, { once: true });
  const left = remaining();
  const timer = left === Infinity ? undefined : setTimeout(abort, Math.max(0, Math.min(left, MAX_TIMER_MS)));
  return {
    remaining,
    signal: controller.signal,
    close: () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    },
  };
};

const remainingOf = (deadline: unknown): (() => number) => {
  if (deadline === undefined) return () => Infinity;
  // A deadline is a time of this machine's clock; the injected `now` dates items.
  if (typeof deadline === 'number' && !Number.isNaN(deadline)) return () => deadline - Date.now();
  if (hasTime(deadline)) return () => deadline.getRemainingTimeInMillis() - RESERVE_MS;
  throw new OplockStreamError('INVALID_OPTION', `deadline: found ${describeFound(deadline)} where epoch milliseconds or a Lambda context belongs`);
};

const hasTime = (deadline: unknown): deadline is { getRemainingTimeInMillis(): number } =>
  typeof deadline === 'object' && deadline !== null && typeof (deadline as { getRemainingTimeInMillis?: unknown }).getRemainingTimeInMillis === 'function';
