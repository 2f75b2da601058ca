import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { FaultPublisher } from 'oplock-stream';

/** SQS takes 1 MiB; of what is larger only the place goes, where the stream has it until its retention ends. */
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
        MessageBody: Buffer.byteLength(body) <= MAX_BYTES ? body : JSON.stringify({ ...fault, uow: { pipeline: fault.uow.pipeline, record: placeOf(fault.uow.record) } }),
      }));
    },
  };
};

const placeOf = (record: unknown): Readonly<Record<string, unknown>> => {
  const { eventID, eventSourceARN, kinesis, dynamodb } = (record ?? {}) as {
    eventID?: unknown; eventSourceARN?: unknown; kinesis?: { sequenceNumber?: unknown }; dynamodb?: { SequenceNumber?: unknown };
  };
  return { eventID, eventSourceARN, sequenceNumber: kinesis?.sequenceNumber ?? dynamodb?.SequenceNumber };
};
