import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { isOplockStreamError, OplockStreamError } from '../../errors';
import { own } from '../../found';
import { isError } from '../../faults/is-error';
import { consoleLogger, safeLogger, type Logger } from '../../logger';
import { toRequest, type HttpRequest } from './http-request';
import { toJson } from './json';
import { problemOf, type ProblemOptions } from './problem';
import { withoutBody, type HttpResponse } from './response';
import { createRouter, type Match, type Target } from './routes';
import { createTimeLimit, type TimeLimit } from './time-limit';

/** A response as API Gateway takes it. */
export interface RouteResponse {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly cookies?: string[];
  readonly isBase64Encoded?: boolean;
}

/** Returns a response (an object with a `statusCode`), any other object to send as JSON with 200, `undefined` for 204. */
export type Route = (request: HttpRequest) => Promise<object | undefined | void> | object | undefined | void;

export interface HttpApiOptions extends Pick<ProblemOptions, 'expose' | 'typePrefix'> {
  /** Gets what ended in 500 and 503. Default: the console. */
  readonly logger?: Logger;
  /** Default 262144. */
  readonly maxBodyBytes?: number;
  /** Whether `precondition()` refuses requests without one; GET, HEAD and OPTIONS never need one. Default `true`. */
  readonly requirePrecondition?: boolean;
}

export type HttpApiHandler = (event: APIGatewayProxyEventV2, context: Context) => Promise<RouteResponse>;

/**
 * A Lambda handler for API Gateway's HTTP API (payload format 2.0) and function URLs: `httpApi({ 'PUT /seats/{id}': … })`.
 * What a route throws becomes a problem, see {@link problemOf}; the handler itself never throws. A route key that is
 * none does, when the handler is made: `INVALID_OPTION`.
 */
export const httpApi = (routes: Readonly<Record<string, Route>>, options: HttpApiOptions = {}): HttpApiHandler => {
  const find = createRouter(routes);
  const logger = safeLogger(options.logger ?? consoleLogger);
  return async (event, context) => {
    const limit = createTimeLimit(context);
    try {
      return forMethod(event, toResponse(await Promise.race([run(find, event, context, limit, options), limit.over])));
    } catch (error) {
      return forMethod(event, refuse(error, event, options, logger));
    } finally {
      limit.close();
    }
  };
};

/** Asynchronous, so that whatever a route throws at once is a rejection like any other. */
const run = async (find: (target: Target) => Match<Route>, event: APIGatewayProxyEventV2, context: Context, { signal }: TimeLimit, options: HttpApiOptions): Promise<unknown> => {
  const { route, params } = find(targetOf(event));
  const { maxBodyBytes = 262_144, requirePrecondition = true } = options;
  return route(toRequest({ event, context, params, signal, maxBodyBytes, requirePrecondition }));
};

/** A stage other than the default one is the first segment of the path. */
const targetOf = ({ routeKey, rawPath, pathParameters, requestContext }: APIGatewayProxyEventV2): Target => {
  if (!requestContext?.http) throw new OplockStreamError('WRONG_EVENT', "this is no event of API Gateway's payload format 2.0. Set `payloadFormatVersion: '2.0'` on the integration");
  const prefix = `/${requestContext.stage}`;
  const path = rawPath === prefix || rawPath.startsWith(`${prefix}/`) ? rawPath.slice(prefix.length) || '/' : rawPath;
  return { routeKey, method: requestContext.http.method, path, params: pathParameters };
};

const toResponse = (returned: unknown): RouteResponse => {
  if (returned === undefined || returned === null) return { statusCode: 204, headers: {} };
  if (typeof own(returned, 'statusCode') === 'number') return returned as RouteResponse;
  return { statusCode: 200, headers: { 'content-type': 'application/json', 'cache-control': 'no-cache' }, body: toJson(returned) };
};

const forMethod = (event: APIGatewayProxyEventV2, response: RouteResponse): RouteResponse => (methodOf(event) === 'HEAD' ? withoutBody(response) : response);

const refuse = (error: unknown, event: APIGatewayProxyEventV2, { expose, typePrefix }: HttpApiOptions, logger: Logger): HttpResponse => {
  const response = problemOf(error, { request: { method: methodOf(event), headers: event?.headers }, instance: event?.rawPath, typePrefix, ...(expose && { expose }) });
  if (response.statusCode >= 500) {
    logger.error('oplock-stream: a request failed', {
      statusCode: response.statusCode, route: event?.routeKey, requestId: event?.requestContext?.requestId, error: textOf(error),
    });
  }
  const allow = isOplockStreamError(error) ? error.details['allow'] : undefined;
  return typeof allow === 'string' ? { ...response, headers: { ...response.headers, allow } } : response;
};

const textOf = (error: unknown): string => {
  try {
    return isError(error) ? `${error.name}: ${error.message}` : typeof error;
  } catch {
    return 'an error that cannot be read';
  }
};

const methodOf = (event: APIGatewayProxyEventV2): string | undefined => event?.requestContext?.http?.method;
