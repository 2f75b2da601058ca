import type { LockClock } from '../clock';

export interface RateLimit {
  /** Requests of one principal, in the long run. */
  readonly perSecond: number;
  /** And at once. Default: those of two seconds. */
  readonly burst?: number;
}

/** Takes a token from the principal's bucket: 0, or the ms after which there is one. */
export type Limiter = (principal: string) => number;

interface Bucket {
  readonly tokens: number;
  /** Monotonic. */
  readonly at: number;
}

/** Principals that are remembered; who has not asked for longest is forgotten, and starts with a full bucket. */
const MAX_BUCKETS = 10_000;

/** Of this node: behind a balancer, or in Lambda, each has its own. */
export const createLimiter = (limit: RateLimit | false, clock: LockClock, maxBuckets = MAX_BUCKETS): Limiter => {
  if (limit === false) return () => 0;
  const { perSecond, burst = Math.max(1, perSecond * 2) } = limit;
  const buckets = new Map<string, Bucket>();
  return (principal) => {
    const now = clock.monotonic();
    const { tokens: before, at } = buckets.get(principal) ?? { tokens: burst, at: now };
    const tokens = Math.min(burst, before + ((now - at) / 1000) * perSecond);
    const granted = tokens >= 1;
    buckets.delete(principal);
    buckets.set(principal, { tokens: granted ? tokens - 1 : tokens, at: now });
    const [oldest] = buckets.keys();
    if (buckets.size > maxBuckets && oldest !== undefined) buckets.delete(oldest);
    return granted ? 0 : Math.ceil(((1 - tokens) / perSecond) * 1000);
  };
};
