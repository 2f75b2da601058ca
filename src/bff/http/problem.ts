import { STATUS_CODES } from 'node:http';
import { classifyError } from '../../faults/classify';
import type { Item } from '../result';
import type { Refusal } from '../transaction';
import type { Version } from '../version';
import { etagOf } from './etag';
import { toJson } from './json';
import { factsOf, type RequestOptions } from './request-options';
import type { HttpResponse } from './response';
import { statusOf } from './status';

export interface ProblemOptions extends RequestOptions {
  /** Member `instance`: a URI that names this occurrence, the path of the request for example. */
  readonly instance?: string | undefined;
  /**
   * Shows the client what is there when the item has changed: `expose: commands.withoutManaged`. Member `current`.
   * Default: only its ETag, because a client may be allowed to write what it is not allowed to read.
   */
  expose?(current: Item): unknown;
  /** Begins the member `type`: `https://example.com/problems/` makes `…/oplock-conflict`. Default: `about:blank`. */
  readonly typePrefix?: string | undefined;
}

/** What is read of an error. All of it is optional, because anything may be thrown. */
interface Facts {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly current?: unknown;
  readonly version?: unknown;
  readonly uncertain?: unknown;
  readonly refusals?: unknown;
}

/**
 * Makes an `application/problem+json` response (RFC 9457) of anything that was thrown: `type`, `title`, `status`,
 * `detail`, `code`. Never throws, and never shows what is not the client's: of an error that has no status of its own
 * not even the message.
 *
 * - `OPLOCK_CONFLICT` 412, with the ETag of the current version
 * - `ITEM_EXISTS` 409; 412 when the request said `If-None-Match: *`
 * - `ITEM_MISSING` 404; 412 for a PUT with If-Match, which would have made the item if that header had not been there
 * - `TRANSACTION_REJECTED`: the status of the first refusal, and all `refusals`, each with name, kind and ETag
 * - errors with a `statusCode` (or `status`) of 400 to 499: that one, and their message
 * - what may succeed when it is sent again (throttled, out of time, `COMMAND_STOPPED`, `TRANSACTION_BUSY`): 503 with `retry-after`
 * - anything else: 500
 */
export const problemOf = (error: unknown, options: ProblemOptions = {}): HttpResponse => {
  try {
    return describe(error, options);
  } catch {
    return ofUnknown(undefined, options); // `expose` threw, or JSON cannot hold what it returned
  }
};

const describe = (error: unknown, options: ProblemOptions): HttpResponse => {
  const facts: Facts = typeof error === 'object' && error !== null ? read(error) : {};
  const own = statusOf(error);
  if (own === undefined) return ofUnknown(error, options);
  const { status, detail = textOf(facts.message) } = forRequest(own, facts, options);
  const code = typeof facts.code === 'string' ? facts.code : codeOf(status);
  return respond(status, { code, detail, ...extrasOf(facts, options) }, options, { ...etagHeader(facts.version), ...(status === 503 && AGAIN) });
};

/** Seconds. */
const AGAIN = { 'retry-after': '1' };

const CHANGED = 'The item has changed since the version that the request names. Read it again, decide again, and send the new ETag';
const UNCERTAIN = 'A response on the way to the table was lost, and others have changed the item since: whether the request was carried out in between is not known. Read it again';

/** The toolkit's own refusals name the item's key in their messages, which is for logs: clients get texts without it. */
const forRequest = (status: number, { code, uncertain }: Facts, options: ProblemOptions): { status: number; detail?: string } => {
  const { precondition: { kind } = { kind: 'none' }, method } = factsOf(options);
  const because = (detail: string): string => (uncertain === true ? UNCERTAIN : detail);
  switch (code) {
    case 'OPLOCK_CONFLICT': return { status, detail: because(CHANGED) };
    case 'ITEM_EXISTS': return { status: kind === 'ifNoneMatch' ? 412 : status, detail: because('There is such an item already') };
    case 'ITEM_MISSING': return { status: method === 'PUT' && (kind === 'ifMatch' || kind === 'both') ? 412 : status, detail: because('There is no such item') };
    default: return { status };
  }
};

const extrasOf = ({ current, uncertain, refusals }: Facts, { expose }: ProblemOptions): object => ({
  ...(uncertain === true && { uncertain }),
  ...(Array.isArray(refusals) && { refusals: (refusals as readonly Refusal[]).map(({ name, kind, version }) => ({ name, kind, ...etagHeader(version) })) }),
  ...(expose && typeof current === 'object' && current !== null && { current: expose(current as Item) }),
});

/** The message may hold anything, the text of a query or a secret: it is for the log only. */
const ofUnknown = (error: unknown, options: ProblemOptions): HttpResponse =>
  classifyError(error) === 'transient'
    ? respond(503, { code: 'UNAVAILABLE', detail: 'The request could not be carried out in time. Send it again' }, options, AGAIN)
    : respond(500, { code: 'INTERNAL', detail: 'The request failed, and the reason is not in the request' }, options);

const respond = (status: number, members: object, { instance, typePrefix }: ProblemOptions, headers: Readonly<Record<string, string>> = {}): HttpResponse => {
  const { code } = members as { code?: string };
  const type = typePrefix !== undefined && code !== undefined ? typePrefix + code.toLowerCase().replaceAll('_', '-') : 'about:blank';
  return {
    statusCode: status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers },
    body: toJson({ type, title: STATUS_CODES[status] ?? 'Error', status, ...members, instance }),
  };
};

const etagHeader = (version: unknown): Readonly<Record<string, string>> => {
  try {
    return typeof version === 'number' || typeof version === 'string' ? { etag: etagOf(version satisfies Version) } : {};
  } catch {
    return {}; // the version of some other error
  }
};

/** Of an error without a code of its own: `BAD_REQUEST`. Clients test codes. */
const codeOf = (status: number): string => (STATUS_CODES[status] ?? 'ERROR').toUpperCase().replace(/\W+/g, '_');

const textOf = (message: unknown): string | undefined => (typeof message === 'string' && message !== '' ? message : undefined);

const read = (error: Facts): Facts => {
  try {
    const { code, message, current, version, uncertain, refusals } = error;
    return { code, message, current, version, uncertain, refusals };
  } catch {
    return {};
  }
};
