import { elapsedSince, instantOf, pause } from '../clock';
import { LockBackendError, LockLostError, LockMisuseError, type LockName, type LostReason } from '../errors';
import { backoff } from '../pacing';
import { createBeats } from './beats';
import { judgeRenewal } from './judge';
import { createLeaseTimers, type Keep } from './keep';
import { createLeaseEvents } from './lease-events';
import { stoodStill, type LeaseTime } from './lease-time';
import { heartbeatRequest, type Identity } from './requests';
import type { Settings } from './settings';
import type { Slots } from './slots';
import type { Granted } from './take';
import { createVersions, type Version } from './versions';

export type HeldState = 'held' | 'releasing' | 'released' | 'lost';

/** A lease from its grant to its end. One request at a time is under way for it. */
export interface Held {
  readonly name: LockName;
  readonly identity: Identity;
  readonly granted: Granted;
  readonly signal: AbortSignal;
  readonly state: () => HeldState;
  readonly lost: () => LockLostError | undefined;
  /** Ms until it counts as lost, by both clocks. Notices on the way that it is over. */
  readonly remaining: () => number;
  readonly data: () => Uint8Array | undefined;
  /** Of the next renewal. */
  readonly leaseMs: () => number;
  readonly inDanger: () => boolean;
  /** The version that the table has confirmed, and those that may be there instead. */
  readonly versions: () => { readonly confirmed: string; readonly pending: ReadonlyMap<string, LeaseTime> };
  /** The table has said that this version of ours is there. */
  readonly confirm: (version: Version) => void;
  readonly renew: (options?: { readonly leaseMs?: number | undefined; readonly data?: Uint8Array | null | undefined }) => Promise<void>;
  readonly lose: (reason: LostReason, more?: { readonly by?: string | undefined; readonly cause?: unknown; readonly hint?: string }) => LockLostError;
  /** Ends the renewals and runs `task` when none is under way any more. */
  readonly ending: <T>(task: () => Promise<T>) => Promise<T>;
  /** The table has said that it is not ours any more. */
  readonly ended: () => void;
  /** The table has not answered: it may be asked again. */
  readonly unreleased: (error: unknown) => void;
}

/** Timers stand still while the machine is suspended, and the lease does not: so often it is looked at, at least. */
const LOOK_MS = 1_000;

export const createHeld = (settings: Settings, identity: Identity, granted: Granted, keep: Keep, { slots, onEnd }: { readonly slots: Slots; readonly onEnd: (held: Held) => void }): Held => {
  const { clock, table, random, newId } = settings;
  const { name } = identity;
  const controller = new AbortController();
  /** Wakes a renewal that waits for its next try. */
  const stop = new AbortController();
  const versions = createVersions(clock, settings.safetyMargin, granted);
  const { confirmed, pending, left, sinceRenewal } = versions;
  const timers = createLeaseTimers(clock);
  const { arm, disarm } = timers;
  const events = createLeaseEvents(settings, identity);
  let { leaseMs } = granted.time;
  let { data } = granted;
  let state: HeldState = 'held';
  let lost: LockLostError | undefined;
  let lastError: unknown;
  let queue: Promise<unknown> = Promise.resolve();

  const lose: Held['lose'] = (reason, more = {}) => {
    if (lost) return lost;
    lost = new LockLostError(name, reason, { ...(beats.isAbandoned() ? { hint: 'It was not renewed any more: maxHoldMs was over, or keepRenewing said so' } : {}), ...more });
    // A release that is under way learns by itself what has become of the lock.
    if (state === 'held') {
      state = 'lost';
      disarm();
      stop.abort();
      controller.abort(lost);
      onEnd(held);
    }
    events?.lost(lost);
    return lost;
  };

  /** Ends a lease whose time is over; tells whether it was. */
  const isOver = (): boolean => {
    if (state !== 'held') return state === 'lost';
    const rest = left();
    if (rest > 0) return false;
    lose(stoodStill(clock, confirmed().time, -rest) ? 'suspended' : 'deadline', { cause: lastError });
    return true;
  };

  const watchDeadline = (): void => arm('deadline', Math.min(left(), LOOK_MS), () => {
    if (!isOver()) watchDeadline();
  });

  const watchDanger = (): void => {
    const { monitor } = keep;
    if (!monitor) return;
    arm('danger', Math.min(monitor.safeTimeMs - sinceRenewal(), LOOK_MS), () => {
      if (sinceRenewal() < monitor.safeTimeMs) return watchDanger();
      // It may be an async function, which nobody waits for.
      (async () => monitor.onDanger?.())().catch((error: unknown) => settings.logger.error('onDanger of a session monitor has thrown', { ...name, error }));
    });
  };

  const confirm: Held['confirm'] = (version) => {
    versions.confirm(version);
    lastError = undefined;
    if (state !== 'held' || isOver()) return;
    watchDeadline();
    watchDanger();
  };

  const refuse = (): never => {
    throw lost ?? new LockMisuseError(name, `it cannot be renewed, it was ${state === 'releasing' ? 'being ' : ''}released`);
  };

  const serially = <T>(task: () => Promise<T>): Promise<T> => {
    const result = queue.then(task);
    queue = result.catch(() => undefined);
    return result;
  };

  const renewed = (version: Version): void => {
    const before = left();
    confirm(version);
    if (lost) throw lost;
    events?.renewed(elapsedSince(clock, version.time.from), before);
  };

  /** One renewal, tried until the table has answered or the lease is over, or so often. */
  const renewNow = async (next: { readonly data?: Uint8Array | null | undefined }, maxTries: number): Promise<void> => {
    for (let tries = 1; ; tries += 1) {
      if (isOver() || state !== 'held') return refuse();
      const rvn = newId();
      const time: LeaseTime = { from: instantOf(clock), leaseMs };
      versions.sent({ rvn, time });
      if (leaseMs < confirmed().time.leaseMs) watchDeadline();
      const request = heartbeatRequest(identity, confirmed().rvn, { rvn, leaseMs, data: next.data, touchedAt: settings.trustClocks && time.from.wall });
      // A lock that is lost needs no answer, and close() leaves no request behind.
      const answer = await table.write(request, { timeoutMs: left(), signal: controller.signal });
      if (controller.signal.aborted) return refuse();
      const verdict = judgeRenewal(answer, { identity, confirmed: confirmed().rvn, pending, rvn, holdOnServiceUnavailable: settings.holdOnServiceUnavailable });
      switch (verdict.kind) {
        case 'renewed':
          if (next.data !== undefined) data = next.data ?? undefined;
          renewed({ rvn, time });
          return;
        case 'behind':
          // An earlier renewal whose answer was lost did arrive; this one is still to be made.
          confirm(verdict);
          break;
        case 'assumed':
          if (answer.kind === 'failed') events?.renewalFailed(answer.error, left());
          versions.assume(time);
          watchDeadline();
          return;
        case 'lost': throw lose(verdict.reason, { by: verdict.by });
        case 'failed':
          lastError = verdict.error;
          events?.renewalFailed(lastError, left());
          if (verdict.permanent || tries >= maxTries) throw new LockBackendError(name, 'renewing', verdict.error);
          await pause(clock, Math.min(backoff(tries, random), Math.max(0, left())), stop.signal);
      }
    }
  };

  const renew = (options: { readonly leaseMs?: number | undefined; readonly data?: Uint8Array | null | undefined }, { tries = Infinity } = {}): Promise<void> => {
    if (isOver() || state !== 'held') return Promise.resolve().then(refuse);
    return serially(() => {
      leaseMs = options.leaseMs ?? leaseMs;
      return renewNow(options, tries);
    });
  };

  const beats = createBeats(settings, keep, timers, slots, { name, isHeld: () => state === 'held', isOver, leaseMs: () => leaseMs, renewOnce: () => renew({}, { tries: 1 }) });

  const held: Held = {
    name, identity, granted,
    signal: controller.signal,
    state: () => state,
    lost: () => {
      isOver();
      return lost;
    },
    remaining: () => (isOver() || state !== 'held' ? 0 : left()),
    data: () => data,
    leaseMs: () => leaseMs,
    inDanger: () => {
      if (!keep.monitor) throw new LockMisuseError(name, 'it was acquired without a sessionMonitor');
      return sinceRenewal() >= keep.monitor.safeTimeMs;
    },
    versions: () => ({ confirmed: confirmed().rvn, pending }),
    confirm,
    renew: (options = {}) => renew(options),
    lose,
    ending: (task) => {
      if (state === 'held') state = 'releasing';
      disarm();
      stop.abort();
      return serially(task);
    },
    ended: () => {
      state = 'released';
      if (!lost) events?.released();
      onEnd(held);
    },
    unreleased: (error) => {
      events?.releaseFailed(error);
      onEnd(held);
    },
  };
  watchDeadline();
  watchDanger();
  beats.start();
  return held;
};
