/**
 * How nodes agree on one resource beforehand: `import { createLockClient } from 'oplock-stream/locks'`.
 * @module
 */
export type { LockClock, Timer } from './clock';
export {
  LockAbortedError, LockBackendError, LockClientClosedError, LockLostError, LockMisuseError, LockRowError, LockTimeoutError,
  type Holder, type LockName, type LostReason,
} from './errors';
export type {
  AcquireOptions, HeartbeatOptions, ListOptions, Lock, LockClient, LockClientOptions, LockScope, LockView, ReleaseOptions, ReleaseOutcome,
  TransactItem, TryAcquireOptions, TryAcquireResult,
} from './lease/types';
export { createClaims } from './claim/claims';
export { ClaimHeldError, ClaimResultError, ClaimSupersededError } from './claim/errors';
export type {
  Claim, ClaimEnd, ClaimOptions, ClaimResult, Claims, ClaimScope, ClaimsOptions, NotClaimed, OnceOptions, OnceResult, OnClaimError,
} from './claim/types';
export { createLockClient } from './lease/client';
export { claimed } from './claim/claimed';
export type { Claimable, ClaimedOptions, WithEffect } from './claim/claimed-options';
