import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createSharedObjects } from 'oplock-stream/locks';

const objects = createSharedObjects({
  client: DynamoDBDocumentClient.from(new DynamoDBClient({})),
  tableName: 'locks',
  defaults: { timeoutMs: 3_600_000, leaseMs: 10_000 },
});

export const handler = ({ day }) => objects.compute(`prices/${day}`, async ({ signal }) => (await fetch(`https://prices.example/${day}`, { signal })).json());
