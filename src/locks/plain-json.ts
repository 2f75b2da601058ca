import { describeFound, isObject } from '../found';
import { isThenable } from '../thenable';

/** Deeper ones would exceed the stack somewhere, for instance in JSON.stringify. */
const MAX_DEPTH = 500;

/**
 * What about a value is not plain JSON; undefined: it is. Strict: what JSON would change without a word (a Date, a Map, NaN, a
 * class of the caller's own) is refused, because who reads it must get what was written. `at` is how the value is called.
 */
export const notJson = (value: unknown, at: string, depth = 0): string | undefined => {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (typeof value === 'number' && Number.isFinite(value)) return undefined;
  if (depth > MAX_DEPTH) return `it is nested more than ${MAX_DEPTH} deep, or contains itself`;
  if (Array.isArray(value)) return firstProblem(Array.from(value, (one: unknown, i) => [`${at}[${i}]`, one]), depth);
  if (isPlain(value)) return firstProblem(Object.entries(value).filter(([, one]) => one !== undefined).map(([name, one]) => [`${at}.${name}`, one]), depth);
  return `${at} is ${value === undefined ? 'undefined' : isThenable(value) ? 'a promise' : describeFound(value)}${isObject(value) ? ` of ${value.constructor?.name || 'another class'}` : ''}`;
};

const firstProblem = (parts: readonly (readonly [string, unknown])[], depth: number): string | undefined => {
  for (const [at, one] of parts) {
    const problem = notJson(one, at, depth + 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
};

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> => {
  if (!isObject(value) || typeof value['toJSON'] === 'function') return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null; // Object.prototype of this realm or another
};
