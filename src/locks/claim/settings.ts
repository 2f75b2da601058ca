import { randomUUID } from 'node:crypto';
import { OplockStreamError } from '../../errors';
import { describeFound, isObject } from '../../found';
import { consoleLogger, safeLogger, type Logger } from '../../logger';
import { refuseCaching } from '../../sinks/dynamodb/caching';
import { systemClock, type LockClock } from '../clock';
import { defaultOwner } from '../owner';
import { LEASE, OWNER, RELEASED, RVN } from '../lease/row';
import { createLockTable, type LockTable } from '../table/lock-table';
import { ATTEMPTS, CLAIM_ID, EXPIRES_AT, RESULT, STATE } from './row';
import type { ClaimsOptions, OnClaimError } from './types';

/** The options of claims, checked, with what they leave out. */
export interface ClaimSettings {
  readonly table: LockTable;
  readonly partitionKeyName: string;
  readonly sortKeyName: string | undefined;
  readonly prefix: string;
  readonly ownerName: string;
  readonly clockSkewMs: number;
  readonly onError: OnClaimError;
  readonly keepForMs: number;
  readonly ttl: { readonly attributeName: string; readonly afterDays: number } | undefined;
  readonly logger: Logger;
  readonly clock: LockClock;
  readonly newId: () => string;
}

const DAY_MS = 86_400_000;
/** Longer is a mistake of units. */
const MAX_MS = 100 * 366 * DAY_MS;
const MAX_KEY_BYTES = 2048;
const ON_ERROR: readonly unknown[] = ['run', 'skip', 'throw'] satisfies readonly OnClaimError[];
const OPTIONS: Readonly<Record<keyof ClaimsOptions, true>> = {
  client: true, tableName: true, ownerName: true, partitionKeyName: true, sortKeyName: true, prefix: true, clockSkewMs: true, onError: true, keepForMs: true,
  requestTimeoutMs: true, ttl: true, logger: true, clock: true, newId: true,
};
/** Of every row of a claim. */
const RESERVED = [CLAIM_ID, STATE, EXPIRES_AT, ATTEMPTS, RESULT, OWNER, LEASE, RVN, RELEASED];

const invalid = (option: string, found: unknown, expected: string): OplockStreamError =>
  new OplockStreamError('INVALID_OPTION', `claims, ${option}: found ${describeFound(found)}, expected ${expected}`, { details: { option } });

const checkText = (option: string, value: unknown): void => {
  if (typeof value !== 'string' || value === '') throw invalid(option, value, 'a text that is not empty');
};

/** @throws OplockStreamError `INVALID_OPTION` */
export const checkMs = (option: string, value: unknown, min = 1): void => {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > MAX_MS) throw invalid(option, value, `whole milliseconds, at least ${min}`);
};

/** @throws OplockStreamError `INVALID_OPTION` */
export const checkOnError = (value: unknown): void => {
  if (!ON_ERROR.includes(value)) throw invalid('onError', value, "'run', 'skip' or 'throw'");
};

/** @throws OplockStreamError `INVALID_OPTION` */
export const checkKey = (prefix: string, key: unknown): void => {
  checkText('key', key);
  const bytes = Buffer.byteLength(`${prefix}${String(key)}`);
  if (bytes > MAX_KEY_BYTES) throw new OplockStreamError('INVALID_OPTION', `claims, key: with its prefix it has ${bytes} bytes, and DynamoDB takes ${MAX_KEY_BYTES}. Use a hash of it`, { details: { option: 'key' } });
};

/** @throws OplockStreamError `INVALID_OPTION` */
export const claimSettings = (options: ClaimsOptions): ClaimSettings => {
  if (!isObject(options)) throw invalid('options', options, 'an object');
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(OPTIONS, name));
  if (unknown !== undefined) throw invalid(unknown, options[unknown as keyof ClaimsOptions], `no such option; there are: ${Object.keys(OPTIONS).join(', ')}`);
  const {
    client, tableName, partitionKeyName = 'key', sortKeyName, prefix = 'claim#', clockSkewMs = 2_000, onError = 'run', keepForMs = 7 * DAY_MS,
    requestTimeoutMs = 2_000, ttl = {}, logger = consoleLogger, clock = systemClock, newId = randomUUID,
  } = options;
  if (typeof client?.send !== 'function') throw invalid('client', client, 'a DynamoDBDocumentClient');
  refuseCaching(client, 'createClaims({ client })');
  checkText('tableName', tableName);
  checkText('partitionKeyName', partitionKeyName);
  if (sortKeyName !== undefined) checkText('sortKeyName', sortKeyName);
  if (options.ownerName !== undefined) checkText('ownerName', options.ownerName);
  if (typeof prefix !== 'string') throw invalid('prefix', prefix, 'a text');
  checkMs('clockSkewMs', clockSkewMs, 0);
  checkMs('keepForMs', keepForMs);
  checkMs('requestTimeoutMs', requestTimeoutMs);
  checkOnError(onError);
  const collected = ttlOf(ttl);
  const names = [partitionKeyName, ...(sortKeyName === undefined ? [] : [sortKeyName]), ...(collected ? [collected.attributeName] : []), ...RESERVED];
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw invalid('partitionKeyName, sortKeyName, ttl.attributeName', twice, `names that differ from each other and from ${RESERVED.join(', ')}`);
  return {
    table: createLockTable({ client, tableName, clock, requestTimeoutMs }),
    partitionKeyName,
    sortKeyName,
    prefix,
    ownerName: options.ownerName ?? defaultOwner(newId),
    clockSkewMs,
    onError,
    keepForMs,
    ttl: collected,
    logger: safeLogger(logger),
    clock,
    newId,
  };
};

const ttlOf = (option: unknown): ClaimSettings['ttl'] => {
  if (option === false) return undefined;
  if (!isObject(option)) throw invalid('ttl', option, 'an object, or false');
  const { attributeName = 'ttl', afterDays = 7 } = option;
  checkText('ttl.attributeName', attributeName);
  if (typeof afterDays !== 'number' || !Number.isInteger(afterDays) || afterDays < 1 || afterDays > 100_000) throw invalid('ttl.afterDays', afterDays, 'whole days, at least 1');
  return { attributeName: attributeName as string, afterDays };
};
