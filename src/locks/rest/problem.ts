import { STATUS_CODES } from 'node:http';
import { OplockStreamError } from '../../errors';
import { etagOf, retryAfter, type RestResponse } from './http';
import type { ProblemCode, RestProblem } from './types';

/** The status of each problem: a program tests the code, a proxy the status. */
const STATUS: Readonly<Record<ProblemCode, number>> = {
  INVALID_NAME: 400, INVALID_BODY: 400, INVALID_QUERY: 400, INVALID_HEADER: 400, IDEMPOTENCY_KEY_REQUIRED: 400,
  UNAUTHORIZED: 401, FORBIDDEN: 403, ADMIN_ONLY: 403,
  NOT_FOUND: 404, LOCK_FREE: 404, METHOD_NOT_ALLOWED: 405,
  KEY_CONFLICT: 409, KEY_USED: 409,
  LOCK_LOST: 412, VERSION_CHANGED: 412,
  BODY_TOO_LARGE: 413, UNSUPPORTED_MEDIA_TYPE: 415,
  LOCK_HELD: 423, LOCK_TOKEN_REQUIRED: 428, IF_MATCH_REQUIRED: 428, RATE_LIMITED: 429,
  LOCK_ROW_INVALID: 500, INTERNAL: 500, UNAVAILABLE: 503,
};

export const statusOf = (code: ProblemCode): number => STATUS[code];

export const PROBLEM_CODES = Object.keys(STATUS) as readonly ProblemCode[];

/** More that a problem tells. `version` and `headers` become headers. */
export interface ProblemFacts extends Partial<Pick<RestProblem, 'retryAfterMs' | 'holder' | 'observation' | 'reason'>> {
  readonly version?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that ends here, thrown by whatever reads it. `message` is shown to the client. */
export class RestRefusal extends OplockStreamError {
  override readonly name: string = 'RestRefusal';
  readonly facts: ProblemFacts;
  constructor(override readonly code: ProblemCode, message: string, facts: ProblemFacts = {}) {
    super(code, message);
    this.facts = facts;
  }
}

export const problem = (code: ProblemCode, detail: string, { version, headers = {}, ...facts }: ProblemFacts = {}): RestResponse => {
  const status = STATUS[code];
  const body: RestProblem = { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, code, detail, ...facts };
  return {
    statusCode: status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...(facts.retryAfterMs === undefined ? {} : retryAfter(facts.retryAfterMs)),
      ...(version === undefined ? {} : { etag: etagOf(version) }),
      ...headers,
    },
    body: JSON.stringify(body),
  };
};
