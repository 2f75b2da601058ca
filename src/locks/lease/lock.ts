import { LockMisuseError } from '../errors';
import { bytesOf } from './bytes';
import { guard } from './guard';
import { writeHandle } from './handle';
import type { Held } from './held';
import { nothingTried, releaseHeld, type Tried } from './release';
import { checkItem } from './requests';
import { checkLease, type Settings } from './settings';
import type { Lock, ReleaseOptions, ReleaseOutcome } from './types';
import { checkOnRelease } from './wanted';

/** A lease and how often it was given: the last one who gives it back ends it. */
export interface Holding {
  readonly held: Held;
  readonly onRelease: 'delete' | 'keep';
  holds: number;
  /** The release of the lease, once it is under way. */
  ending?: Promise<'released' | 'lost'> | undefined;
  /** By releases that had no answer, too: one of them may have arrived. */
  tried?: Tried;
}

/** One grant of a lease; a reentrant one has several. */
export const createLock = (settings: Settings, holding: Holding): Lock => {
  const { held } = holding;
  const { name, identity, granted } = held;
  let released: Promise<ReleaseOutcome> | undefined;

  const use = (): Held => {
    if (released) throw new LockMisuseError(name, 'it was released: acquire it again');
    return held;
  };

  const release = async ({ onRelease = holding.onRelease, data, bestEffort = false }: ReleaseOptions): Promise<ReleaseOutcome> => {
    checkOnRelease(settings, onRelease, 'release({ onRelease })');
    if (onRelease === 'delete' && data !== undefined) throw new LockMisuseError(name, 'release({ data }) needs a row that is kept: say onRelease: \'keep\' with it');
    const how = granted.fencingToken === undefined ? onRelease : 'keep';
    const lost = held.lost();
    if (holding.holds > 1) {
      holding.holds -= 1;
      return lost ? 'lost' : 'still-held';
    }
    // Somebody else's by now. One whose time is over may still be in the table, and others wait for it.
    if (lost && lost.reason !== 'deadline' && lost.reason !== 'suspended') return 'lost';
    try {
      return await (holding.ending ??= releaseHeld(settings, held, { onRelease: how, data: bytesOf(data) }, holding.tried ??= nothingTried(held)));
    } catch (error) {
      holding.ending = undefined; // it may be tried again
      if (!bestEffort) throw error;
      settings.logger.warn('a lock could not be released; it runs out by itself', { ...name, error });
      return 'unknown';
    }
  };

  return {
    ...name,
    ownerName: identity.ownerName,
    acquisitionId: identity.acquisitionId,
    fencingToken: granted.fencingToken,
    tookOver: granted.tookOver,
    get data() { return held.data(); },
    attributes: granted.attributes,
    signal: held.signal,
    get lost() { return held.lost(); },
    isHeld: () => !released && held.remaining() > 0,
    assertHeld: () => {
      const lost = use().lost();
      if (lost) throw lost;
      if (held.state() !== 'held') throw new LockMisuseError(name, 'it was released: acquire it again');
    },
    remainingMs: () => (released ? 0 : held.remaining()),
    inDanger: () => held.inDanger(),
    heartbeat: async ({ leaseMs, data } = {}) => {
      if (leaseMs !== undefined) checkLease('leaseMs', leaseMs, 'heartbeat({ leaseMs })');
      await use().renew({ leaseMs, data: data === null ? null : bytesOf(data) });
    },
    ensure: async (ms) => {
      checkLease('ensure', ms, 'ensure(ms)');
      if (use().remaining() <= ms || held.lost()) await held.renew({ leaseMs: Math.max(ms, held.leaseMs()) });
    },
    release: (options = {}) => (released ??= release(options).catch((error: unknown) => {
      released = undefined;
      throw error;
    })),
    check: () => checkItem(use().identity, settings.table.tableName),
    guard: async (items, { clientRequestToken } = {}) => {
      const lost = use().lost();
      if (lost) throw lost;
      await guard(settings, [held], items, clientRequestToken);
    },
    handle: () => writeHandle({ ...name, ownerName: identity.ownerName, acquisitionId: identity.acquisitionId }),
  };
};
