import { pause } from '../clock';
import { fullJitter } from '../../retry';
import { backend, sendUntilAnswered, throwIfEnded } from './context';
import { SharedConflictError, SharedUnknownError } from './errors';
import { expiryOf, isFresh, lifetimeOf, prolonged, type Expiry } from './lifetime';
import { lookUntil } from './look';
import { parse, writing, type ObjectContext } from './object-context';
import { executeRequest, REMEMBERED } from './requests';
import type { ObjectRow } from './row';
import type { Change, ExecuteOptions } from './types';
import { encode } from './value';
import { currentOf } from './view';

const CONFLICT = { baseMs: 20, capMs: 1_000 };

/** A value that lives on keeps its fixed end, unless the call says something else. */
const expiryFor = (row: ObjectRow | undefined, options: ExecuteOptions, { defaults, clock }: ObjectContext): Expiry => {
  const wall = clock.wall();
  const goesOn = row?.encoded && isFresh(row, wall) && options.timeoutMs === undefined && options.idleTimeoutMs === undefined;
  return goesOn ? prolonged(row, wall) : expiryOf(lifetimeOf(options, defaults), wall);
};

/** Whether the ids that the row remembers go back to how it was: then a change that is not among them was not made, and never will be. */
const remembersAll = (seen: ObjectRow | undefined, now: ObjectRow | undefined): boolean => {
  if (!now) return false;
  const since = now.executions - (seen?.executions ?? 0);
  return since >= 0 && since <= REMEMBERED;
};

export const execute = async <V, R>(context: ObjectContext, id: string, change: (value: V | undefined) => Change<V, R>, options: ExecuteOptions = {}): Promise<R> => {
  const { clock, random, closed, newId, maxBytes, defaults, prefix, watch } = context;
  const { maxTries = 20, waitMs = defaults.waitMs, signal } = options;
  const key = prefix + id;
  const executionId = newId();
  for (let tries = 1; ; tries += 1) {
    // What another node computes will replace the value: a change of it now would be lost, or make that work useless.
    const row = await lookUntil(context, id, (found) => {
      const left = found?.state === 'RESERVED' ? watch.remaining(key, found) : -1;
      return left < 0 ? { kind: 'found', found } : { kind: 'wait', atMostMs: left + 1 };
    }, { timeoutMs: waitMs, signal });
    const { value, result } = change(currentOf<V>(row, clock.wall()));
    if (value === undefined) return result;
    const request = executeRequest(writing(context, key), row, executionId, encode(value, maxBytes), expiryFor(row, options, context));
    const { answer, ambiguous } = await sendUntilAnswered(context, request);
    if (answer.kind === 'done') return result;
    if (answer.kind === 'failed') throw answer.permanent ? backend(key, 'changing', answer) : new SharedUnknownError(id, answer.error);
    const now = parse(key, answer.item);
    if (now?.executed.includes(executionId)) return result;
    if (ambiguous && !remembersAll(row, now)) throw new SharedUnknownError(id);
    if (tries >= maxTries) throw new SharedConflictError(id, tries);
    await pause(clock, fullJitter(tries, { ...CONFLICT, random }), signal);
    throwIfEnded(key, closed, signal);
  }
};
