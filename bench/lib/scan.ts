import { ScanCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { ThingRow } from './things';

export const scan = async (client: DynamoDBDocumentClient, table: string): Promise<readonly ThingRow[]> => {
  const rows: ThingRow[] = [];
  let from: Record<string, unknown> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await client.send(new ScanCommand({ TableName: table, ConsistentRead: true, ExclusiveStartKey: from }));
    rows.push(...Items);
    from = LastEvaluatedKey;
  } while (from);
  return rows;
};
