import { randomUUID } from 'node:crypto';
import type { DynamoDBServiceException } from '@aws-sdk/client-dynamodb';

/** Of an answer that came at the first attempt. */
export const metadata = (httpStatusCode: number): DynamoDBServiceException['$metadata'] => ({ httpStatusCode, requestId: randomUUID(), attempts: 1, totalRetryDelay: 0 });
