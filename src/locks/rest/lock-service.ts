import { describeError } from '../../error-text';
import { acquire } from './acquire';
import { mayUse, isPrincipalId, type Principal } from './authorizer';
import { breakLock } from './break';
import type { RestContext } from './context';
import type { RestHandler, RestRequest, RestResponse } from './http';
import { json } from './http';
import { anyName, newName } from './input';
import { list } from './list';
import { look } from './look';
import { openApi } from './openapi';
import { contextOf, type LockServiceOptions } from './options';
import { page } from './page';
import { problem, RestRefusal } from './problem';
import { createLimiter, type Limiter } from './rate-limit';
import { release, renew } from './renew';

/** Answers requests, whoever received them: `lambdaHandler`, `startLockServer`, or a framework of your own. Never rejects. */
export interface LockService {
  readonly handle: RestHandler;
}

/** What a path takes, by method. */
type Methods = Readonly<Record<string, Operation>>;

interface Operation {
  /** Nobody has to say who they are: what is told is the same for all. */
  readonly open?: boolean;
  readonly run: (context: RestContext, request: RestRequest, principal: Principal, name: string) => RestResponse | Promise<RestResponse>;
}

const ROOT: Methods = { GET: { open: true, run: () => page() } };
const OPENAPI: Methods = { GET: { open: true, run: (context) => json(200, openApi(context)) } };
const LOCKS: Methods = { GET: { run: list } };
const ONE: Methods = {
  PUT: { run: acquire },
  GET: { run: (context, request, _principal, name) => look(context, request, name) },
  DELETE: { run: release },
};
const RENEW: Methods = { POST: { run: renew } };
const BREAK: Methods = { POST: { run: (context, _request, principal, name) => breakLock(context, principal, name) } };

const methodsOf = ([first, name, action, ...rest]: readonly string[]): Methods | undefined => {
  if (rest.length > 0) return undefined;
  if (first === undefined) return ROOT;
  if (name === undefined) return first === 'openapi.json' ? OPENAPI : first === 'locks' ? LOCKS : undefined;
  if (first !== 'locks') return undefined;
  return action === undefined ? ONE : action === 'renew' ? RENEW : action === 'break' ? BREAK : undefined;
};

/**
 * A lock service over HTTP on a lock table. The client is the holder: it counts its lease from before its request, renews
 * it, and gives it back; the service never does that for it. Any number of nodes may run on one table.
 *
 * Throws `INVALID_OPTION`, also without an authorizer: there are no anonymous locks.
 */
export const createLockService = (options: LockServiceOptions): LockService => {
  const context = contextOf(options);
  const limiter = createLimiter(options.rateLimit ?? { perSecond: 20 }, context.clock);
  return {
    handle: async (request) => {
      const answer = await answerTo(context, options, limiter, request);
      if (request.method !== 'HEAD') return answer;
      const { body: _, ...head } = answer;
      return head;
    },
  };
};

const answerTo = async (context: RestContext, options: LockServiceOptions, limiter: Limiter, request: RestRequest): Promise<RestResponse> => {
  try {
    return await route(context, options, limiter, request);
  } catch (error) {
    if (error instanceof RestRefusal) return problem(error.code, error.message, error.facts);
    context.logger.error('oplock-stream: a request to the lock service failed', { method: request.method, error: describeError(error) });
    return problem('INTERNAL', 'the request failed, and the reason is not in the request');
  }
};

const route = async (context: RestContext, { authorizer }: LockServiceOptions, limiter: Limiter, request: RestRequest): Promise<RestResponse> => {
  const methods = methodsOf(request.segments);
  if (!methods) throw new RestRefusal('NOT_FOUND', 'there is nothing at this path: GET /openapi.json tells what there is');
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const operation = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (!operation) {
    const allow = Object.keys(methods).flatMap((one) => (one === 'GET' ? ['GET', 'HEAD'] : one)).join(', ');
    throw new RestRefusal('METHOD_NOT_ALLOWED', `this path takes ${allow}`, { headers: { allow } });
  }
  if (operation.open) return operation.run(context, request, { id: 'nobody' }, '');

  const principal = await authorizer(request);
  if ('refused' in principal) throw refusalOf(principal.refused, principal.detail);
  if (!isPrincipalId(principal.id)) throw new Error('the authorizer gave a principal with an id that is not 1 to 64 of the characters A-Z a-z 0-9 . _ ~ -');
  const waitMs = limiter(principal.id);
  if (waitMs > 0) throw new RestRefusal('RATE_LIMITED', 'this key sends too many requests to this node', { retryAfterMs: waitMs });
  const [, given = ''] = request.segments;
  const name = request.segments.length === 1 ? '' : operation.run === acquire ? newName(given) : anyName(given);
  if (name !== '' && !mayUse(principal, name)) throw new RestRefusal('FORBIDDEN', 'this key is for names with another beginning');
  return operation.run(context, request, principal, name);
};

const refusalOf = (status: 401 | 403, detail: string | undefined): RestRefusal =>
  (status === 401
    ? new RestRefusal('UNAUTHORIZED', detail ?? 'say who you are', { headers: { 'www-authenticate': 'Bearer' } })
    : new RestRefusal('FORBIDDEN', detail ?? 'you may not do this'));
