import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { apiKeys, createLockService, lockServiceHandler } from 'oplock-stream/locks';

// A real one has keys and secret from its environment; this one must load without.
const { LOCK_KEYS = [{ id: 'nobody', sha256: '0'.repeat(64) }], LOCK_SECRET = 'x'.repeat(32) } = process.env;

export const handler = lockServiceHandler(createLockService({
  client: DynamoDBDocumentClient.from(new DynamoDBClient({})),
  tableName: 'locks',
  authorizer: apiKeys(LOCK_KEYS),
  secret: LOCK_SECRET,
  exclusive: true,
}));
