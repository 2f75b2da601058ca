import { setMaxListeners } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { anySignal } from '../any-signal';
import type { RestRequest, RestResponse } from './http';
import type { LockService } from './lock-service';
import { problem } from './problem';

export interface LockServerOptions {
  /** Default 0: any free one. */
  readonly port?: number;
  /** Default `127.0.0.1`: keys must not travel in the clear, so what is beyond this machine goes through a proxy that speaks TLS. */
  readonly host?: string;
}

export interface LockServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly port: number;
  /** Takes no more requests, ends those that wait, and closes. */
  close(): Promise<void>;
}

/** More than any body of the service; the rest of a larger one is not kept. */
const MAX_BODY_BYTES = 1_048_576;

/** The service on a server of its own. Rejects where the port is taken. */
export const startLockServer = async (service: LockService, { port = 0, host = '127.0.0.1' }: LockServerOptions = {}): Promise<LockServer> => {
  const closing = new AbortController();
  setMaxListeners(0, closing.signal); // one for each request under way
  const idle = new Set<Socket>();
  const server = createServer((request, response) => {
    const { socket } = request;
    idle.delete(socket);
    response.once('close', () => {
      if (closing.signal.aborted) socket.destroy();
      else if (!socket.destroyed) idle.add(socket);
    });
    answer(service, request, response, closing.signal).catch(() => response.destroy());
  });
  server.on('connection', (socket) => {
    idle.add(socket);
    socket.once('close', () => idle.delete(socket));
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  let closed: Promise<void> | undefined;
  const { port: found, address, family } = server.address() as AddressInfo;
  return {
    port: found,
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${found}`,
    close: () => closed ??= new Promise((resolve, reject) => {
      closing.abort();
      server.close((error) => (error ? reject(error) : resolve()));
      for (const socket of idle) socket.destroy();
    }),
  };
};

const answer = async (service: LockService, message: IncomingMessage, response: ServerResponse, closing: AbortSignal): Promise<void> => {
  const gone = new AbortController();
  // Nobody listens any more: a wait for a lock would only hold a place, and perhaps the lock.
  response.once('close', () => gone.abort());
  const body = await read(message);
  const { signal, end } = anySignal(gone.signal, closing);
  try {
    const request = toRequest(message, body, signal);
    write(response, request ? await service.handle(request) : BAD_PATH);
  } finally {
    end();
  }
};

const BAD_PATH = problem('INVALID_QUERY', 'the path cannot be decoded');

const read = async (message: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    // One byte too many is kept, so that the service sees that it is.
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
    size += chunk.length;
  }
  return Buffer.concat(chunks).toString('utf8');
};

const toRequest = (message: IncomingMessage, body: string, signal: AbortSignal): RestRequest | undefined => {
  try {
    const { pathname, searchParams } = new URL(message.url ?? '/', 'http://service');
    const segments = pathname.split('/').slice(1).map(decodeURIComponent);
    return {
      method: message.method ?? 'GET',
      segments: segments.at(-1) === '' ? segments.slice(0, -1) : segments,
      query: Object.fromEntries(searchParams),
      headers: Object.fromEntries(Object.entries(message.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value])),
      body,
      signal,
      raw: message,
    };
  } catch {
    return undefined;
  }
};

const write = (response: ServerResponse, { statusCode, headers, body }: RestResponse): void => {
  if (response.destroyed) return;
  const bodiless = body === undefined;
  response.writeHead(statusCode, bodiless ? headers : { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
};
