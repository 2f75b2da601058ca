import { createHash, randomUUID } from 'node:crypto';
import { readBody, startLoopbackServer } from './loopback-server';

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
  const { endpoint, stop } = await startLoopbackServer((request, response) => {
    readBody(request).then(
      (body) => {
        if (request.headers['x-amz-target'] !== 'AmazonSQS.SendMessage') {
          response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify({ __type: 'UnsupportedOperation', message: 'this queue only takes messages' }));
          return;
        }
        const { MessageBody: message } = JSON.parse(body.toString('utf8')) as { MessageBody: string };
        messages.push(message);
        onMessage(message);
        // The client compares the checksum with what it sent.
        const MD5OfMessageBody = createHash('md5').update(message).digest('hex');
        response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify({ MessageId: randomUUID(), MD5OfMessageBody }));
      },
      () => request.socket.destroy(),
    );
  });
  return { endpoint, queueUrl: `${endpoint}/000000000000/faults`, messages, stop };
};
