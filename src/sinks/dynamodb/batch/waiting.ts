import type { Statement } from '../../../oplock/attempt/statement';
import type { StatementAnswer } from './answer';
import { expectedPhase, newItemsOf } from './batching';
import type { Phase } from './phase';
import type { Wish } from './wish';

export interface Waiting {
  readonly wish: Wish;
  readonly changes: number;
  /** How it is to be sent: decided as late as can be, when more is known of the items. */
  entered: Entered | undefined;
}

interface Entered {
  readonly phase: Phase;
  /** Of the phase; absent for `single`. */
  readonly statement: Statement | undefined;
}

/** What has been sent already goes on before anything else begins. */
export const isBehind = ({ changes, wish: { place } }: Waiting, next: Wish): boolean => changes === 0 && place > next.place;

export const isAborted = ({ wish: { sender } }: Waiting): boolean => sender.signal.aborted;

/** What one request may hold of values: what the service takes is not documented, and DynamoDB Local drops larger ones. */
const MAX_BYTES = 4_000_000;

/** The first so many that pass, as far as they have room in a request. */
export const firstOf = (queue: readonly Waiting[], count: number, passes: (one: Waiting) => boolean): readonly Waiting[] => {
  const found: Waiting[] = [];
  let bytes = 0;
  for (const one of queue) {
    if (!passes(one)) continue;
    bytes += one.wish.step.bytes ?? 0;
    if (bytes > MAX_BYTES && found.length > 0) break;
    found.push(one);
    if (found.length === count) break;
  }
  return found;
};

const SINGLE: Entered = { phase: 'single', statement: undefined };

const enter = ({ step, sender: { batching } }: Wish, phase: Phase): Entered => {
  const statement = phase === 'single' ? undefined : step.statement?.(phase, batching.texts);
  return statement ? { phase, statement } : SINGLE;
};

export const again = ({ wish, changes }: Waiting, phase: Phase): Waiting => ({ wish, changes: changes + 1, entered: enter(wish, phase) });

export const enteredOf = (waiting: Waiting): Entered => (waiting.entered ??= firstPhase(waiting.wish));

const firstPhase = (wish: Wish): Entered => {
  const { sender: { batching }, hint, alone } = wish;
  if (alone || !batching.supported) return SINGLE;
  const phase = expectedPhase(batching, hint);
  const entered = enter(wish, phase);
  return phase === 'insert' && !entered.statement ? enter(wish, 'update') : entered;
};

/** Goes as a statement, and nothing was seen of such items. */
export const isUnknown = ({ step, sender: { batching }, hint, alone }: Wish): boolean => {
  const seen = newItemsOf(batching, hint);
  return seen?.isGuess() === true && batching.supported && !alone && step.statement?.('update', batching.texts) !== undefined;
};

/** It may have been found out meanwhile that there are no statements here. */
export const isBatchable = (waiting: Waiting): boolean => waiting.wish.sender.batching.supported && enteredOf(waiting).statement !== undefined;

/** Each event counts once, by its first answer. */
export const learn = (waiting: Waiting, { kind }: StatementAnswer): void => {
  const { wish: { sender: { batching }, hint }, changes } = waiting;
  const seen = changes > 0 ? undefined : newItemsOf(batching, hint);
  if (!seen) return;
  const { phase } = enteredOf(waiting);
  if (kind === 'missing' || (kind === 'taken' && phase === 'insert')) seen.saw(true);
  if (kind === 'exists' || kind === 'refused' || (kind === 'taken' && phase === 'update')) seen.saw(false);
};
