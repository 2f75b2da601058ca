import { randomUUID } from 'node:crypto';
import type { Engine } from '../../../src/replay/engines/engine';
import { hashKey, apiKeys, type ApiKey } from '../../../src/locks/rest/authorizer';
import type { RestRequest, RestResponse } from '../../../src/locks/rest/http';
import { createLockService, type LockService } from '../../../src/locks/rest/lock-service';
import { contextOf, type LockServiceOptions } from '../../../src/locks/rest/options';
import { openApi } from '../../../src/locks/rest/openapi';
import type { Logger } from '../../../src/logger';
import type { Json } from '../json-schema';
import { compareWith, type Description } from './openapi';

export const SECRET = 'a secret of the tests, long enough to be one';

/** Their keys are their names with `-key` behind it. */
export const KEYS: readonly ApiKey[] = [
  { id: 'ada', sha256: hashKey('ada-key') },
  { id: 'bob', sha256: hashKey('bob-key') },
  { id: 'root', role: 'admin', sha256: hashKey('root-key') },
  { id: 'ci', prefixes: ['ci-', 'build:'], sha256: hashKey('ci-key') },
];

export const bearer = (who: string): Record<string, string> => ({ authorization: `Bearer ${who}-key` });

/** What was logged, as text. */
export const keptLog = (): Logger & { readonly lines: string[] } => {
  const lines: string[] = [];
  const add = (message: string, ...extra: object[]): void => { lines.push([message, ...extra.map((one) => JSON.stringify(one))].join(' ')); };
  return { lines, debug: add, warn: add, error: add };
};

/** A table for locks, with the key that Java gives it. */
export const lockTableOf = async (engine: Engine, sortKey: string | null = null): Promise<string> => {
  const name = `locks-${randomUUID()}`;
  await engine.createTable({ name, partitionKey: 'key', sortKey });
  return name;
};

export interface Sent {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly etag: string;
  readonly body: Json;
}

export interface Asked {
  readonly who?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly query?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly remainingMs?: () => number;
}

/** One node of a service, called without a network. */
export interface RestNode {
  readonly service: LockService;
  /** Where in the description its answers were: `PUT /locks/{name} 201`. */
  readonly produced: ReadonlySet<string>;
  /** Fails for an answer that is not as it is described. */
  send(method: string, path: string, asked?: Asked): Promise<Sent>;
  /** With an Idempotency-Key of its own, if none is given. */
  acquire(name: string, body?: Json, asked?: Omit<Asked, 'body'>): Promise<Sent>;
  renew(name: string, lockId: string, asked?: Asked): Promise<Sent>;
  release(name: string, lockId: string, asked?: Asked): Promise<Sent>;
}

export const sentOf = ({ statusCode, headers, body }: RestResponse): Sent => ({
  status: statusCode,
  headers,
  etag: headers['etag'] ?? '',
  body: body !== undefined && /json/.test(headers['content-type'] ?? '') ? JSON.parse(body) : body,
});

export const toRequest = (method: string, path: string, { who = 'ada', headers = {}, body, query = {}, signal, remainingMs }: Asked = {}): RestRequest => ({
  method,
  segments: path.split('/').slice(1).filter((segment) => segment !== '').map(decodeURIComponent),
  query,
  headers: { ...(who === '' ? {} : bearer(who)), ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
  ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  ...(signal ? { signal } : {}),
  ...(remainingMs ? { remainingMs } : {}),
});

export const restNode = (options: Pick<LockServiceOptions, 'client' | 'tableName'> & Partial<LockServiceOptions>): RestNode => {
  const all: LockServiceOptions = { authorizer: apiKeys(KEYS), secret: SECRET, logger: keptLog(), rateLimit: false, ...options };
  const service = createLockService(all);
  const description = openApi(contextOf(all)) as Description;
  const produced = new Set<string>();
  const send: RestNode['send'] = async (method, path, asked) => {
    const sent = sentOf(await service.handle(toRequest(method, path, asked)));
    const { place, wrong } = compareWith(description, method, path, sent);
    if (wrong.length > 0) throw new Error(wrong.join('\n'));
    if (place !== undefined) produced.add(place);
    return sent;
  };
  const path = (name: string): string => `/locks/${encodeURIComponent(name)}`;
  return {
    service,
    produced,
    send,
    acquire: (name, body = {}, { headers, ...asked } = {}) => send('PUT', path(name), { ...asked, body, headers: { 'idempotency-key': randomUUID(), ...headers } }),
    renew: (name, lockId, { headers, ...asked } = {}) => send('POST', `${path(name)}/renew`, { ...asked, headers: { 'lock-token': lockId, ...headers } }),
    release: (name, lockId, { headers, ...asked } = {}) => send('DELETE', path(name), { ...asked, headers: { 'lock-token': lockId, ...headers } }),
  };
};
