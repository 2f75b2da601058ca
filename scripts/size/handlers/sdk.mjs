// Nothing of ours, for comparison: what anybody needs who writes to a table.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';

const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));

export const handler = ({ Key }) => client.send(new UpdateCommand({ TableName: 'things', Key }));
