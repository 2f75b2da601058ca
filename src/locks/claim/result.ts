import { describeFound, isObject } from '../../found';
import { isThenable } from '../../thenable';
import { ClaimResultError } from './errors';

/** A row takes 400 KB: the rest is for its key and its other attributes. */
export const MAX_RESULT_BYTES = 350_000;

/**
 * The text of a plain JSON value; undefined where there is none. Strict: what JSON would change without a word (a Date, a Map,
 * NaN, a class of the caller's own) is refused, because who comes later must get what the first one got.
 *
 * @throws ClaimResultError
 */
export const encodeResult = (key: string, result: unknown): string | undefined => {
  if (result === undefined) return undefined;
  const problem = problemOf(result);
  if (problem !== undefined) throw new ClaimResultError(key, `${problem}. Give a plain JSON value to done()`);
  const text = JSON.stringify(result);
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_RESULT_BYTES) return text;
  throw new ClaimResultError(key, `it has ${bytes} bytes as JSON, and a row takes ${MAX_RESULT_BYTES}. Store the bulk elsewhere and give its name to done()`);
};

/** Deeper ones would exceed the stack somewhere, for instance in JSON.stringify. */
const MAX_DEPTH = 500;

const problemOf = (value: unknown, at = 'result', depth = 0): string | undefined => {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (typeof value === 'number' && Number.isFinite(value)) return undefined;
  if (depth > MAX_DEPTH) return `it is nested more than ${MAX_DEPTH} deep, or contains itself`;
  if (Array.isArray(value)) return firstProblem(Array.from(value, (one: unknown, i) => [`${at}[${i}]`, one]), depth);
  if (isPlain(value)) return firstProblem(Object.entries(value).filter(([, one]) => one !== undefined).map(([name, one]) => [`${at}.${name}`, one]), depth);
  return `${at} is ${value === undefined ? 'undefined' : isThenable(value) ? 'a promise' : describeFound(value)}${isObject(value) ? ` of ${value.constructor?.name || 'another class'}` : ''}`;
};

const firstProblem = (parts: readonly (readonly [string, unknown])[], depth: number): string | undefined => {
  for (const [at, one] of parts) {
    const problem = problemOf(one, at, depth + 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
};

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> => {
  if (!isObject(value) || typeof value['toJSON'] === 'function') return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null; // Object.prototype of this realm or another
};
