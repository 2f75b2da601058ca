import { DeleteCommand, paginateScan, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** Rows that no event of the epoch has touched; with `remove`, they are taken away, unless one touches them now. */
export const leftovers = async (client: DynamoDBDocumentClient, TableName: string, epoch: number, keyOf: (item: Record<string, unknown>) => Record<string, unknown>, remove = false) => {
  const older = {
    ExpressionAttributeNames: { '#epoch': 'oplockEpoch' }, // what `oplock.epochAttribute` says
    ExpressionAttributeValues: { ':epoch': epoch },
  };
  const condition = 'attribute_not_exists(#epoch) OR #epoch < :epoch';
  const found: Record<string, unknown>[] = [];
  for await (const { Items = [] } of paginateScan({ client }, { TableName, ConsistentRead: true, FilterExpression: condition, ...older })) {
    for (const item of Items) {
      found.push(item);
      if (!remove) continue;
      await client.send(new DeleteCommand({ TableName, Key: keyOf(item), ConditionExpression: condition, ...older })).catch((error: Error) => {
        if (error.name !== 'ConditionalCheckFailedException') throw error;
      });
    }
  }
  return found;
};
