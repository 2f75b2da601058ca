import { setMaxListeners } from 'node:events';
import { createComputing } from './compute';
import { backend, sendUntilAnswered, throwIfEnded } from './context';
import { SharedFailedError, SharedRowError, SharedTimeoutError } from './errors';
import { execute } from './execute';
import { lookUntil } from './look';
import { readObject, writing } from './object-context';
import { removeRequest } from './requests';
import { holdReservation, type Granted } from './reservation';
import { reserve } from './reserve';
import { checkId, objectContext } from './settings';
import { touch } from './touch';
import type { Reservation, SharedObjects, SharedObjectsOptions } from './types';
import { staleOf, standingOf, valueOf, viewOf } from './view';

/**
 * Objects that all nodes share: one node computes, all others wait for it and use what it has published.
 * @throws OplockStreamError `INVALID_OPTION`
 */
export const createSharedObjects = <V = unknown>(options: SharedObjectsOptions): SharedObjects<V> => {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal); // one for each who waits
  const closed = controller.signal;
  const context = objectContext(options, closed);
  const { clock, prefix, defaults } = context;
  const live = new Set<Reservation<V>>();

  const hold = (granted: Granted<V>): Reservation<V> => {
    const reservation: Reservation<V> = holdReservation(context, granted, () => live.delete(reservation));
    live.add(reservation);
    return reservation;
  };
  const keyOf = (id: string): string => {
    throwIfEnded(prefix + id, closed);
    return checkId(prefix, id);
  };
  const computing = createComputing<V>(context, hold);

  return {
    get: async (id) => {
      const key = keyOf(id);
      const row = await readObject(context, key);
      const standing = standingOf(row, clock.wall());
      if (standing.kind === 'exists') await touch(context, key, standing.row);
      return viewOf<V>(standing);
    },
    reserve: async (id, given = {}) => {
      keyOf(id);
      const result = await reserve<V>(context, id, given);
      return result.kind === 'granted' ? { kind: 'reserved', reservation: hold(result.granted) } : result;
    },
    waitFor: async (id, { timeoutMs = defaults.waitMs, signal, onTimeout = 'throw' } = {}) => {
      const key = keyOf(id);
      let last: { readonly stale?: V } = {};
      try {
        const row = await lookUntil(context, id, (found) => {
          const standing = standingOf(found, clock.wall());
          last = staleOf<V>(found);
          if (standing.kind === 'failed') throw new SharedFailedError(id, standing.row.error, standing.retryAfterMs);
          return standing.kind === 'exists' ? { kind: 'found', found: standing.row } : { kind: 'wait', atMostMs: Infinity };
        }, { timeoutMs, signal });
        await touch(context, key, row);
        return valueOf<V>(row);
      } catch (error) {
        if (onTimeout === 'stale' && error instanceof SharedTimeoutError && 'stale' in last) return last.stale;
        throw error;
      }
    },
    compute: async (id, run, given) => {
      keyOf(id);
      return computing.compute(id, run, given);
    },
    remove: async (id) => {
      const key = keyOf(id);
      const { answer } = await sendUntilAnswered(context, removeRequest(writing(context, key)));
      if (answer.kind === 'failed') throw backend(key, 'removing', answer);
      if (answer.kind === 'done') return 'removed';
      if (answer.item) throw new SharedRowError(key, 'its attribute gen is missing');
      return 'absent';
    },
    execute: async (id, change, given) => {
      keyOf(id);
      return execute(context, id, change, given);
    },
    close: async () => {
      controller.abort();
      await Promise.allSettled([...live].map((reservation) => reservation.abandon()));
    },
  };
};
