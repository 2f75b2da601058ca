import { randomUUID } from 'node:crypto';
import { DeleteCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { PARTITION_KEY, type MakeLocker } from './locker';

/** What it takes at least: a conditional write each. Nobody waits for it, loses it or hears of anything. */
export const plain: MakeLocker = (client, { tableName, leaseMs, heartbeatMs }) => ({
  acquire: async (key) => {
    let version = randomUUID();
    const names = { '#key': PARTITION_KEY, '#version': 'version' };
    await client.send(new PutCommand({
      TableName: tableName, Item: { [PARTITION_KEY]: key, leaseMs, version }, ConditionExpression: 'attribute_not_exists(#key)', ExpressionAttributeNames: { '#key': PARTITION_KEY },
    }));
    const renew = async (): Promise<void> => {
      const next = randomUUID();
      await client.send(new UpdateCommand({
        TableName: tableName, Key: { [PARTITION_KEY]: key }, UpdateExpression: 'SET #version = :next', ConditionExpression: 'attribute_exists(#key) AND #version = :version',
        ExpressionAttributeNames: names, ExpressionAttributeValues: { ':version': version, ':next': next },
      }));
      version = next;
    };
    let timer: NodeJS.Timeout;
    let underWay: Promise<void> | undefined;
    const later = (): void => {
      timer = setTimeout(() => { underWay = renew().then(later); }, heartbeatMs);
    };
    later();
    return {
      release: async () => {
        clearTimeout(timer);
        await underWay;
        clearTimeout(timer);
        await client.send(new DeleteCommand({
          TableName: tableName, Key: { [PARTITION_KEY]: key }, ConditionExpression: 'attribute_exists(#key) AND #version = :version',
          ExpressionAttributeNames: names, ExpressionAttributeValues: { ':version': version },
        }));
      },
    };
  },
});
