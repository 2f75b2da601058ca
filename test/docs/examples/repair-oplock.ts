import { UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** Gives an item the time that it would have if the clock had been right. Both epoch ms; fails when it is not `wrong` any more. */
export const repairOplock = (client: DynamoDBDocumentClient, TableName: string, Key: Record<string, unknown>, wrong: number, right: number) =>
  client.send(new UpdateCommand({
    TableName,
    Key,
    UpdateExpression: 'SET #oplock = :right',
    ConditionExpression: '#oplock = :wrong',
    ExpressionAttributeNames: { '#oplock': 'timestamp' }, // what `oplock.attribute` says
    ExpressionAttributeValues: { ':wrong': wrong, ':right': right },
  }));
