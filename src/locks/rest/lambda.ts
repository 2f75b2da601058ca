import type { APIGatewayProxyEvent, APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { decodeBase64 } from '../../base64';
import { OplockStreamError } from '../../errors';
import type { RestRequest, RestResponse } from './http';
import type { LockService } from './lock-service';

/** An event of API Gateway: of an HTTP API (payload format 2.0, also a function URL), or of a REST API. */
export type GatewayEvent = APIGatewayProxyEventV2 | APIGatewayProxyEvent;

export type GatewayHandler = (event: GatewayEvent, context: Context) => Promise<RestResponse>;

/** A Lambda handler. A wait ends in time for the answer, whatever the client has asked for. */
export const lockServiceHandler = (service: LockService): GatewayHandler => async (event, context) => {
  const request = toRequest(event);
  return service.handle({
    ...request,
    raw: event,
    ...(typeof context?.getRemainingTimeInMillis === 'function' ? { remainingMs: () => Math.min(context.getRemainingTimeInMillis(), GATEWAY_MS) } : {}),
  });
};

/** API Gateway waits for no longer, however long the function may run. */
const GATEWAY_MS = 29_000;

const toRequest = (event: GatewayEvent): RestRequest => {
  if ('rawPath' in event) {
    const { stage, http: { method } } = event.requestContext;
    return { method, ...placeOf(event.rawPath, stage), query: event.queryStringParameters ?? {}, headers: lower(event.headers), body: bodyOf(event.body, event.isBase64Encoded) };
  }
  if (typeof event?.httpMethod !== 'string') throw new OplockStreamError('WRONG_EVENT', 'this is no event of API Gateway: neither of an HTTP API (payload format 2.0) nor of a REST API');
  // A REST API's path has no stage; its address has.
  const { requestContext: { stage, path = event.path } } = event;
  return {
    method: event.httpMethod,
    ...placeOf(event.path, undefined),
    ...(path.startsWith(`/${stage}/`) ? { basePath: `/${stage}` } : {}),
    query: withoutNulls(event.queryStringParameters),
    headers: lower(event.headers),
    body: bodyOf(event.body ?? undefined, event.isBase64Encoded),
  };
};

/** Both decode the path before anybody sees it. A stage other than the default one is the first segment. */
const placeOf = (path: string, stage: string | undefined): Pick<RestRequest, 'segments' | 'basePath'> => {
  const prefix = stage === undefined || stage === '$default' ? '' : `/${stage}`;
  const rest = path === prefix || path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : path;
  const segments = rest.split('/').slice(1);
  return { segments: segments.at(-1) === '' ? segments.slice(0, -1) : segments, ...(prefix !== '' && rest !== path ? { basePath: prefix } : {}) };
};

const bodyOf = (body: string | undefined, encoded: boolean): string | undefined => (body !== undefined && encoded ? (decodeBase64(body)?.toString('utf8') ?? body) : body);

const lower = (headers: Readonly<Record<string, string | undefined>> | null): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));

const withoutNulls = (query: Readonly<Record<string, string | undefined>> | null): Readonly<Record<string, string | undefined>> => query ?? {};
