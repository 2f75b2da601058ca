/**
 * How nodes agree on one resource beforehand: `import { createLockClient } from 'oplock-stream/locks'`.
 * @module
 */
export type { LockClock, Timer } from './clock';
export {
  LockAbortedError, LockBackendError, LockClientClosedError, LockLostError, LockMisuseError, LockRowError, LockTimeoutError,
  type Holder, type LockName, type LostReason,
} from './errors';
export type { Broken, ListOptions, LockClient, WatchedLock, WatchOptions } from './lease/client-types';
export type { AcquireAllOptions, MultiLock, MultiLockScope, PermitOptions, Permits, TryPermitOptions } from './lease/multi-types';
export type {
  AcquireOptions, HeartbeatOptions, Lock, LockClientOptions, LockScope, LockView, ReleaseOptions, ReleaseOutcome, TransactItem, TryAcquireOptions, TryAcquireResult,
} from './lease/types';
export { createClaims } from './claim/claims';
export { ClaimHeldError, ClaimResultError, ClaimSupersededError } from './claim/errors';
export type {
  Claim, ClaimEnd, ClaimOptions, ClaimResult, Claims, ClaimScope, ClaimsOptions, NotClaimed, OnceOptions, OnceResult, OnClaimError,
} from './claim/types';
export { createLockClient } from './lease/client';
export type { LockEvent, OnLockEvent } from './lease/events';
export { lockMetrics, type LockMetricsOptions } from './lease/metrics';
export { claimed } from './claim/claimed';
export type { Claimable, ClaimedOptions, WithEffect } from './claim/claimed-options';
export { allowAnyone, apiKeys, hashKey, type ApiKey, type Authorizer, type Principal, type Refusal } from './rest/authorizer';
export type { RestHandler, RestRequest, RestResponse } from './rest/http';
export { lockServiceHandler, type GatewayEvent, type GatewayHandler } from './rest/lambda';
export { createLockService, type LockService } from './rest/lock-service';
export { startLockServer, type LockServer, type LockServerOptions } from './rest/node-server';
export type { LockServiceOptions } from './rest/options';
export type { RateLimit } from './rest/rate-limit';
export type {
  AcquireBody, Breaking, LockList, LockState, ProblemCode, RenewBody, RestGrant, RestHolder, RestLostReason, RestProblem,
} from './rest/types';
export { createSynchronizedCache, type CacheMessage, type SynchronizedCache, type SynchronizedCacheOptions } from './shared/cache';
export { createChannel } from './shared/channel';
export type { Channel, ChannelOptions, Gap, Position, Subscriber, Subscription } from './shared/channel-types';
export {
  ReservationLostError, SharedClosedError, SharedConflictError, SharedFailedError, SharedRowError, SharedTimeoutError, SharedUnknownError, SharedValueError,
} from './shared/errors';
export { createSharedObjects } from './shared/objects';
export type {
  Absent, Change, CollectOptions, ComputeOptions, ComputeScope, ExecuteOptions, Exists, Lifetime, Reservation, ReserveOptions, ReserveResult,
  SharedObjects, SharedObjectsOptions, SharedTableOptions, SharedView, Unavailable, WaitOptions,
} from './shared/types';
export { RestLockError } from './rest/client/errors';
export { createRestLocks } from './rest/client/rest-locks';
export type { FetchLike, RestAcquireOptions, RestLock, RestLocks, RestLockScope, RestLocksOptions } from './rest/client/types';
