// A DynamoDB that answers after 5 ms, in a process of its own: `node stub.js`. Prints its port.
// The table is real (the in-memory engine), so that what the sides leave in it can be compared.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { memoryEngine } from 'oplock-stream/replay';

const LATENCY_MS = 5;

interface Response { readonly response: { readonly statusCode: number; readonly headers: Record<string, string>; readonly body: Uint8Array } }
type Handler = { handle(request: object): Promise<Response> };

const engine = memoryEngine();
const handler = engine.connection.requestHandler as unknown as Handler;
const counts = { requests: 0, writes: 0 };

/** Requests that write, and the writes that they ask for: each of these costs write units, whether its condition holds or not. */
const count = (target: string, body: string): void => {
  if (/UpdateItem$|PutItem$/.test(target)) counts.writes += 1;
  else if (/BatchExecuteStatement$/.test(target)) counts.writes += (JSON.parse(body) as { Statements: readonly unknown[] }).Statements.length;
  else return;
  counts.requests += 1;
};

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  const arrived = performance.now();
  request.on('data', (chunk: Buffer) => { chunks.push(chunk); });
  request.on('end', () => {
    if (request.url === '/counts') {
      response.end(JSON.stringify(counts));
      return;
    }
    const body = Buffer.concat(chunks).toString();
    const target = String(request.headers['x-amz-target']);
    count(target, body);
    void handler.handle({ headers: { 'x-amz-target': target }, body }).then(({ response: answer }) => {
      setTimeout(() => {
        response.writeHead(answer.statusCode, { ...answer.headers, 'content-length': answer.body.byteLength });
        response.end(answer.body);
      }, Math.max(0, LATENCY_MS - (performance.now() - arrived)));
    });
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('disconnect', () => process.exit());
