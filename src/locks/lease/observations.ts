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
  forget(id: string): void;
  /** Takes what another process has seen, when it was of this version and earlier. */
  learn(id: string, observation: Observation): void;
}

export const createObservations = (max: number): Observations => {
  const seen = new Map<string, Observation>();
  const remember = (id: string, observation: Observation): Observation => {
    seen.delete(id);
    seen.set(id, observation);
    const [oldest] = seen.keys();
    if (seen.size > max && oldest !== undefined) seen.delete(oldest);
    return observation;
  };
  return {
    see: (id, { rvn, leaseMs }, now) => {
      const known = seen.get(id);
      return remember(id, known?.rvn === rvn ? known : { rvn, leaseMs, since: now });
    },
    learn: (id, observation) => {
      const known = seen.get(id);
      // Of two versions the one that was seen first later is the newer: an old token, shown again and again, must not make
      // everybody else watch from the beginning.
      const isBetter = !known || (known.rvn === observation.rvn ? observation.since < known.since : observation.since > known.since);
      if (isBetter) remember(id, observation);
    },
    forget: (id) => { seen.delete(id); },
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
