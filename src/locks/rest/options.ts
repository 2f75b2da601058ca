import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { OplockStreamError } from '../../errors';
import { describeFound, describeSecret } from '../../found';
import type { Logger } from '../../logger';
import type { LockClock } from '../clock';
import { createObservations } from '../lease/observations';
import { settingsOf } from '../lease/settings';
import type { Authorizer } from './authorizer';
import type { RestContext } from './context';
import { createSigner } from './ids';
import type { RateLimit } from './rate-limit';
import { createWaits } from './waits';

/** Options of {@link createLockService}. Times are in ms. */
export interface LockServiceOptions {
  readonly client: DynamoDBDocumentClient;
  /** A lock table, which may be shared with lock clients, Java's too. */
  readonly tableName: string;
  /** Who may do what: `apiKeys([...])`, or a function. `allowAnyone()` for a machine of your own. */
  readonly authorizer: Authorizer;
  /** At least 32 characters, random, the same on all nodes: what lock ids and observation tokens are made with. */
  readonly secret: string;
  /** Default `key`. */
  readonly partitionKeyName?: string;
  /** None by default. Where the table has a sort key, locks of the service have `-` in it. */
  readonly sortKeyName?: string;
  /** No Java client uses the table: rows are kept, have a fencing token, and know a replay that comes after the release. Default false. */
  readonly exclusive?: boolean;
  /** Lets DynamoDB collect rows that were released so many days ago (`exclusive` only). Off by default. */
  readonly ttl?: { readonly attributeName?: string; readonly afterDays: number };
  /** The lease of those who do not ask for one. Default 20,000. */
  readonly defaultTtlMs?: number;
  /** Default 1,000. */
  readonly minTtlMs?: number;
  /** Default 3,600,000: an hour. */
  readonly maxTtlMs?: number;
  /** Default 4,096. */
  readonly maxDataBytes?: number;
  /** Requests that this node keeps waiting at once; others are answered without a wait. Default 200. */
  readonly maxWaiting?: number;
  /** Between looks at a lock that is waited for, with jitter. Default 500. */
  readonly pollMs?: number;
  /** One request to the table. Default 3,000. */
  readonly requestTimeoutMs?: number;
  /** Of each principal, on each node. Default 20 a second, 40 at once. */
  readonly rateLimit?: RateLimit | false;
  /** How far the clocks of two nodes can be apart: what another node has observed counts for so much less. Default 5,000. */
  readonly maxClockSkewMs?: number;
  readonly logger?: Logger;
  readonly clock?: LockClock;
  /** 0 to 1, for jitter. */
  readonly random?: () => number;
  /** A version 4 UUID. */
  readonly newId?: () => string;
}

const invalid = (option: string, found: unknown, expected: string, describe = describeFound): OplockStreamError =>
  new OplockStreamError('INVALID_OPTION', `createLockService({ ${option} }): found ${describe(found)}, expected ${expected}`, { details: { option } });

const wholeOf = (option: string, value: unknown, min: number, max = Number.MAX_SAFE_INTEGER): void => {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max) throw invalid(option, value, `a whole number, ${min} or more`);
};

/** Throws `INVALID_OPTION`. */
export const contextOf = (options: LockServiceOptions): RestContext => {
  const {
    client, tableName, secret, authorizer, partitionKeyName = 'key', sortKeyName, exclusive = false, ttl, logger, clock, random, newId, rateLimit,
    defaultTtlMs = 20_000, minTtlMs = 1_000, maxTtlMs = 3_600_000, maxDataBytes = 4_096, maxWaiting = 200, pollMs = 500, requestTimeoutMs = 3_000, maxClockSkewMs = 5_000,
  } = options;
  if (typeof authorizer !== 'function') throw invalid('authorizer', authorizer, 'apiKeys([...]) or a function of your own: there are no anonymous locks, unless you say allowAnyone()');
  if (typeof secret !== 'string' || secret.length < 32) throw invalid('secret', secret, 'a text of at least 32 random characters, the same on all nodes', describeSecret);
  wholeOf('minTtlMs', minTtlMs, 1);
  wholeOf('maxTtlMs', maxTtlMs, minTtlMs);
  wholeOf('defaultTtlMs', defaultTtlMs, minTtlMs, maxTtlMs);
  wholeOf('maxDataBytes', maxDataBytes, 0);
  wholeOf('maxWaiting', maxWaiting, 0);
  wholeOf('pollMs', pollMs, 1);
  wholeOf('requestTimeoutMs', requestTimeoutMs, 1);
  wholeOf('maxClockSkewMs', maxClockSkewMs, 0);
  if (rateLimit) {
    if (!(rateLimit.perSecond > 0)) throw invalid('rateLimit.perSecond', rateLimit.perSecond, 'a number above 0');
    if (rateLimit.burst !== undefined && !(rateLimit.burst >= 1)) throw invalid('rateLimit.burst', rateLimit.burst, 'a number, 1 or more');
  }
  const settings = settingsOf({
    client, tableName, partitionKeyName, exclusive, requestTimeoutMs, leaseMs: defaultTtlMs, heartbeatMs: false,
    ...(sortKeyName === undefined ? {} : { sortKeyName }), ...(ttl ? { ttl } : {}), ...(logger ? { logger } : {}),
    ...(clock ? { clock } : {}), ...(random ? { random } : {}), ...(newId ? { newId } : {}),
  });
  return {
    ...settings,
    limits: { minTtlMs, maxTtlMs, maxDataBytes, maxBodyBytes: maxDataBytes * 6 + 16_384 },
    pollMs,
    maxClockSkewMs,
    observations: createObservations(settings.maxObservations),
    instanceId: settings.newId(),
    waits: createWaits({ clock: settings.clock, max: maxWaiting, reserveMs: 1_000 + requestTimeoutMs }),
    signer: createSigner(secret),
  };
};
