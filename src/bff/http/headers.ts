/**
 * Headers of a request as frameworks have them: a plain object, of any case, whose values may be lists, or anything
 * with `get`: the `Headers` of fetch, a Map.
 */
export type RequestHeaders =
  | Readonly<Record<string, string | readonly string[] | undefined>>
  | { get(name: string): string | readonly string[] | null | undefined };

/** The value of a header, several lines of it joined by commas; `undefined` when there is none. `name` in lower case. */
export const headerOf = (headers: RequestHeaders | undefined, name: string): string | undefined => {
  const found = headers === undefined ? undefined : isGetter(headers) ? headers.get(name) : linesOf(headers, name);
  if (found === undefined || found === null) return undefined;
  if (typeof found === 'string') return found;
  return found.length === 0 ? undefined : found.join(', ');
};

const isGetter = (headers: RequestHeaders): headers is Extract<RequestHeaders, { get: unknown }> => typeof headers['get'] === 'function';

const linesOf = (headers: Exclude<RequestHeaders, { get: unknown }>, name: string): readonly string[] =>
  Object.entries(headers).flatMap(([key, value]) => (key.toLowerCase() === name ? (value ?? []) : []));
