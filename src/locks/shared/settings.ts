import { randomUUID } from 'node:crypto';
import { defined } from '../../defined';
import { OplockStreamError } from '../../errors';
import { describeFound } from '../../found';
import { consoleLogger, safeLogger } from '../../logger';
import { refuseCaching } from '../../sinks/dynamodb/caching';
import { systemClock } from '../clock';
import { defaultOwner } from '../owner';
import { createLockTable } from '../table/lock-table';
import type { Context } from './context';
import type { ObjectContext } from './object-context';
import type { CollectOptions, SharedObjectsOptions, SharedTableOptions } from './types';
import { createWatch } from './watch';

/** An item has 400 KB: the rest is for its other attributes. */
export const MAX_BYTES = 350 * 1024;
const MAX_KEY_BYTES = 2_048;
const MAX_REQUEST_MS = 5_000;

const invalid = (option: string, found: unknown, expected: string): OplockStreamError =>
  new OplockStreamError('INVALID_OPTION', `shared objects and channels, ${option}: found ${describeFound(found)}, expected ${expected}`, { details: { option } });

const checkText = (option: string, value: unknown): void => {
  if (typeof value !== 'string' || value === '') throw invalid(option, value, 'a text that is not empty');
};

/** @throws OplockStreamError `INVALID_OPTION` for a number that is given and is none, or less */
export const checkNumbers = (options: Readonly<Record<string, unknown>>, min = 1): void => {
  for (const [option, value] of Object.entries(options)) {
    if (value !== undefined && !(typeof value === 'number' && Number.isFinite(value) && value >= min)) throw invalid(option, value, `a number, at least ${min}`);
  }
};

/** @throws OplockStreamError `INVALID_OPTION` for what is no key of an item */
export const checkId = (prefix: string, id: unknown): string => {
  checkText('id', id);
  const key = prefix + String(id);
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw invalid('id', id, `at most ${MAX_KEY_BYTES} bytes with its prefix; use a hash of it`);
  return key;
};

/** What objects and channels have in common. */
export const contextOf = (options: SharedTableOptions, { attributeName = 'ttl', afterDays = 7 }: CollectOptions, requestTimeoutMs: number, closed: AbortSignal): Context => {
  const { client, tableName, partitionKeyName = 'key', sortKeyName, clock = systemClock, newId = randomUUID, random = Math.random, logger = consoleLogger } = options;
  if (typeof client?.send !== 'function') throw invalid('client', client, 'a DynamoDBDocumentClient');
  refuseCaching(client, 'shared objects and channels, client');
  checkText('tableName', tableName);
  checkText('partitionKeyName', partitionKeyName);
  if (sortKeyName !== undefined) checkText('sortKeyName', sortKeyName);
  checkText('ttl.attributeName', attributeName);
  checkNumbers({ requestTimeoutMs, 'ttl.afterDays': afterDays });
  return {
    table: createLockTable({ client, tableName, clock, requestTimeoutMs }),
    layout: { partitionKeyName, sortKeyName, ownerName: options.ownerName ?? defaultOwner(newId), ttlName: attributeName, ttlDays: afterDays },
    clock, random, newId, logger: safeLogger(logger), closed,
  };
};

/** @throws OplockStreamError `INVALID_OPTION` */
export const objectContext = (options: SharedObjectsOptions, closed: AbortSignal): ObjectContext => {
  const { prefix = 'obj#', maxBytes = MAX_BYTES, poll = {}, ttl = {}, defaults: { leaseMs = 10_000, ...defaults } = {} } = options;
  const { requestTimeoutMs = Math.min(leaseMs / 3, MAX_REQUEST_MS) } = options;
  checkNumbers({ leaseMs, maxBytes, 'poll.minMs': poll.minMs, 'poll.maxMs': poll.maxMs });
  checkNumbers({ timeoutMs: defaults.timeoutMs, idleTimeoutMs: defaults.idleTimeoutMs, maxComputeMs: defaults.maxComputeMs });
  checkNumbers({ waitMs: defaults.waitMs, retryAfterMs: defaults.retryAfterMs }, 0);
  if (maxBytes > MAX_BYTES) throw invalid('maxBytes', maxBytes, `at most ${MAX_BYTES}, because an item has 400 KB`);
  const context = contextOf(options, ttl, requestTimeoutMs, closed);
  return {
    ...context, prefix, maxBytes,
    watch: createWatch(context.clock),
    poll: { minMs: 50, maxMs: 1_000, ...defined(poll) },
    defaults: { waitMs: 30_000, retryAfterMs: 1_000, maxComputeMs: undefined, ...defined(defaults), leaseMs },
  };
};
