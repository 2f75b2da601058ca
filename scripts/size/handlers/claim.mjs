import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createClaims } from 'oplock-stream/locks';

const claims = createClaims({ client: DynamoDBDocumentClient.from(new DynamoDBClient({})), tableName: 'locks' });

export const handler = ({ id, to }) => claims.once(`confirmation/${id}`, { ttlMs: 30_000 }, () => fetch('https://mail.example', { method: 'POST', body: to }));
