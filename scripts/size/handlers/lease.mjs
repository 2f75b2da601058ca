import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createLockClient } from 'oplock-stream/locks';

const locks = createLockClient({ client: DynamoDBDocumentClient.from(new DynamoDBClient({})), tableName: 'locks' });

export const handler = () => locks.withLock('rebuild-index', ({ signal }) => fetch('https://search.example/rebuild', { method: 'POST', signal }));
