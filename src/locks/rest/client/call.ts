import { isObject } from '../../../found';
import { fullJitter } from '../../../retry';
import type { LockClock } from '../../clock';
import { within } from '../../table/call';
import { versionOf } from '../http';
import type { RestProblem } from '../types';
import type { FetchLike } from './types';

/** What came of a request: `silent` is no answer, or none of the service: what was asked may have happened. */
export type Answer =
  | { readonly kind: 'answer'; readonly status: number; readonly version: string | undefined; readonly body: Readonly<Record<string, unknown>>; readonly problem: Partial<RestProblem> }
  /** 429 and 503: come again. */
  | { readonly kind: 'later'; readonly afterMs: number; readonly error: Error }
  | { readonly kind: 'silent'; readonly error: unknown };

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Caller {
  readonly baseUrl: string;
  readonly key: string;
  readonly fetch: FetchLike;
  readonly clock: LockClock;
}

/** One request. Never rejects. */
export const call = async ({ baseUrl, key, fetch, clock }: Caller, { method, path, headers, body, timeoutMs, signal }: Call): Promise<Answer> => {
  try {
    const { status, text, etag, after } = await within(clock, timeoutMs, signal, async (abort) => {
      const response = await fetch(`${baseUrl}${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, ...(body ? { 'content-type': 'application/json' } : {}), ...headers },
        ...(body ? { body: JSON.stringify(body) } : {}),
        signal: abort,
      });
      return { status: response.status, etag: response.headers.get('etag'), after: response.headers.get('retry-after'), text: await response.text() };
    });
    const parsed = parse(text);
    const problem = parsed as Partial<RestProblem>;
    if (status === 429 || status === 503) return { kind: 'later', afterMs: problem.retryAfterMs ?? secondsOf(after), error: new Error(`the service answered with ${status}: ${problem.detail ?? text.slice(0, 200)}`) };
    // Of a proxy, or of a service that could not even say so.
    if (status >= 500 && problem.code === undefined) return { kind: 'silent', error: new Error(`an answer ${status}`) };
    return { kind: 'answer', status, version: etag === null ? undefined : versionOf(etag), body: parsed, problem };
  } catch (error) {
    return { kind: 'silent', error };
  }
};

const parse = (text: string): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
};

const secondsOf = (header: string | null): number => (header !== null && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : 1_000);

/** Time until the same request is sent again. */
export const pauseAfter = (answer: Exclude<Answer, { kind: 'answer' }>, tries: number, random: () => number): number =>
  (answer.kind === 'later' ? answer.afterMs * (1 + random() / 4) : fullJitter(tries, { baseMs: 100, capMs: 2_000, random }));
