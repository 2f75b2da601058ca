import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/**
 * The client used when none is given: a hung socket is given up after 3 s and not after the Lambda timeout, and
 * there are sockets for more requests than a sink has under way. Region and credentials come from the environment.
 */
export const defaultClient = (): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(
    new DynamoDBClient({ maxAttempts: 3, requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, httpsAgent: { maxSockets: 100 } } }),
    { marshallOptions: { removeUndefinedValues: true } },
  );
