import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { FaultPublisher } from 'oplock-stream';

/** SQS takes 1 MiB; what is larger goes without its record, which the stream still has under the fault's id. */
const MAX_BYTES = 1_000_000;

/** Sets faults aside in the queue FAULT_QUEUE_URL. Without one, a record that cannot be handled is reported to Lambda. */
export const faultQueue = (): { readonly publishFault?: FaultPublisher } => {
  const { FAULT_QUEUE_URL: queue } = process.env;
  if (!queue) return {};
  const client = new SQSClient({ maxAttempts: 3 });
  return {
    publishFault: async (fault) => {
      const body = JSON.stringify(fault);
      await client.send(new SendMessageCommand({
        QueueUrl: queue,
        MessageBody: Buffer.byteLength(body) <= MAX_BYTES ? body : JSON.stringify({ ...fault, uow: { pipeline: fault.uow.pipeline, record: 'too large for the queue' } }),
      }));
    },
  };
};
