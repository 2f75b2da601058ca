import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createLockClient, LockLostError } from 'oplock-stream/locks';

/** A payment provider, as they all are: it can be asked twice under one key, and charges once. */
export interface Payments {
  charge(idempotencyKey: string): Promise<string>;
  refund(payment: string): Promise<void>;
}

const locks = createLockClient({
  client: DynamoDBDocumentClient.from(new DynamoDBClient({})),
  tableName: process.env['HOLDS_TABLE_NAME'] ?? 'holds',
  leaseMs: 120_000, // so long the customer has to pay
  heartbeatMs: false, // a Lambda function renews nothing between two requests
  exclusive: true, // no Java here: rows are kept, and number the holds
  trustClocks: { maxSkewMs: 2_000 }, // a hold that has run out is free at once, not after watching it for a lease
});

/** The text is the customer's hold: it goes into a cookie, not into a log. */
export const holdSeat = async (seat: string): Promise<{ readonly hold: string } | { readonly retryAfterMs: number }> => {
  const tried = await locks.tryAcquire(seat);
  return tried.acquired ? { hold: tried.lock.handle() } : { retryAfterMs: tried.retryAfterMs };
};

/** Two minutes more. Throws LockLostError when the hold has run out and somebody else has taken the seat. */
export const keepSeat = async (hold: string): Promise<void> => {
  await locks.resume(hold);
};

/** The ticket was not written, and will not be: the hold is somebody else's, or the seat is sold. */
const isRefused = (error: unknown): boolean => error instanceof LockLostError || (error instanceof Error && error.name === 'TransactionCanceledException');

export const buySeat = async (hold: string, customer: string, { charge, refund }: Payments): Promise<void> => {
  const lock = await locks.resume(hold);
  const payment = await charge(lock.acquisitionId);
  try {
    // However long the payment took: there is one ticket, and only for who has the hold at this moment.
    await lock.guard([{
      Put: {
        TableName: process.env['TICKETS_TABLE_NAME'] ?? 'tickets',
        Item: { pk: lock.key, customer, payment, hold: lock.fencingToken },
        ConditionExpression: 'attribute_not_exists(pk) OR payment = :payment',
        ExpressionAttributeValues: { ':payment': payment },
      },
    }]);
  } catch (error) {
    if (!isRefused(error)) throw error; // no answer: nobody knows, so the customer asks again, with the same hold
    await refund(payment);
    await lock.release({ bestEffort: true });
    throw error;
  }
  await lock.release({ bestEffort: true });
};
