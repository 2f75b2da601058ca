import { GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { fence, updateExpression } from '../../../src';
import { createLockClient, type LockClientOptions } from '../../../src/locks';
import { describeEmbedded, describeLocal, freshTable } from '../../support/engines';

describeLocal('a fence', (engine) => {
  const KEYS = { partitionKey: 'key', sortKey: null };

  test('a holder that comes too late is refused, by an item that a newer one has written', async () => {
    const { client } = engine();
    const [locks, things] = [await freshTable(engine(), KEYS), await freshTable(engine(), KEYS)];
    const options: LockClientOptions = { client, tableName: locks, exclusive: true };
    const [early, late] = [createLockClient({ ...options, leaseMs: 300, heartbeatMs: false }), createLockClient(options)];
    const first = await early.acquire('a');
    const second = await late.acquire('a', { refreshMs: 50, waitMs: 15_000 });
    expect(second.tookOver).toBe(true);

    const write = (token: number | undefined, n: number) => client.send(new UpdateCommand({
      TableName: things,
      ...fence(token).update({ Key: { key: 'thing' }, ...updateExpression({ n }), ConditionExpression: '(attribute_not_exists(n) OR n < :n)' }),
    }));
    await write(first.fencingToken, 1); // nobody newer has written yet
    await write(second.fencingToken, 2);
    await write(second.fencingToken, 3);
    await expect(write(first.fencingToken, 4)).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });
    await expect(client.send(new PutCommand({ TableName: things, ...fence(first.fencingToken).put({ Item: { key: 'thing', n: 5 } }) }))).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });
    expect((await client.send(new GetCommand({ TableName: things, Key: { key: 'thing' } }))).Item).toEqual({ key: 'thing', n: 3, fence: second.fencingToken });

    // In one transaction with the condition of the lock, and a token for readers that know no lock.
    await second.guard([{ Put: { TableName: things, ...fence(second.fencingToken).put({ Item: { key: 'other', n: 1 } }) } }]);
    await expect(first.guard([{ Put: { TableName: things, ...fence(first.fencingToken).put({ Item: { key: 'other', n: 2 } }) } }])).rejects.toMatchObject({ code: 'LOCK_LOST' });
    await Promise.all([early.close(), late.close()]);
  });
});

describeEmbedded('a guard where there are no transactions', (engine) => {
  test('says what to use instead', async () => {
    const table = await freshTable(engine(), { partitionKey: 'key', sortKey: null });
    const locks = createLockClient({ client: engine().client, tableName: table });
    const lock = await locks.acquire('a');
    await expect(lock.guard([{ Put: { TableName: table, Item: { key: 'b' } } }])).rejects.toMatchObject({
      code: 'NO_TRANSACTIONS', message: expect.stringMatching(/DynamoDB Local/), cause: { name: 'UnknownOperationException' },
    });
    expect(lock.isHeld()).toBe(true);
    await locks.close();
  });
});
