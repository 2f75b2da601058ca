import type { LockLostError, ReleaseOutcome } from '../../../../src/locks';
import type { Grant, Hold, Interval, Violation } from '../checker';
import type { Held } from './held';
import { createHoldLog } from './hold-log';
import type { Machine } from './machine';
import type { VirtualTime } from './virtual-time';

/** Follows what the holders believe, in true time. */
export interface Witness {
  granted(subject: Subject): Testimony;
  /** The machine's client is closed: all its locks are released. */
  closed(machine: Machine): void;
  /** After everything that happens. */
  look(): void;
  readonly grants: readonly Grant[];
  readonly intervals: readonly Interval[];
  readonly holds: readonly Hold[];
  readonly violations: readonly Violation[];
}

export interface Subject {
  readonly id: string;
  readonly ownerName: string;
  readonly machine: Machine;
  readonly held: Held;
  readonly calledAt: number;
  /** `ahead` of the machine at the call, where the lock may have been granted long before it was given: its timers run by the monotonic clock alone. */
  readonly aheadBefore?: number | undefined;
}

/** For what a holder does with its lock. */
export interface Testimony {
  releaseCalled(): void;
  released(outcome: ReleaseOutcome): void;
}

/** A timer may be late by so much. */
const TICK_MS = 1;

interface Belief extends Omit<Subject, 'held'> {
  /** Those of its grants that were not given back, which speak for all. */
  readonly open: Held[];
  held: Held;
  readonly grantedAt: number;
  /** Of the present interval. */
  from: number;
  until: number;
  /** When the loss must have been signalled, on the machine's own clock. */
  signalBy: number;
  /** So much later it may be signalled. */
  readonly slack: number;
  over: boolean;
  lost?: { readonly reason: LockLostError['reason']; readonly by: string | undefined; readonly at: number };
  released?: NonNullable<Grant['released']>;
}

export const createWitness = (time: VirtualTime): Witness => {
  const beliefs: Belief[] = [];
  const active = new Set<Belief>();
  const intervals: Interval[] = [];
  const log = createHoldLog(time);
  const violations: Violation[] = [];

  const intervalOf = ({ id, ownerName, from, held }: Belief, to: number): Interval => ({ id, who: ownerName, from, to, acquisition: held.acquisitionId });
  const close = (belief: Belief, to: number): void => { intervals.push(intervalOf(belief, to)); };
  const end = (belief: Belief): void => {
    if (belief.over) return;
    belief.over = true;
    active.delete(belief);
    close(belief, Math.min(belief.until, time.now()));
    belief.until = Math.min(belief.until, time.now());
  };

  const probe = (belief: Belief): void => {
    const { held, machine } = belief;
    const now = time.now();
    const left = held.isHeld() ? held.remainingMs() : 0;
    if (now > belief.until && left > 0) { // it had been given up too early, by a clock that was set
      close(belief, belief.until);
      belief.from = now;
    }
    if (now < belief.until || left > 0) belief.until = now + left;
    if (left > 0) belief.signalBy = Math.max(belief.signalBy, machine.clock.monotonic() + left + belief.slack);
  };

  const look = (belief: Belief): void => {
    const { machine, held, id, ownerName } = belief;
    if (machine.isCrashed()) return end(belief);
    if (machine.isStill()) return;
    const monotonic = machine.clock.monotonic();
    if (time.now() < belief.until || monotonic < belief.signalBy) return probe(belief);
    if (!held.signal) {
      if (!held.isHeld()) return end(belief);
      return probe(belief);
    }
    if (monotonic <= belief.signalBy + TICK_MS || machine.isCatchingUp()) return undefined;
    // A renewal that was answered while the machine stood still has come in after all; to ask any earlier would be to tell it.
    if (held.isHeld()) return probe(belief);
    violations.push({ invariant: 'I6', id, problem: `${ownerName} was not told that its lease was over at ${belief.until}` });
    return end(belief);
  };

  /** The first grant of an acquisition. */
  const first = (subject: Subject): Belief => {
    const { held, machine, aheadBefore = machine.ahead() } = subject;
    const now = time.now();
    const belief: Belief = { ...subject, open: [held], grantedAt: now, from: now, until: now, signalBy: -Infinity, slack: machine.ahead() - aheadBefore, over: false };
    beliefs.push(belief);
    active.add(belief);
    probe(belief);
    const onAbort = () => {
      const { reason, by } = held.signal?.reason as LockLostError;
      belief.lost = { reason, by, at: time.now() };
      log.over(belief);
      end(belief);
    };
    if (held.signal?.aborted) onAbort();
    held.signal?.addEventListener('abort', onAbort, { once: true });
    return belief;
  };

  return {
    granted: (subject) => {
      const { held, id, ownerName: node } = subject;
      const { acquisitionId } = held;
      const known = held.resumedOf === undefined && acquisitionId !== undefined ? beliefs.find((one) => one.machine === subject.machine && one.held.acquisitionId === acquisitionId) : undefined;
      const belief = known ?? first(subject);
      if (known) known.open.push(held);
      const entry = acquisitionId === undefined ? undefined : log.given(belief, { id, node, acquisitionId, remainingMs: held.remainingMs() });
      return {
        releaseCalled: () => {
          entry?.releaseCalled();
          belief.open.splice(belief.open.indexOf(held), 1);
          const [other] = belief.open;
          if (other) belief.held = other;
          else end(belief);
        },
        released: (outcome) => {
          entry?.released(outcome);
          if (outcome !== 'still-held') belief.released = { outcome, at: time.now() };
        },
      };
    },
    closed: (machine) => {
      for (const belief of beliefs) {
        if (belief.machine !== machine) continue;
        log.over(belief);
        end(belief);
      }
    },
    look: () => { for (const belief of active) look(belief); },
    get grants() {
      return beliefs.flatMap(({ id, ownerName: node, held: { acquisitionId, fencingToken, resumedOf }, calledAt, grantedAt, until, lost, released }) =>
        (acquisitionId === undefined ? [] : [{ id, node, ownerName: resumedOf ?? node, resumed: resumedOf !== undefined, acquisitionId, fencingToken, calledAt, grantedAt, validUntil: until, lost, released }]));
    },
    get intervals() {
      return [...intervals, ...[...active].map((belief) => intervalOf(belief, belief.until))];
    },
    get holds() { return log.holds(); },
    violations,
  };
};
