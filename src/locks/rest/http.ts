/** A request, whoever received it. */
export interface RestRequest {
  /** In capitals. */
  readonly method: string;
  /** The path behind the stage, decoded, by segments: `['locks', 'nightly-report']`; `[]` is the root. */
  readonly segments: readonly string[];
  readonly query: Readonly<Record<string, string | undefined>>;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body?: string | undefined;
  /** What comes before the first segment, such as a stage: `/prod`. */
  readonly basePath?: string;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal?: AbortSignal;
  /** Ms that are left to answer. */
  readonly remainingMs?: () => number;
  /** As it came: Lambda's event, or Node's request. For authorizers. */
  readonly raw?: unknown;
}

export interface RestResponse {
  readonly statusCode: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export type RestHandler = (request: RestRequest) => Promise<RestResponse>;

const NOT_KEPT = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

export const json = (statusCode: number, body: object, headers: Readonly<Record<string, string>> = {}): RestResponse =>
  ({ statusCode, headers: { 'content-type': 'application/json', ...NOT_KEPT, ...headers }, body: JSON.stringify(body) });

export const empty = (statusCode: number, headers: Readonly<Record<string, string>> = {}): RestResponse =>
  ({ statusCode, headers: { ...NOT_KEPT, ...headers } });

export const etagOf = (version: string): string => `"${encodeURIComponent(version)}"`;

/** The version in an ETag, weak or strong, quoted or bare as in a query; undefined for what is none. */
export const versionOf = (tag: string): string | undefined => {
  const text = /^\s*(?:W\/)?"([^"]*)"\s*$/.exec(tag)?.[1] ?? (tag.includes('"') ? undefined : tag.trim());
  if (!text) return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};

/** Whole seconds, and never less than the time: who comes too early asks in vain. */
export const retryAfter = (ms: number): Readonly<Record<string, string>> => ({ 'retry-after': String(Math.max(1, Math.ceil(ms / 1000))) });
