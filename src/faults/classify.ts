import { CONFIGURATION_MESSAGE, CONFIGURATION_NAMES, TRANSIENT_MESSAGE, TRANSIENT_NAMES } from './error-names';

/**
 * What to do about an error:
 * - `transient`: the next attempt may succeed (throttling, 5xx, timeouts, sockets, an expired token). Retry.
 * - `configuration`: the function is set up wrongly (no permission, no table, no credentials). Another attempt in
 *   this invocation is pointless, yet no event is at fault: report to Lambda, which delivers it again.
 * - `permanent`: this event will fail every time (a mapping error, a request the service rejects). Set it aside.
 */
export type ErrorClass = 'transient' | 'configuration' | 'permanent';

/**
 * Tells the class of anything thrown. Looks into `cause`, into the errors of an `AggregateError` and into the
 * reasons of a cancelled transaction: transient beats configuration, which beats permanent, because what can be
 * retried must not be set aside. Pure, and never throws, whatever the error's getters do.
 */
export const classifyError = (error: unknown): ErrorClass => {
  let found: ErrorClass = 'permanent';
  const seen = new Set<object>();
  const queue: unknown[] = [error];
  // The list grows while it is walked; the bound is for chains that a getter makes up as they are read.
  for (let i = 0; i < queue.length && i < MAX_NESTED; i++) {
    const current = queue[i];
    if (typeof current !== 'object' || current === null || seen.has(current)) continue;
    seen.add(current);
    const own = classifyOne(current);
    if (own === 'transient') return own;
    if (own === 'configuration') found = own;
    queue.push(read(current, 'cause'), ...list(current, 'errors'), ...list(current, 'CancellationReasons'));
  }
  return found;
};

const MAX_NESTED = 1_000;

const classifyOne = (error: object): ErrorClass => {
  const names = [read(error, 'name'), read(error, 'code'), read(error, 'Code'), read(error, '__type')]
    .filter((name): name is string => typeof name === 'string')
    .map(bare);
  if (names.some((name) => TRANSIENT_NAMES.has(name))) return 'transient';
  if (names.some((name) => CONFIGURATION_NAMES.has(name))) return 'configuration';
  if (read(error, '$fault') === 'server' || isRetryable(error) || isRetryableStatus(error)) return 'transient';
  const message = read(error, 'message');
  if (typeof message !== 'string') return 'permanent';
  if (TRANSIENT_MESSAGE.test(message) || wrapsTransient(message)) return 'transient';
  return CONFIGURATION_MESSAGE.test(message) ? 'configuration' : 'permanent';
};

/**
 * The SDK wraps what is no `instanceof Error` for it and keeps only the text. Under test runners that give each file
 * its own globals (Jest), that is every socket error.
 */
const wrapsTransient = (message: string): boolean =>
  message.startsWith('AWS SDK error wrapper for ') && message.split(/\W+/).some((word) => TRANSIENT_NAMES.has(bare(word)));

/** `com.amazonaws.dynamodb.v20120810#ThrottlingException` → `Throttling` */
const bare = (name: string): string => name.slice(name.lastIndexOf('#') + 1).replace(/(?:Exception|Error|Fault)$/, '');

/** The SDK marks what its own retry strategy may retry with an object, empty or `{ throttling: true }`. */
const isRetryable = (error: object): boolean => {
  const mark = read(error, '$retryable');
  return typeof mark === 'object' && mark !== null;
};

const isRetryableStatus = (error: object): boolean => {
  const metadata = read(error, '$metadata');
  const status = typeof metadata === 'object' && metadata !== null ? read(metadata, 'httpStatusCode') : undefined;
  return typeof status === 'number' && (status >= 500 || status === 429 || status === 408);
};

const list = (error: object, property: string): readonly unknown[] => {
  const value = read(error, property);
  return Array.isArray(value) ? value.slice(0, MAX_NESTED) : [];
};

const read = (from: object, property: string): unknown => {
  try {
    return (from as Record<string, unknown>)[property];
  } catch {
    return undefined;
  }
};
