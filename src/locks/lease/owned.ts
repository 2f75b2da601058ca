import type { LockName } from '../errors';
import type { Held } from './held';
import type { AcquireOptions, Lock } from './types';

/** A lock that was granted, and the lease behind it. */
export interface Owned {
  readonly lock: Lock;
  readonly held: Held;
}

/** Acquires one lock of a client; throws what `client.acquire` throws. */
export type Own = (name: LockName, options: AcquireOptions) => Promise<Owned>;
