import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** The event of an HTTP API, payload format 2.0, as far as a function can tell from afar. */
export interface HttpApiEvent {
  readonly version: '2.0';
  readonly routeKey: string;
  /** Decoded: an HTTP API decodes it before anybody sees it. */
  readonly rawPath: string;
  /** As it was sent. */
  readonly rawQueryString: string;
  readonly cookies?: readonly string[];
  /** Lower-case names; several values are joined with commas. */
  readonly headers: Readonly<Record<string, string>>;
  /** Decoded; several values are joined with commas. */
  readonly queryStringParameters?: Readonly<Record<string, string>>;
  readonly pathParameters?: Readonly<Record<string, string>>;
  readonly requestContext: {
    readonly accountId: string;
    readonly apiId: string;
    readonly domainName: string;
    readonly domainPrefix: string;
    readonly http: { readonly method: string; readonly path: string; readonly protocol: string; readonly sourceIp: string; readonly userAgent: string };
    readonly requestId: string;
    readonly routeKey: string;
    readonly stage: '$default';
    readonly time: string;
    readonly timeEpoch: number;
  };
  readonly body?: string;
  readonly isBase64Encoded: boolean;
}

export interface Routed {
  readonly routeKey: string;
  readonly path: string;
  readonly query: string;
  readonly pathParameters: Readonly<Record<string, string>>;
}

/** @param now Epoch ms. */
export const toHttpApiEvent = (request: IncomingMessage, body: Buffer, { routeKey, path, query, pathParameters }: Routed, now: number): HttpApiEvent => {
  const { cookie, ...headers } = headersOf(request.rawHeaders);
  const host = headers['host'] ?? '127.0.0.1';
  const address = request.socket.remoteAddress ?? '127.0.0.1';
  const parameters = queryOf(query);
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: query,
    ...(cookie !== undefined && { cookies: cookie.split(/[;,]\s*/) }),
    headers: {
      ...headers,
      'content-length': String(body.length),
      'x-amzn-trace-id': `Root=1-${Math.floor(now / 1000).toString(16)}-${randomUUID().replaceAll('-', '').slice(0, 24)}`,
      'x-forwarded-for': address,
      'x-forwarded-port': String(request.socket.localPort ?? ''),
      'x-forwarded-proto': 'http',
    },
    ...(parameters && { queryStringParameters: parameters }),
    ...(Object.keys(pathParameters).length > 0 && { pathParameters }),
    requestContext: {
      accountId: '000000000000',
      apiId: 'local',
      domainName: host,
      domainPrefix: 'local',
      http: { method: request.method ?? 'GET', path, protocol: `HTTP/${request.httpVersion}`, sourceIp: address, userAgent: headers['user-agent'] ?? '' },
      requestId: randomUUID(),
      routeKey,
      stage: '$default',
      time: clfTime(now),
      timeEpoch: now,
    },
    ...bodyOf(body, headers['content-type']),
  };
};

/** From the headers as they were sent: Node drops or joins some of the repeated ones by its own rules. */
const headersOf = (raw: readonly string[]): Readonly<Record<string, string>> => {
  const headers = new Map<string, string>();
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] ?? '').toLowerCase();
    const before = headers.get(name);
    const value = raw[i + 1] ?? '';
    headers.set(name, before === undefined ? value : `${before},${value}`);
  }
  return Object.fromEntries(headers);
};

const queryOf = (query: string): Readonly<Record<string, string>> | undefined => {
  if (query === '') return undefined;
  const parameters = new URLSearchParams(query);
  return Object.fromEntries([...new Set(parameters.keys())].map((name) => [name, parameters.getAll(name).join(',')]));
};

/** These reach the function as text, everything else as base64: also a form, a vendor's `+json`, and a body without a type. */
const TEXT = /^(text\/[^;]*|application\/(json|xml|javascript))\s*(;|$)/i;

const bodyOf = (body: Buffer, contentType = ''): Pick<HttpApiEvent, 'body' | 'isBase64Encoded'> => {
  if (body.length === 0) return { isBase64Encoded: false };
  const text = TEXT.test(contentType);
  return { body: body.toString(text ? 'utf8' : 'base64'), isBase64Encoded: !text };
};

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** As in an access log: `21/Nov/2026:13:30:05 +0000`. */
const clfTime = (now: number): string => {
  const [date = '', time = ''] = new Date(now).toISOString().split('T');
  const [year, month, day] = date.split('-');
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${time.slice(0, 8)} +0000`;
};
