import { notJson } from '../plain-json';
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
  const problem = notJson(result, 'result');
  if (problem !== undefined) throw new ClaimResultError(key, `${problem}. Give a plain JSON value to done()`);
  const text = JSON.stringify(result);
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_RESULT_BYTES) return text;
  throw new ClaimResultError(key, `it has ${bytes} bytes as JSON, and a row takes ${MAX_RESULT_BYTES}. Store the bulk elsewhere and give its name to done()`);
};
