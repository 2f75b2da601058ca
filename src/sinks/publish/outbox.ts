import { OplockStreamError } from '../../errors';
import { classifyError } from '../../faults/classify';
import type { Deadline } from '../../ledger/deadline';
import { DeadlineError, withRetry } from '../../retry';
import { createKeyLanes } from './lanes';
import type { Letter, Parcel, ParcelEnd } from './parcel';
import { planRequest } from './plan-request';
import type { EventPublisher, Published } from './publisher';

/** Sends the events of one invocation to one publisher: one request after the other, as full as there are events. */
export interface Outbox {
  submit(parcel: Parcel): void;
}

export const createOutbox = (publisher: EventPublisher, deadline: Deadline, crash: (error: unknown) => void): Outbox => {
  const lanes = createKeyLanes();
  let running = false;
  let endNap: (() => void) | undefined;

  /** Ends a uow. What comes again with a retry must not be overtaken by what follows it, so its keys are held. */
  const end = (parcel: Parcel, how: ParcelEnd): void => {
    if (parcel.over) return;
    parcel.over = true;
    if (!parcel.end(how)) return;
    for (const { key, stored } of parcel.letters) if (!stored) lanes.hold(key);
  };

  const wake = (): void => {
    endNap?.();
    if (running) return;
    running = true;
    // Not at once: what the stream has ready goes along.
    setImmediate(() => void run().catch(crash));
  };

  const run = async (): Promise<void> => {
    for (;;) {
      const { letters, wakeAt } = planRequest(openHeads(), publisher, performance.now());
      if (letters.length > 0) await send(letters);
      else if (wakeAt !== undefined) await nap(wakeAt - performance.now());
      else break;
    }
    running = false;
  };

  const nap = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      endNap = () => {
        clearTimeout(timer);
        endNap = undefined;
        resolve();
      };
      const timer = setTimeout(endNap, Math.ceil(ms));
    });

  /** The first letter of each key, if it may be sent. What may not be in this invocation is ended on the way. */
  const openHeads = (): Letter[] => {
    for (;;) {
      const heads = lanes.heads();
      const held = heads.filter(({ key, parcel }) => lanes.isHeld(key) || parcel.isHeld());
      if (held.length === 0) return heads.filter(isOpen);
      for (const { parcel } of held) end(parcel, 'held');
    }
  };

  const isOpen = (letter: Letter): boolean => {
    if (letter.parcel.isOpen()) return true;
    if (!letter.asked) letter.parcel.onOpen(wake);
    letter.asked = true;
    return false;
  };

  const send = async (letters: readonly Letter[]): Promise<void> => {
    let results: readonly Published[];
    try {
      // One attempt, for the budget's sake: what is tried again is the single event.
      results = await withRetry((signal) => request(letters, signal), deadline, { maxAttempts: 1 });
    } catch (error) {
      if (isSpoilt(letters, error)) return separate(letters);
      results = letters.map(() => ({ error }));
    }
    const roll = (letters[0]?.parcel.retry.random ?? Math.random)(); // one for all: what failed together goes together again
    letters.forEach((letter, i) => {
      const result = results[i];
      if (result) failed(letter, result.error, roll);
      else stored(letter);
    });
  };

  const request = async (letters: readonly Letter[], signal: AbortSignal): Promise<readonly Published[]> => {
    const results: unknown = await publisher(letters.map(({ event }) => event), { signal });
    if (Array.isArray(results) && results.length === letters.length) return results as readonly Published[];
    throw new OplockStreamError(
      'INVALID_PUBLISHER',
      `a publisher resolves to a list of what became of each event: ${letters.length} were given, found ${Array.isArray(results) ? `a list of ${results.length}` : typeof results}`,
    );
  };

  /** Refused for good as a whole: one of the events may be the reason, and its neighbours must not be set aside with it. */
  const isSpoilt = (letters: readonly Letter[], error: unknown): boolean =>
    letters.length > 1 && !(error instanceof DeadlineError) && classifyError(error) === 'permanent';

  const separate = (letters: readonly Letter[]): void => {
    for (const letter of letters) letter.company = Math.ceil(letters.length / 2);
  };

  const stored = (letter: Letter): void => {
    const { parcel } = letter;
    letter.stored = true;
    lanes.remove(letter);
    parcel.pending -= 1;
    if (parcel.pending === 0) end(parcel, 'published');
  };

  const failed = (letter: Letter, error: unknown, roll: number): void => {
    if (error instanceof DeadlineError) return end(letter.parcel, 'deadline');
    const { maxAttempts = 8, baseMs = 50, capMs = 5000 } = letter.parcel.retry;
    const wait = roll * Math.min(capMs, baseMs * 2 ** letter.failures);
    letter.failures += 1;
    const again = classifyError(error) === 'transient' && letter.failures < maxAttempts && wait < deadline.remaining();
    if (again) letter.notBefore = performance.now() + wait;
    else end(letter.parcel, { error });
  };

  // What is under way sees the same signal; what waits, for an answer, its turn or an earlier event, ends here.
  deadline.signal.addEventListener('abort', () => {
    for (const { parcel } of lanes.all()) end(parcel, 'deadline');
    endNap?.();
  }, { once: true });

  return {
    submit: (parcel) => {
      for (const letter of parcel.letters) lanes.add(letter);
      if (deadline.signal.aborted) end(parcel, 'deadline');
      else wake();
    },
  };
};
