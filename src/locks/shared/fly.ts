import { describeError } from '../../error-text';
import { anySignal } from '../any-signal';
import { classifyError } from '../../faults/classify';
import { pause } from '../clock';
import { pollDelay, throwIfEnded } from './context';
import { ReservationLostError, SharedFailedError } from './errors';
import { lookUntil, type Looked } from './look';
import type { ObjectContext } from './object-context';
import type { Granted } from './reservation';
import type { ObjectRow } from './row';
import { take } from './take';
import { touch } from './touch';
import type { ComputeOptions, ComputeScope, Reservation } from './types';
import { staleOf, standingOf, valueOf } from './view';

export type Run<V> = (scope: ComputeScope<V>) => Promise<V> | V;

/** What those who wait for a computation know of it. */
export interface Progress<V> {
  /** Goes up before each request whose answer can be the end. */
  step: number;
  /** The function runs. */
  running: boolean;
  stale: { readonly stale?: V };
  lastError: unknown;
}

type Due = { readonly kind: 'exists'; readonly row: ObjectRow } | { readonly kind: 'take'; readonly row: ObjectRow | undefined };

/** The end, and the step that it is the answer to. */
export interface Landed<V> {
  readonly value: V;
  readonly step: number;
}

/** How a computation of one's own ended; `lost`: another has the object now. */
type Ran<V> = { readonly kind: 'published'; readonly value: V } | { readonly kind: 'lost' };

/**
 * One wait for a value, which may end in computing it. `signal`: nobody waits any more, or it is closed. `onLost`: another may compute
 * now, while the function still runs, perhaps for ever.
 */
export interface Flying<V> {
  readonly id: string;
  readonly run: Run<V>;
  readonly options: ComputeOptions;
  readonly progress: Progress<V>;
  readonly signal: AbortSignal;
  readonly onLost: () => void;
}

export const createFlying = <V>(context: ObjectContext, hold: (granted: Granted<V>) => Reservation<V>): ((flying: Flying<V>) => Promise<Landed<V>>) => {
  const { clock, defaults, closed, newId, logger, prefix, watch, poll, random } = context;

  /** The table may be out of reach when it should learn how it ended; the lease runs out anyway. */
  const quietly = async (ending: Promise<unknown>, id: string): Promise<void> => {
    try {
      await ending;
    } catch (error) {
      logger.warn('a reservation could not be given up; it is free when its lease has run out', { id, error: describeError(error) });
    }
  };

  const runReserved = async (reservation: Reservation<V>, { id, run, options: { retryAfterMs = defaults.retryAfterMs }, progress, signal: left, onLost }: Flying<V>): Promise<Ran<V>> => {
    reservation.signal.addEventListener('abort', onLost, { once: true });
    const { signal, end } = anySignal(reservation.signal, left);
    try {
      const value = await run({ signal, ...('stale' in reservation ? { stale: reservation.stale } : {}) });
      progress.step += 1;
      return await reservation.update(value) === 'published' ? { kind: 'published', value } : { kind: 'lost' };
    } catch (error) {
      const { reason } = reservation.signal as { readonly reason: unknown };
      if (reason instanceof ReservationLostError && reason.reason !== 'tooLong') return { kind: 'lost' };
      // It was told to stop, and the error may be no more than that.
      await quietly(signal.aborted ? reservation.abandon() : reservation.fail(error, { retryAfterMs }), id);
      throw error;
    } finally {
      end();
    }
  };

  /** Until there is a value: of another node, or computed here. */
  return async (flying) => {
    const { id, options, progress, signal } = flying;
    const key = prefix + id;
    let reservationId = newId();
    const decide = (row: ObjectRow | undefined): Looked<Due> => {
      const standing = standingOf(row, clock.wall());
      progress.stale = staleOf<V>(row);
      progress.lastError = undefined;
      if (standing.kind === 'exists') return { kind: 'found', found: standing };
      if (standing.kind === 'failed') throw new SharedFailedError(id, standing.row.error, standing.retryAfterMs);
      if (standing.kind === 'free' || standing.row.reservationId === reservationId) return { kind: 'found', found: { kind: 'take', row } };
      const left = watch.remaining(key, standing.row);
      return left < 0 ? { kind: 'found', found: { kind: 'take', row } } : { kind: 'wait', atMostMs: left + 1 + random() * poll.minMs };
    };
    const onLook = (): void => { progress.step += 1; };
    const note = (error: unknown): void => { progress.lastError = error; };
    for (let n = 1; ; n += 1) {
      const due = await lookUntil(context, id, decide, { signal, onLook, onError: note });
      if (due.kind === 'exists') {
        await touch(context, key, due.row);
        return { value: valueOf<V>(due.row), step: progress.step };
      }
      try {
        const taken = await take<V>(context, { id, seen: due.row, reservationId, options, signal });
        if (taken.kind === 'refused') continue;
        progress.running = true;
        const ran = await runReserved(hold(taken.granted), flying);
        if (ran.kind === 'published') return { value: ran.value, step: progress.step };
        reservationId = newId();
      } catch (error) {
        if (progress.running || classifyError(error) !== 'transient') throw error;
        throwIfEnded(key, closed, signal);
        note(error);
        await pause(clock, pollDelay(n, poll, random), signal);
      }
      progress.running = false;
    }
  };
};
