import { isUtf8 } from 'node:buffer';
import { gunzipSync } from 'node:zlib';
import { decodeBase64 } from '../base64';
import { UnreadablePayload } from './unreadable';

/** What one record may cost. Shared by everything inside it, so that many small bombs are one big one. */
export interface Budget {
  readonly maxBytes: number;
  remainingBytes: number;
  remainingFailures: number;
}

export const DEFAULT_MAX_DECOMPRESSED_BYTES = 16 * 1024 * 1024;

/** Levels of nesting, of JSON and of compression within compression together. DynamoDB holds 32. */
export const MAX_DEPTH = 100;

// Text that looks like gzip and is none costs inflating before it shows, and what it cost cannot be known.
const MAX_FAILURES = 64;

export const createBudget = (maxBytes: number = DEFAULT_MAX_DECOMPRESSED_BYTES): Budget =>
  ({ maxBytes, remainingBytes: maxBytes, remainingFailures: MAX_FAILURES });

export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;

const tooLarge = ({ maxBytes }: Budget): UnreadablePayload =>
  new UnreadablePayload(`more than ${maxBytes} bytes once decompressed`, 'less (option maxDecompressedBytes sets the limit)');

/**
 * Inflates within the budget: `undefined` when it is not sound gzip.
 *
 * @throws UnreadablePayload when it would become larger than the budget allows
 */
export const gunzip = (bytes: Uint8Array, budget: Budget): Buffer | undefined => {
  if (budget.remainingBytes < 1) throw tooLarge(budget);
  try {
    const inflated = gunzipSync(bytes, { maxOutputLength: budget.remainingBytes });
    budget.remainingBytes -= inflated.length;
    return inflated;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(budget);
    budget.remainingFailures -= 1;
    if (budget.remainingFailures < 0) throw new UnreadablePayload(`more than ${MAX_FAILURES} values of broken gzip`, 'sound gzip');
    return undefined;
  }
};

/** aws-lambda-stream marks a compressed value so: this word, then base64 of gzip of JSON. */
export const COMPRESSED = 'COMPRESSED';

/**
 * Undoes aws-lambda-stream's compression wherever it is found in a freshly parsed JSON value, which is changed in
 * place. Only what really is base64 of gzip of JSON is replaced: a user's text that begins with the same word
 * stays as it is.
 *
 * @throws UnreadablePayload beyond the budget, or beyond 100 levels of nesting
 */
export const expand = (value: unknown, budget: Budget, depth = 0): unknown => {
  if (typeof value === 'string') return value.startsWith(COMPRESSED) ? expandText(value, budget, depth) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) throw tooDeep();
  // Written only where something changed: most payloads hold nothing compressed, and reading is much cheaper.
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i += 1) {
      const before: unknown = value[i];
      const after = expand(before, budget, depth + 1);
      if (after !== before) value[i] = after;
    }
    return value;
  }
  const object = value as Record<string, unknown>;
  for (const name of Object.keys(object)) {
    const before = object[name];
    const after = expand(before, budget, depth + 1);
    // JSON.parse made every name an own property, so that assigning to `__proto__` changes no prototype.
    if (after !== before) object[name] = after;
  }
  return value;
};

const tooDeep = (): UnreadablePayload => new UnreadablePayload(`more than ${MAX_DEPTH} levels of nesting`, `at most ${MAX_DEPTH}`);

const expandText = (text: string, budget: Budget, depth: number): unknown => {
  const bytes = decodeBase64(text.slice(COMPRESSED.length));
  if (!bytes || !isGzip(bytes)) return text;
  if (depth >= MAX_DEPTH) throw tooDeep();
  const inflated = gunzip(bytes, budget);
  if (!inflated || !isUtf8(inflated)) return text;
  let inner: unknown;
  try {
    inner = JSON.parse(inflated.toString('utf8'));
  } catch {
    return text;
  }
  return expand(inner, budget, depth + 1);
};
