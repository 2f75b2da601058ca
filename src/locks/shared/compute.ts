import { anySignal } from '../any-signal';
import { SharedTimeoutError } from './errors';
import { createFlight, type Flight } from './flight';
import { createFlying, type Landed, type Progress, type Run } from './fly';
import { lookUntil } from './look';
import type { ObjectContext } from './object-context';
import type { Granted } from './reservation';
import type { ObjectRow } from './row';
import type { ComputeOptions, Reservation } from './types';
import { standingOf, valueOf } from './view';

export interface Computing<V> {
  compute(id: string, run: Run<V>, options?: ComputeOptions): Promise<V>;
}

export const createComputing = <V>(context: ObjectContext, hold: (granted: Granted<V>) => Reservation<V>): Computing<V> => {
  const { clock, defaults, closed, prefix } = context;
  const fly = createFlying(context, hold);
  const flights = new Map<string, { readonly flight: Flight<Landed<V>>; readonly progress: Progress<V> }>();

  const begin = (id: string, run: Run<V>, options: ComputeOptions) => {
    const { signal, end, abort } = leaving(closed);
    const progress: Progress<V> = { step: 0, running: false, stale: {}, lastError: undefined };
    // Who comes later does not wait for a function that may hang, but looks for what others have computed since, or computes.
    const promise = fly({ id, run, options, progress, signal, onLost: () => forget() }).finally(() => { end(); forget(); });
    const begun = { flight: createFlight(clock, closed, promise, () => { forget(); abort(); }), progress };
    const forget = (): void => { if (flights.get(id) === begun) flights.delete(id); };
    flights.set(id, begun);
    return begun;
  };

  const timedOut = async (id: string, run: Run<V>, { waitMs = defaults.waitMs, signal, onTimeout = 'throw' }: ComputeOptions, progress: Progress<V>): Promise<V> => {
    if (onTimeout === 'stale' && 'stale' in progress.stale) return progress.stale.stale;
    if (onTimeout !== 'compute') throw new SharedTimeoutError(id, waitMs, progress.lastError);
    const { signal: ended, end } = anySignal(signal, closed);
    try {
      return await run({ signal: ended, ...progress.stale });
    } finally {
      end();
    }
  };

  return {
    compute: async (id, run, options = {}) => {
      const { waitMs = defaults.waitMs, signal } = options;
      const begun = clock.monotonic();
      const left = (): number => Math.max(0, waitMs - (clock.monotonic() - begun));
      for (;;) {
        const known = flights.get(id);
        const { flight, progress } = known ?? begin(id, run, options);
        const joinedAt = known ? progress.step : 0;
        const { value, step } = await flight.join(prefix + id, {
          waitMs: left(), signal,
          // What one computes oneself may take its time.
          stays: () => known === undefined && progress.running,
          onTimeout: async () => ({ value: await timedOut(id, run, options, progress), step: Infinity }),
        });
        if (step > joinedAt) return value;
        // What was asked for before this call may have been removed before it, too: it asks for itself.
        const row = await lookUntil<ObjectRow | undefined>(context, id, (found) => ({ kind: 'found', found }), { timeoutMs: left(), signal });
        const standing = standingOf(row, clock.wall());
        if (standing.kind === 'exists') return valueOf<V>(standing.row);
      }
    },
  };
};

/** Aborts when it is closed, or when nobody waits any more. */
const leaving = (closed: AbortSignal) => {
  const controller = new AbortController();
  const { signal, end } = anySignal(closed, controller.signal);
  return { signal, end, abort: () => controller.abort() };
};
