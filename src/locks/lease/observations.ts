import type { LockClock } from '../clock';
import type { LockRow } from './row';

/** A row as it was seen first: when it is still the same a lease later, its holder is dead. */
export interface Observation {
  readonly rvn: string;
  /** Of the row, which need not be the observer's own. */
  readonly leaseMs: number;
  /** Monotonic, *after* the answer came: an observer that counts from before could take a lock that was renewed meanwhile. */
  readonly since: number;
  /**
   * Of one that another process has made: when, by its wall clock. It is handed on as it is, for `since` has the skew taken off,
   * and taken off once more by each process on the way, no watch would ever be long enough.
   */
  readonly seenAt?: number;
}

/** Longer than the lease, strictly. */
export const isExpired = ({ leaseMs, since }: Observation, now: number): boolean => now - since > leaseMs;

/** What is remembered of rows, the oldest forgotten first; shared by all acquisitions of a client. */
export interface Observations {
  /** What is known of the row as it is now; what was seen of another version is worth nothing. */
  see(id: string, row: Pick<LockRow, 'rvn' | 'leaseMs'>, now: number): Observation;
  /**
   * The same for somebody who passes by a great many rows, perhaps as they were a moment ago: remembered as well, and never in
   * place of what somebody else watches.
   */
  glance(id: string, row: Pick<LockRow, 'rvn' | 'leaseMs'>, now: number): Observation;
  forget(id: string): void;
  /** Takes what another process has seen, when it was of this version and earlier. */
  learn(id: string, observation: Observation): void;
}

export const createObservations = (max: number): Observations => {
  const seen = new Map<string, Observation>();
  const glanced = new Map<string, Observation>();
  const remember = (into: Map<string, Observation>, id: string, observation: Observation): Observation => {
    into.delete(id);
    into.set(id, observation);
    const [oldest] = into.keys();
    if (into.size > max && oldest !== undefined) into.delete(oldest);
    return observation;
  };
  const known = (from: Map<string, Observation>, id: string, rvn: string): Observation | undefined => {
    const found = from.get(id);
    return found?.rvn === rvn ? found : undefined;
  };
  return {
    see: (id, { rvn, leaseMs }, now) => {
      const observation = known(seen, id, rvn) ?? known(glanced, id, rvn) ?? { rvn, leaseMs, since: now };
      glanced.delete(id);
      return remember(seen, id, observation);
    },
    glance: (id, { rvn, leaseMs }, now) =>
      known(seen, id, rvn) ?? remember(glanced, id, known(glanced, id, rvn) ?? { rvn, leaseMs, since: now }),
    learn: (id, observation) => {
      const before = seen.get(id);
      // Of two versions the one that was seen first later is the newer: an old token, shown again and again, must not make
      // everybody else watch from the beginning.
      const isBetter = !before || (before.rvn === observation.rvn ? observation.since < before.since : observation.since > before.since);
      if (isBetter) remember(seen, id, observation);
    },
    forget: (id) => {
      seen.delete(id);
      glanced.delete(id);
    },
  };
};

/** How long another process has watched, as far as two clocks can tell. */
export interface TokenReading {
  readonly id: string;
  readonly clock: LockClock;
  /** Tells the tokens of this client from those of others: only then the monotonic clock means something. */
  readonly instanceId: string;
  /** Clocks of two machines are believed less this. */
  readonly maxSkewMs: number;
}

/** An observation to be carried elsewhere: text without secrets, to be taken as what its bearer claims. */
export const writeToken = ({ rvn, leaseMs, since, seenAt }: Observation, { id, clock, instanceId }: Omit<TokenReading, 'maxSkewMs'>): string => {
  const age = clock.monotonic() - since;
  return Buffer.from(JSON.stringify([1, id, rvn, leaseMs, seenAt ?? Math.round(clock.wall() - age), instanceId, since])).toString('base64url');
};

/** The observation in the words of this process' clock; undefined for a token of another lock, or what is none. */
export const readToken = (token: string, { id, clock, instanceId, maxSkewMs }: TokenReading): Observation | undefined => {
  const parts = parse(token);
  if (!parts) return undefined;
  const [version, of, rvn, leaseMs, wall, instance, since] = parts;
  if (version !== 1 || of !== id || typeof rvn !== 'string' || !isTime(leaseMs) || !isTime(wall) || !isTime(since)) return undefined;
  if (instance === instanceId) return { rvn, leaseMs, since: Math.min(since, clock.monotonic()) };
  // One that comes from the future was made now at the latest.
  const seenAt = Math.min(wall, Math.round(clock.wall()));
  const age = Math.max(0, clock.wall() - seenAt - maxSkewMs);
  return { rvn, leaseMs, since: clock.monotonic() - age, seenAt };
};

const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

const parse = (token: string): readonly unknown[] | undefined => {
  try {
    const value: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
};
