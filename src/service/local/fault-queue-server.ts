import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FaultQueueServer {
  /** For AWS_ENDPOINT_URL_SQS. */
  readonly endpoint: string;
  /** For FAULT_QUEUE_URL. */
  readonly queueUrl: string;
  readonly messages: readonly string[];
  stop(): Promise<void>;
}

/** Just enough of SQS to take messages: what the functions set aside is kept in memory, and told. Loopback only. */
export const startFaultQueue = async (onMessage: (body: string) => void = () => {}): Promise<FaultQueueServer> => {
  const messages: string[] = [];
  const server = createServer((request, response) => {
    read(request).then(
      (text) => {
        if (request.headers['x-amz-target'] !== 'AmazonSQS.SendMessage') {
          response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify({ __type: 'UnsupportedOperation', message: 'this queue only takes messages' }));
          return;
        }
        const { MessageBody: body } = JSON.parse(text) as { MessageBody: string };
        messages.push(body);
        onMessage(body);
        // The client compares the checksum with what it sent.
        const MD5OfMessageBody = createHash('md5').update(body).digest('hex');
        response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify({ MessageId: randomUUID(), MD5OfMessageBody }));
      },
      () => request.socket.destroy(),
    );
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    endpoint,
    queueUrl: `${endpoint}/000000000000/faults`,
    messages,
    stop: () => new Promise((resolve, reject) => {
      server.close((error) => (error ? reject(error) : resolve()));
      server.closeAllConnections();
    }),
  };
};

const read = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
};
