import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { apiKeys, createLockService, lockServiceHandler } from 'oplock-stream/locks';

const client = DynamoDBDocumentClient.from(
  new DynamoDBClient({ maxAttempts: 2, requestHandler: { connectionTimeout: 1000, requestTimeout: 2000, throwOnRequestTimeout: true } }),
  { marshallOptions: { removeUndefinedValues: true } },
);

/** Locks for whoever has a key, such as the jobs of the house. Without keys and secret it does not start. */
export const handler = lockServiceHandler(createLockService({
  client,
  tableName: process.env['LOCK_TABLE_NAME'] ?? '',
  authorizer: apiKeys(process.env['LOCK_KEYS']),
  secret: process.env['LOCK_SECRET'] ?? '',
  // The table is the service's own: rows are kept, with a fencing token, and collected some day.
  exclusive: true,
  ttl: { afterDays: 30 },
}));
