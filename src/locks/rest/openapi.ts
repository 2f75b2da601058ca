import type { RestContext } from './context';
import { MAX_WAIT_MS } from './input';
import { schemasOf, type Schema } from './openapi-schemas';

type Responses = Readonly<Record<string, Schema>>;

const header = (description: string): Schema => ({ description, schema: { type: 'string' } });
const HEADERS = {
  etag: header('The version of the lock'),
  location: header('Where the lock is found'),
  'retry-after': header('Whole seconds'),
  allow: header('The methods of this path'),
  'www-authenticate': header('Bearer'),
};

const headersOf = (names: readonly (keyof typeof HEADERS)[]): Schema => (names.length === 0 ? {} : { headers: Object.fromEntries(names.map((name) => [name, HEADERS[name]])) });

const answer = (description: string, schema: string, ...headers: (keyof typeof HEADERS)[]): Schema =>
  ({ description, ...headersOf(headers), content: { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } } });

const bare = (description: string, ...headers: (keyof typeof HEADERS)[]): Schema => ({ description, ...headersOf(headers) });

const problem = (description: string, ...headers: (keyof typeof HEADERS)[]): Schema =>
  ({ description, ...headersOf(headers), content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } });

/** What every request to a lock can end in. */
const COMMON: Responses = {
  400: problem('A name, header, query or body that cannot be read'),
  401: problem('No key, or an unknown one', 'www-authenticate'),
  429: problem('Too many requests of this key to this node', 'retry-after'),
  500: problem('The row of the lock is damaged, or the service is not set up: `LOCK_ROW_INVALID`, `INTERNAL`'),
  503: problem('The table did not answer in time. What was asked may have happened: send the same request again', 'retry-after'),
};
const FORBIDDEN = problem('The key is for names with another beginning, or not of an admin');
const LOST = problem('`LOCK_LOST`: not held by this Lock-Token any more. `VERSION_CHANGED`: held, and If-Match names another version', 'etag');
const NO_TOKEN = problem('The header Lock-Token is missing, or If-Match for another ttlMs');
const BODY: Responses = { 413: problem('The body is too large'), 415: problem('The body is not JSON') };

const parameter = (place: 'path' | 'query' | 'header', name: string, description: string, schema: Schema = { type: 'string' }): Schema =>
  ({ name, in: place, description, schema, ...(place === 'path' ? { required: true } : {}) });
const NAME = parameter('path', 'name', 'Of the lock. Locks are made with names of 1 to 256 of the characters A-Z a-z 0-9 . _ ~ : $ -', { type: 'string', minLength: 1 });
const TOKEN = parameter('header', 'Lock-Token', 'The lockId of the grant');

const body = (schema: string): Schema => ({ content: { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } } });

const PATHS = {
  '/': {
    get: { operationId: 'page', summary: 'A page with the locks that are held', security: [], responses: { 200: { description: 'HTML', content: { 'text/html': {} } } } },
  },
  '/openapi.json': {
    get: { operationId: 'description', summary: 'This description', security: [], responses: { 200: { description: 'OpenAPI 3.1', content: { 'application/json': {} } } } },
  },
  '/locks': {
    get: {
      operationId: 'list',
      summary: 'The locks that are held, as they were a moment ago',
      parameters: [
        parameter('query', 'limit', 'Most locks of one answer', { type: 'integer', minimum: 1, maximum: 1000, default: 100 }),
        parameter('query', 'after', 'The `next` of an earlier answer'),
      ],
      responses: { 200: answer('Some of them', 'LockList'), ...COMMON },
    },
  },
  '/locks/{name}': {
    parameters: [NAME],
    put: {
      operationId: 'acquire',
      summary: 'Acquire the lock',
      parameters: [parameter('header', 'Idempotency-Key', 'New for each acquisition, the same for each try. Required: without it, 400', { type: 'string', maxLength: 130 })],
      requestBody: body('Acquire'),
      responses: {
        201: answer('Granted', 'Grant', 'etag', 'location'),
        200: answer('Granted before to the same request; the lease begins anew', 'Grant', 'etag', 'location'),
        403: FORBIDDEN,
        409: problem('`KEY_CONFLICT`: the key was sent with another owner, ttlMs or data. `KEY_USED`: its lock has been released'),
        ...BODY,
        423: problem('Somebody holds it', 'retry-after'),
        ...COMMON,
      },
    },
    get: {
      operationId: 'read',
      summary: 'Who holds the lock; at once, or when that has changed',
      parameters: [
        parameter('query', 'etag', 'The version that is known, with or without its quotes. As good: If-None-Match'),
        parameter('query', 'wait', `How long to wait for another one, up to ${MAX_WAIT_MS / 1000}s: \`25s\`, \`500ms\``),
      ],
      responses: { 200: answer('Held', 'Lock', 'etag'), 304: bare('Still that version', 'etag', 'retry-after'), 403: FORBIDDEN, 404: problem('Nobody holds it'), ...COMMON },
    },
    delete: {
      operationId: 'release',
      summary: 'Give the lock back',
      parameters: [TOKEN],
      responses: { 204: bare('Released, now or before'), 403: FORBIDDEN, 412: LOST, 428: NO_TOKEN, ...COMMON },
    },
  },
  '/locks/{name}/renew': {
    parameters: [NAME],
    post: {
      operationId: 'renew',
      summary: 'Begin the lease anew. Send it again when no answer came',
      parameters: [TOKEN, parameter('header', 'If-Match', 'Only if the lock has this version')],
      requestBody: body('Renew'),
      responses: { 200: answer('Renewed', 'Grant', 'etag'), 403: FORBIDDEN, 404: problem('There is no such lock: released, deleted, or never there'), 412: LOST, ...BODY, 428: NO_TOKEN, ...COMMON },
    },
  },
  '/locks/{name}/break': {
    parameters: [NAME],
    post: {
      operationId: 'break',
      summary: 'Take the lock away from its holder, as an admin: it is free when the lease is over',
      responses: { 202: answer('Nobody can renew it any more', 'Breaking', 'retry-after'), 403: FORBIDDEN, 404: problem('Nobody holds it'), ...COMMON },
    },
  },
};

/** The description of the service, as served at `/openapi.json`. Every status is produced by a test, and every answer checked against it. */
export const openApi = (context: RestContext): object => ({
  openapi: '3.1.0',
  info: {
    title: 'Locks',
    version: '1.0.0',
    description: 'Lease locks over HTTP. The client is the holder: it counts the lease from before its request, renews it, and gives it back. Times are in ms.',
  },
  servers: [{ url: '.' }],
  security: [{ key: [] }],
  paths: PATHS,
  components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } }, schemas: schemasOf(context) },
});
