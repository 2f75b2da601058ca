import { describeError } from '../../error-text';
import { elapsedSince, instantOf, type Instant, type Timer } from '../clock';
import { quote } from '../../found';
import type { Failed, LockRequest } from '../table/request';
import { backend, sendUntilAnswered } from './context';
import { ReservationLostError } from './errors';
import { expiryOf, lifetimeOf } from './lifetime';
import { parse, writing, type ObjectContext } from './object-context';
import { beatRequest, failRequest, publishRequest, type Claimed } from './requests';
import type { ObjectState } from './row';
import type { Lifetime, Reservation } from './types';
import { encode } from './value';

/** What a reservation is made of. */
export interface Granted<V> extends Claimed {
  readonly id: string;
  readonly key: string;
  readonly leaseMs: number;
  readonly maxComputeMs: number | undefined;
  readonly lifetime: Lifetime;
  /** Before the write that granted it was sent. */
  readonly since: Instant;
  readonly stale: { readonly stale?: V };
}

/** Renewals within a lease if none fails; one is under way at a time. */
const BEATS_PER_LEASE = 4;
/** Of what is told to others, in the row. */
const MAX_ERROR_TEXT = 1_000;

/** Keeps a reservation until it ends. `onEnd` is told once, however it ends. */
export const holdReservation = <V>(context: ObjectContext, granted: Granted<V>, onEnd: () => void): Reservation<V> => {
  const { clock, logger, table, defaults, maxBytes } = context;
  const { id, key, leaseMs, maxComputeMs, reservationId, gen } = granted;
  const claimed: Claimed = { reservationId, gen };
  const controller = new AbortController();
  let since = granted.since;
  let ended = false;
  let finishing = false;
  let finished = false;
  let beating: Timer | undefined;
  let deadline: Timer | undefined;

  const end = (): void => {
    if (ended) return;
    ended = true;
    beating?.cancel();
    deadline?.cancel();
    tooLong?.cancel();
    onEnd();
  };
  const lose = (reason: ReservationLostError['reason']): void => {
    if (ended) return;
    end();
    controller.abort(new ReservationLostError(id, reason));
  };
  const left = (): number => leaseMs - elapsedSince(clock, since);
  const watchDeadline = (): void => {
    deadline?.cancel();
    deadline = clock.after(left(), () => {
      // The timer counts on one clock, the lease on both.
      if (left() > 0) watchDeadline();
      else lose('deadline');
    });
  };

  const renew = async (): Promise<'renewed' | 'superseded' | Failed> => {
    const sentAt = instantOf(clock);
    const answer = await table.write(beatRequest(writing(context, key), claimed));
    if (answer.kind === 'failed') return answer;
    if (answer.kind === 'refused') {
      // A renewal that the last write has overtaken is refused, too.
      if (!finishing) lose('superseded');
      return 'superseded';
    }
    since = sentAt;
    if (!ended) watchDeadline();
    return 'renewed';
  };
  const scheduleBeat = (ms: number): void => { if (!ended) beating = clock.after(ms, () => void beat()); };
  const beat = async (): Promise<void> => {
    // A process that stood still finds out here, before it tells others that it lives.
    if (left() <= 0) return lose('deadline');
    const outcome = await renew();
    if (typeof outcome === 'string') return scheduleBeat(leaseMs / BEATS_PER_LEASE);
    logger.debug('a reservation could not be renewed; it is tried again', { id, error: describeError(outcome.error) });
    scheduleBeat(leaseMs / BEATS_PER_LEASE / 4);
  };

  /** The last write: sent until it is answered, and recognised where an answer was lost. */
  const finish = async (doing: string, request: LockRequest, state: ObjectState): Promise<boolean> => {
    if (finished) return false;
    finishing = true;
    const { answer, ambiguous } = await sendUntilAnswered(context, request);
    finishing = false;
    if (answer.kind === 'failed') throw backend(key, doing, answer);
    const row = answer.kind === 'refused' && ambiguous ? parse(key, answer.item) : undefined;
    const done = answer.kind === 'done' || (row?.state === state && row.reservationId === reservationId && row.gen === gen);
    finished = true;
    if (done) end();
    else lose('superseded');
    return done;
  };
  const giveUp = async (failure: { readonly error: string; readonly retryAtMs: number } | undefined): Promise<boolean> => {
    end();
    return finish(failure ? 'marking as failed' : 'giving up', failRequest(writing(context, key), claimed, failure), 'FAILED');
  };

  const tooLong = maxComputeMs === undefined ? undefined : clock.after(maxComputeMs, () => {
    logger.warn(`the object ${quote(id)} has been computed for ${maxComputeMs} ms; from now on another node may`, { id });
    lose('tooLong');
  });
  watchDeadline();
  scheduleBeat(leaseMs / BEATS_PER_LEASE);

  return {
    id, reservationId, gen, ...granted.stale,
    signal: controller.signal,
    update: async (value, lifetime = {}) => {
      const encoded = encode(value, maxBytes);
      const expiry = expiryOf(lifetimeOf(lifetime, granted.lifetime), clock.wall());
      return await finish('publishing', publishRequest(writing(context, key), claimed, encoded, expiry), 'READY') ? 'published' : 'superseded';
    },
    fail: async (error, { retryAfterMs = defaults.retryAfterMs } = {}) =>
      (await giveUp({ error: describeError(error).slice(0, MAX_ERROR_TEXT), retryAtMs: clock.wall() + retryAfterMs }) ? 'recorded' : 'superseded'),
    abandon: async () => (await giveUp(undefined) ? 'abandoned' : 'superseded'),
    heartbeat: async () => {
      const outcome = ended ? 'superseded' : await renew();
      if (typeof outcome === 'string') return outcome;
      throw backend(key, 'renewing the reservation of', outcome);
    },
  };
};
