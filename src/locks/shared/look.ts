import { anySignal } from '../any-signal';
import { classifyError } from '../../faults/classify';
import { pause } from '../clock';
import { pollDelay, throwIfEnded } from './context';
import { SharedTimeoutError } from './errors';
import { readObject, type ObjectContext } from './object-context';
import type { ObjectRow } from './row';

/** What a look at an object leads to; `atMostMs`: something is due then, whoever writes or not. */
export type Looked<T> = { readonly kind: 'found'; readonly found: T } | { readonly kind: 'wait'; readonly atMostMs: number };

interface LookOptions {
  /** Absent: as long as it takes. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told of each look, before its read is sent. */
  readonly onLook?: () => void;
  /** Told of errors of the table that may pass. */
  readonly onError?: (error: unknown) => void;
}

/** Less than that is no time for a request. */
const MIN_REQUEST_MS = 100;

/**
 * Looks at the row until there is something to do, less and less often.
 * @throws SharedTimeoutError, SharedClosedError, LockAbortedError, SharedRowError, and LockBackendError where another look is pointless
 */
export const lookUntil = async <T>(context: ObjectContext, id: string, decide: (row: ObjectRow | undefined) => Looked<T>, options: LookOptions): Promise<T> => {
  const { signal, end } = anySignal(options.signal, context.closed);
  try {
    return await look(context, id, decide, options, signal);
  } finally {
    end();
  }
};

const look = async <T>(context: ObjectContext, id: string, decide: (row: ObjectRow | undefined) => Looked<T>, { timeoutMs = Infinity, signal, onLook, onError }: LookOptions, ended: AbortSignal): Promise<T> => {
  const { clock, poll, random, closed, table } = context;
  const key = context.prefix + id;
  const begun = clock.monotonic();
  const left = (): number => timeoutMs - (clock.monotonic() - begun);
  let lastError: unknown;
  for (let looks = 1; ; looks += 1) {
    throwIfEnded(key, closed, signal);
    let atMostMs = Infinity;
    onLook?.();
    try {
      const looked = decide(await readObject(context, key, { signal: ended, timeoutMs: Math.min(table.requestTimeoutMs, Math.max(left(), MIN_REQUEST_MS)) }));
      if (looked.kind === 'found') return looked.found;
      lastError = undefined;
      atMostMs = looked.atMostMs;
    } catch (error) {
      throwIfEnded(key, closed, signal);
      if (classifyError(error) !== 'transient') throw error;
      lastError = error;
      onError?.(error);
    }
    if (left() <= 0) throw new SharedTimeoutError(id, clock.monotonic() - begun, lastError);
    await pause(clock, Math.min(pollDelay(looks, poll, random), atMostMs, left()), ended);
  }
};
