import type { Budget } from '../ledger/deadline';
import { DeadlineError, withRetry } from '../retry';
import { CommandError } from './errors';

/** Of one command, over all its requests. */
export interface Run extends Budget {
  /** Names the command, whether the caller did or not. */
  readonly id: string;
  /** A write of this command was sent. */
  sent: boolean;
  /** A write of this command had no answer: it may have been executed. */
  ambiguous: boolean;
}

/** Tries of one request, on top of the SDK's own. */
const MAX_ATTEMPTS = 4;

/**
 * Calls the table until it answers. Throws `COMMAND_STOPPED` when the time is up, `COMMAND_UNANSWERED` when a write may
 * have been executed and nobody says so, else what the table threw last.
 */
export const callTable = async <A>(run: Run, request: (signal: AbortSignal) => Promise<A>): Promise<A> => {
  try {
    return await withRetry(request, run, { maxAttempts: MAX_ATTEMPTS });
  } catch (error) {
    if (error instanceof DeadlineError) throw stopped(run, error);
    throw run.ambiguous && !(error instanceof CommandError) ? unanswered(run, error) : error;
  }
};

/** Sends a write, and remembers when what becomes of it is not known. */
export const sendWrite = async <A>(run: Run, write: () => Promise<A>): Promise<A> => {
  run.sent = true;
  try {
    return await write();
  } catch (error) {
    if (mayBeExecuted(error)) run.ambiguous = true;
    throw error;
  }
};

/** Not when the service has refused the first and only request: 4xx. The SDK's own tries before may have had no answer. */
const mayBeExecuted = (error: unknown): boolean => {
  const { httpStatusCode: status, attempts = 1 } = (error as { $metadata?: { httpStatusCode?: number; attempts?: number } } | undefined)?.$metadata ?? {};
  return attempts > 1 || status === undefined || status < 400 || status >= 500;
};

const AGAIN = 'Send it again with the same commandId (that of an unnamed command is in `details.commandId`), or read the item';

export const stopped = ({ id, sent }: Run, cause?: unknown): CommandError =>
  new CommandError(
    'COMMAND_STOPPED', 503,
    sent ? `the command was stopped before the table had answered: it may have been applied. ${AGAIN}` : 'the command was stopped before anything was written. Send it again',
    { cause, details: { commandId: id, sent } },
  );

export const unanswered = ({ id }: Run, cause?: unknown): CommandError =>
  new CommandError('COMMAND_UNANSWERED', 503, `the table did not answer: the command may have been applied. ${AGAIN}`, { cause, details: { commandId: id, sent: true } });
