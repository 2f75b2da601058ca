import { randomUUID } from 'node:crypto';
import { OplockStreamError } from '../../errors';
import { describeFound } from '../../found';
import { consoleLogger, safeLogger, type Logger } from '../../logger';
import { refuseCaching } from '../../sinks/dynamodb/caching';
import { systemClock, type LockClock } from '../clock';
import { defaultOwner } from '../owner';
import { createLockTable, type LockTable } from '../table/lock-table';
import { safeListener, type OnLockEvent } from './events';
import { LOCK_ATTRIBUTES, type LockKeySchema } from './row';
import type { LockClientOptions } from './types';

/** The options of a client, checked, with what they leave out. */
export interface Settings {
  readonly table: LockTable;
  readonly schema: LockKeySchema;
  readonly ownerName: string;
  readonly leaseMs: number;
  /** False: by hand. */
  readonly heartbeatMs: number | false;
  readonly safetyMargin: (leaseMs: number) => number;
  readonly exclusive: boolean;
  readonly readFirst: boolean;
  readonly holdOnServiceUnavailable: boolean;
  readonly trustClocks: { readonly maxSkewMs: number } | undefined;
  readonly ttl: { readonly attributeName: string; readonly afterDays: number } | undefined;
  readonly maxObservations: number;
  readonly maxConcurrentHeartbeats: number;
  readonly logger: Logger;
  /** Of the user. Undefined: nobody listens. */
  readonly tell: OnLockEvent | undefined;
  readonly clock: LockClock;
  readonly random: () => number;
  readonly newId: () => string;
}

const MARGIN_SHARE = 0.1;
const MAX_MARGIN_MS = 1_000;
const MAX_REQUEST_MS = 5_000;
/** A lease longer than this is a mistake of units. */
const MAX_LEASE_MS = 366 * 86_400_000;

/** `where`: what the caller has written, if it is not an option of the client. */
export const invalidOption = (option: string, found: unknown, expected: string, where = `createLockClient({ ${option} })`): OplockStreamError =>
  new OplockStreamError('INVALID_OPTION', `${where}: found ${describeFound(found)}, expected ${expected}`, { details: { option } });

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

const textOf = (option: string, value: unknown): void => {
  if (!isText(value)) throw invalidOption(option, value, 'a text that is not empty');
};

const wholeOf = (option: string, value: unknown, min: number, max = Number.MAX_SAFE_INTEGER, where?: string): void => {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max) throw invalidOption(option, value, `a whole number from ${min}${max === Number.MAX_SAFE_INTEGER ? '' : ` to ${max}`}`, where);
};

export const checkLease = (option: string, leaseMs: unknown, where?: string): void => wholeOf(option, leaseMs, 1, MAX_LEASE_MS, where);

/** Throws `INVALID_OPTION`. */
export const settingsOf = (options: LockClientOptions): Settings => {
  const {
    client, tableName, partitionKeyName = 'key', sortKeyName, leaseMs = 20_000, exclusive = false, clock = systemClock, logger = consoleLogger, trustClocks, ttl,
    newId = randomUUID, random = Math.random, maxObservations = 10_000, maxConcurrentHeartbeats = 32, readFirst = false, holdOnServiceUnavailable = false,
  } = options;
  if (options.onEvent !== undefined && typeof options.onEvent !== 'function') throw invalidOption('onEvent', options.onEvent, 'a function');
  if (typeof client?.send !== 'function') throw invalidOption('client', client, 'a DynamoDBDocumentClient');
  refuseCaching(client, 'createLockClient');
  textOf('tableName', tableName);
  textOf('partitionKeyName', partitionKeyName);
  if (sortKeyName !== undefined) textOf('sortKeyName', sortKeyName);
  if (options.ownerName !== undefined) textOf('ownerName', options.ownerName);
  checkLease('leaseMs', leaseMs);
  const { heartbeatMs = Math.min(5_000, Math.max(1, Math.floor(leaseMs / 4))) } = options;
  if (heartbeatMs !== false) {
    wholeOf('heartbeatMs', heartbeatMs, 1);
    if (leaseMs < 2 * heartbeatMs) throw invalidOption('heartbeatMs', heartbeatMs, `at most half of the lease of ${leaseMs} ms, so that one heartbeat may fail`);
  }
  const { requestTimeoutMs = Math.min(MAX_REQUEST_MS, Math.max(1, Math.floor(leaseMs / 3))), safetyMarginMs } = options;
  wholeOf('requestTimeoutMs', requestTimeoutMs, 1);
  if (safetyMarginMs !== undefined) {
    wholeOf('safetyMarginMs', safetyMarginMs, 0);
    if (safetyMarginMs >= leaseMs) throw invalidOption('safetyMarginMs', safetyMarginMs, `less than the lease of ${leaseMs} ms`);
    if (heartbeatMs !== false && safetyMarginMs > leaseMs - heartbeatMs) throw invalidOption('safetyMarginMs', safetyMarginMs, `at most the lease less one heartbeat, ${leaseMs - heartbeatMs} ms: a lock would be lost before it is renewed`);
  }
  wholeOf('maxObservations', maxObservations, 1);
  wholeOf('maxConcurrentHeartbeats', maxConcurrentHeartbeats, 1);
  if (trustClocks !== undefined) wholeOf('trustClocks.maxSkewMs', trustClocks.maxSkewMs, 0);
  const ttlName = ttl?.attributeName ?? 'ttl';
  if (ttl) {
    textOf('ttl.attributeName', ttlName);
    wholeOf('ttl.afterDays', ttl.afterDays, 1, 100_000);
  }
  const names = [partitionKeyName, ...(sortKeyName === undefined ? [] : [sortKeyName]), ...(ttl ? [ttlName] : []), ...LOCK_ATTRIBUTES];
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw invalidOption('partitionKeyName, sortKeyName, ttl.attributeName', twice, 'names that differ from each other and from the attributes of a lock');
  const log = safeLogger(logger);
  return {
    table: createLockTable({ client, tableName, clock, requestTimeoutMs }),
    schema: { partitionKeyName, sortKeyName },
    ownerName: options.ownerName ?? defaultOwner(newId),
    leaseMs,
    heartbeatMs,
    safetyMargin: (lease) => Math.min(safetyMarginMs ?? Math.min(MAX_MARGIN_MS, lease * MARGIN_SHARE), lease / 2),
    exclusive,
    readFirst,
    holdOnServiceUnavailable,
    trustClocks,
    ttl: ttl && { attributeName: ttlName, afterDays: ttl.afterDays },
    maxObservations,
    maxConcurrentHeartbeats,
    logger: log,
    tell: options.onEvent && safeListener(options.onEvent, log),
    clock,
    random,
    newId,
  };
};

/** Attributes that are the lock's own. */
export const isReserved = ({ schema, ttl }: Pick<Settings, 'schema' | 'ttl'>, name: string): boolean =>
  [schema.partitionKeyName, schema.sortKeyName, ttl?.attributeName, ...LOCK_ATTRIBUTES, '__proto__'].includes(name);
