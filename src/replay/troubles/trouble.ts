/**
 * What happens to a request:
 * - `crash-before`: the process dies before it is sent
 * - `crash-after`: the table took it, and the process dies
 * - `response-lost`: the table took it, and nobody hears of it: the toolkit asks again
 *
 * After a crash Lambda delivers the whole batch again, to a new process.
 */
export type TroubleKind = 'crash-before' | 'crash-after' | 'response-lost';

/** Which troubles there are to be. Asked once for each invocation, and once for each request. */
export interface TroublePlan {
  /** At the start of each invocation, with the number of its records. */
  readonly startInvocation?: (records: number) => void;
  /** Of a request: its number in this invocation, and among all, from 0. */
  readonly troubleOf: (ofInvocation: number, ofAll: number) => TroubleKind | undefined;
  /** When the handler is done: does the process die before Lambda hears of it? */
  readonly diesUnanswered?: () => boolean;
}

/** What an invocation fails with when its process dies. */
export class ProcessDied extends Error {
  override readonly name = 'ProcessDied';
}
