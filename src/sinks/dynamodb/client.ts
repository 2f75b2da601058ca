import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

// More than is ever under way (16 requests, in batches up to 400 reads), because a request that waits for a socket spends
// its time on it; and about half the files that a Lambda function may have open.
const agent = { maxSockets: 500 };

/**
 * The client used when none is given: an answer is given up after 3 s and not after the Lambda timeout (the SDK alone
 * would only log it), and tried 3 times in all. Region and credentials come from the environment.
 */
export const defaultClient = (): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(
    new DynamoDBClient({
      maxAttempts: 3,
      requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true, httpAgent: agent, httpsAgent: agent },
    }),
    { marshallOptions: { removeUndefinedValues: true } },
  );
