import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { OplockStreamError } from 'oplock-stream';
import { toHttpApiEvent, type HttpApiEvent } from './http-event';
import { gatewayAnswer, INTERNAL_ERROR, toWireResponse, type WireResponse } from './http-response';
import { createRouter, type Router } from './routes';

/** Answers an event; what it resolves to is a response of payload format 2.0. A rejection is a 500. */
export type Integration = (event: HttpApiEvent) => Promise<unknown>;

export interface GatewayOptions {
  /** By route key: `PUT /seats/{id}`, `$default`. */
  readonly routes: Readonly<Record<string, Integration>>;
  /** Default: a free one. */
  readonly port?: number;
  /** Epoch ms. Default `Date.now`. */
  readonly now?: () => number;
}

/** An HTTP API on this machine, on the loopback interface and nowhere else. */
export interface Gateway {
  readonly port: number;
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Takes no more requests, lets those that were received whole end, and closes. */
  stop(): Promise<void>;
}

/** API Gateway's limit of a request. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;

/**
 * Starts a server that answers like an API Gateway HTTP API: events of payload format 2.0, its 404, 413 and 500.
 * Authorizers, CORS and throttling are not played: whoever reaches it may call it. Errors: `PORT_IN_USE`,
 * `INVALID_ROUTE`.
 */
export const startGateway = async ({ routes, port = 0, now = Date.now }: GatewayOptions): Promise<Gateway> => {
  const route = createRouter(routes);
  const connections = new Set<Socket>();
  const busy = new Set<Socket>();
  const server = createServer((request, response) => {
    const { socket } = request;
    response.once('close', () => busy.delete(socket));
    answer(request, route, now, () => busy.add(socket))
      // A request that broke off has nobody to answer to.
      .catch(() => INTERNAL_ERROR)
      .then((wire) => write(response, { wire, method: request.method, last: !server.listening }))
      .catch(() => response.destroy());
  });
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  await listen(server, port);
  const { port: found } = server.address() as AddressInfo;
  return {
    port: found,
    url: `http://127.0.0.1:${found}`,
    stop: () => new Promise((resolve, reject) => {
      server.close((error) => (error ? reject(error) : resolve()));
      // Browsers open connections that they never use, and Node waits for them.
      for (const socket of connections) if (!busy.has(socket)) socket.destroy();
    }),
  };
};

const answer = async (request: IncomingMessage, route: Router<Integration>, now: () => number, onReceived: () => void): Promise<WireResponse> => {
  const url = request.url ?? '/';
  const mark = url.indexOf('?');
  const [path, query] = mark < 0 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)];
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return gatewayAnswer(400, 'Bad Request');
  }
  const match = route(request.method ?? 'GET', path);
  if (!match) {
    request.resume();
    return gatewayAnswer(404, 'Not Found');
  }
  const body = await read(request);
  if (!body) return gatewayAnswer(413, 'Request Entity Too Large');
  onReceived();
  const event = toHttpApiEvent(request, body, { ...match, path: decoded, query }, now());
  try {
    return toWireResponse(await match.target(event));
  } catch {
    // The function has said why, in its log. The caller is not told.
    return INTERNAL_ERROR;
  }
};

/** `undefined` when there is too much of it; the rest is read and thrown away, so that the answer is heard. */
const read = async (request: IncomingMessage): Promise<Buffer | undefined> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
    else chunks.length = 0;
  }
  return size > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks);
};

interface Outgoing {
  readonly wire: WireResponse;
  readonly method: string | undefined;
  /** The server is closing: a connection kept alive would hold it. */
  readonly last: boolean;
}

const write = (response: ServerResponse, { wire: { statusCode, headers, body }, method, last }: Outgoing): void => {
  response.statusCode = statusCode;
  if (last) response.setHeader('connection', 'close');
  for (const [name, value] of headers) response.appendHeader(name, value);
  const bodiless = method === 'HEAD' || statusCode === 204 || statusCode === 304;
  if (!bodiless) response.setHeader('content-length', body.length);
  response.end(bodiless ? undefined : body);
};

const listen = (server: Server, port: number): Promise<void> => new Promise((resolve, reject) => {
  server.once('error', (error: NodeJS.ErrnoException) => reject(error.code === 'EADDRINUSE'
    ? new OplockStreamError('PORT_IN_USE', `Something listens on port ${port} already: choose another one.`, { cause: error })
    : error));
  server.listen(port, '127.0.0.1', resolve);
});
