import { describeFound, isObject } from '../../found';
import { versionOf, type RestRequest } from './http';
import { RestRefusal } from './problem';
import type { AcquireBody, ProblemCode, RenewBody } from './types';

/** What a request may ask for. */
export interface InputLimits {
  readonly minTtlMs: number;
  readonly maxTtlMs: number;
  readonly maxDataBytes: number;
  readonly maxBodyBytes: number;
}

/** API Gateway gives up after 29 s. */
export const MAX_WAIT_MS = 25_000;

const NAME = /^[A-Za-z0-9._~:$-]{1,256}$/;

const refuse = (code: ProblemCode, message: string): never => {
  throw new RestRefusal(code, message);
};

/** A name that this service gives locks to: nothing in it has to be escaped in a path. Throws 400. */
export const newName = (name: string): string =>
  NAME.test(name) && name !== '.' && name !== '..' ? name : refuse('INVALID_NAME', 'the name of a lock is 1 to 256 of the characters A-Z a-z 0-9 . _ ~ : $ -');

/** The name of any row: other clients of the table may call their locks what they like. Throws 400. */
export const anyName = (name: string): string =>
  name !== '' && Buffer.byteLength(name) <= 2048 ? name : refuse('INVALID_NAME', 'the name of a lock has 1 to 2048 bytes');

const bodyOf = ({ body, headers }: RestRequest, known: readonly string[], { maxBodyBytes }: InputLimits): Readonly<Record<string, unknown>> => {
  if (body === undefined || body === '') return {};
  if (Buffer.byteLength(body) > maxBodyBytes) refuse('BODY_TOO_LARGE', `the body is larger than ${maxBodyBytes} bytes`);
  if (!/^\s*application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(headers['content-type'] ?? '')) refuse('UNSUPPORTED_MEDIA_TYPE', 'the body is taken as content-type: application/json only');
  const value = parse(body);
  if (!isObject(value)) return refuse('INVALID_BODY', `the body is ${describeFound(value)}, and should be a JSON object`);
  // A misspelt ttlMs would be a lock with another lease than the caller thinks.
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown !== undefined) refuse('INVALID_BODY', `the body has ${describeFound(unknown)} in it, which is none of: ${known.join(', ')}`);
  return value;
};

const parse = (body: string): unknown => {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return refuse('INVALID_BODY', 'the body is not JSON');
  }
};

const whole = (name: string, value: unknown, min: number, max: number): number | undefined => {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  return refuse('INVALID_BODY', `${name} is ${describeFound(value)}, and should be a whole number of milliseconds, ${min} to ${max}`);
};

const text = (name: string, value: unknown, maxBytes: number): string | undefined => {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || /\p{Surrogate}/u.test(value)) return refuse('INVALID_BODY', `${name} is ${describeFound(value)}, and should be text`);
  return Buffer.byteLength(value) <= maxBytes ? value : refuse('INVALID_BODY', `${name} has more than ${maxBytes} bytes`);
};

const defined = <T extends object>(members: { readonly [K in keyof T]: T[K] | undefined }): T =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T;

/** Throws 400, 413, 415. */
export const acquireBody = (request: RestRequest, limits: InputLimits): AcquireBody => {
  const body = bodyOf(request, ['owner', 'ttlMs', 'waitMs', 'data', 'observation'], limits);
  const owner = text('owner', body['owner'], 128);
  if (owner !== undefined && /\p{Cc}/u.test(owner)) refuse('INVALID_BODY', 'owner has control characters in it');
  return defined<AcquireBody>({
    owner,
    ttlMs: whole('ttlMs', body['ttlMs'], limits.minTtlMs, limits.maxTtlMs),
    waitMs: whole('waitMs', body['waitMs'], 0, MAX_WAIT_MS),
    data: text('data', body['data'], limits.maxDataBytes),
    observation: text('observation', body['observation'], 8192),
  });
};

/** Throws 400, 413, 415. */
export const renewBody = (request: RestRequest, limits: InputLimits): RenewBody => {
  const body = bodyOf(request, ['ttlMs'], limits);
  return defined<RenewBody>({ ttlMs: whole('ttlMs', body['ttlMs'], limits.minTtlMs, limits.maxTtlMs) });
};

/** Bare, or in quotes as the IETF's draft has it. Throws 400. */
export const idempotencyKey = ({ headers }: RestRequest): string => {
  const header = headers['idempotency-key']?.trim();
  if (!header) return refuse('IDEMPOTENCY_KEY_REQUIRED', 'send an Idempotency-Key, a new UUID for each acquisition, and the same one again when no answer came');
  const key = /^"(.*)"$/.exec(header)?.[1] ?? header;
  return /^[!#-~]{1,128}$/.test(key) ? key : refuse('INVALID_HEADER', 'Idempotency-Key takes 1 to 128 visible characters, a UUID for example');
};

/** Throws 428 without one; one that cannot be ours is as good as any other wrong one. */
export const lockToken = ({ headers }: RestRequest): string => {
  const token = headers['lock-token']?.trim();
  return token ? token.slice(0, 256) : refuse('LOCK_TOKEN_REQUIRED', 'send the lockId of the grant in the header Lock-Token');
};

/** Undefined without one. Throws 400. */
export const ifMatch = ({ headers }: RestRequest): string | undefined => {
  const header = headers['if-match'];
  if (header === undefined) return undefined;
  return versionOf(header) ?? refuse('INVALID_HEADER', 'If-Match takes one ETag in its quotes, as it was received');
};

/** What the client has seen: `?etag=`, or If-None-Match. Throws 400. */
export const seenVersion = ({ headers, query }: RestRequest): string | undefined => {
  const given = query['etag'] ?? headers['if-none-match'];
  if (given === undefined) return undefined;
  return versionOf(given) ?? refuse('INVALID_QUERY', 'etag takes one ETag as it was received, with or without its quotes');
};

/** `25s` or `500ms`, in ms; 0 without one. Throws 400. */
export const waitOf = ({ query }: RestRequest): number => {
  const given = query['wait'];
  if (given === undefined) return 0;
  const [, digits = '', unit] = /^(\d{1,5})(ms|s)$/.exec(given) ?? [];
  const ms = Number(digits) * (unit === 's' ? 1000 : 1);
  return digits !== '' && ms <= MAX_WAIT_MS ? ms : refuse('INVALID_QUERY', `wait is up to ${MAX_WAIT_MS / 1000}s, for example 25s or 500ms`);
};

/** Throws 400. */
export const limitOf = ({ query }: RestRequest): number => {
  const given = query['limit'];
  if (given === undefined) return 100;
  const limit = /^\d{1,4}$/.test(given) ? Number(given) : 0;
  return limit >= 1 && limit <= 1000 ? limit : refuse('INVALID_QUERY', 'limit is a number from 1 to 1000');
};
