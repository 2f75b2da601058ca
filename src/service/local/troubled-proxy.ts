import { request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import { readBody, startLoopbackServer } from './loopback-server';

/** What may happen to a request on its way to a service: chances, each from 0 to 1. */
export interface Troubles {
  /** Executed, and the connection breaks before the answer is there. */
  readonly lostResponse?: number;
  /** Answered with 500; every other one has been executed all the same. */
  readonly serverError?: number;
  /** Refused by the service for now. */
  readonly throttle?: number;
}

export interface TroubledProxy {
  readonly endpoint: string;
  /** From now on. */
  trouble(troubles: Troubles): void;
  readonly counts: { requests: number; lost: number; errors: number; throttled: number };
  stop(): Promise<void>;
}

/**
 * Stands between the functions and a service such as DynamoDB Local, and is the network on a bad day: real clients see
 * real broken sockets. Listens on loopback only.
 */
export const startTroubledProxy = async (target: string, random: () => number = Math.random): Promise<TroubledProxy> => {
  const counts = { requests: 0, lost: 0, errors: 0, throttled: 0 };
  let troubles: Troubles = {};

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readBody(request);
    const { lostResponse = 0, serverError = 0, throttle = 0 } = troubles;
    counts.requests += 1;
    const roll = random();
    if (roll < lostResponse) {
      counts.lost += 1;
      await pass(target, request, body);
      request.socket.destroy();
    } else if (roll < lostResponse + serverError) {
      counts.errors += 1;
      if (counts.errors % 2 === 0) await pass(target, request, body);
      answer(response, 500, 'InternalServerError');
    } else if (roll < lostResponse + serverError + throttle) {
      counts.throttled += 1;
      answer(response, 400, 'ThrottlingException');
    } else {
      const { status, headers, content } = await pass(target, request, body);
      response.writeHead(status, headers).end(content);
    }
  };

  const { endpoint, stop } = await startLoopbackServer((request, response) => {
    serve(request, response).catch(() => request.socket.destroy());
  });
  return { endpoint, trouble: (next) => { troubles = next; }, counts, stop };
};

const pass = (target: string, { method, url, headers }: IncomingMessage, body: Buffer): Promise<{ status: number; headers: IncomingMessage['headers']; content: Buffer }> =>
  new Promise((resolve, reject) => {
    // The host is part of what the client signed; nobody here checks signatures, and the service needs its own name.
    const { host: _, ...rest } = headers;
    forward(new URL(url ?? '/', target), { method, headers: rest }, (answered) => {
      readBody(answered).then((content) => resolve({ status: answered.statusCode ?? 502, headers: answered.headers, content }), reject);
    }).once('error', reject).end(body);
  });

const answer = (response: ServerResponse, status: number, name: string): void => {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: 'injected' }));
};
