import { DeleteCommand, GetCommand, PutCommand, TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { fence } from '../../../src';
import { memoryEngine } from '../../../src/replay/engines/memory';
import { tableName } from '../../support/engines';

type How = 'update' | 'put' | 'transaction' | 'check';

const writes = fc.array(fc.record({
  token: fc.integer({ min: 1, max: 5 }),
  how: fc.constantFrom<How>('update', 'put', 'transaction', 'check'),
  /** A condition of the user's own, true or false. */
  wanted: fc.boolean(),
  own: fc.constantFrom('attribute_exists(pk) OR attribute_not_exists(pk)', '(attribute_exists(pk) OR attribute_not_exists(pk))', undefined),
}), { minLength: 1, maxLength: 12 });

describe('writes of several holders, in any order', () => {
  const engine = memoryEngine();
  const table = tableName('fenced');
  beforeAll(() => engine.createTable({ name: table, partitionKey: 'pk', sortKey: null }));
  afterAll(() => engine.stop());

  test('none is written after one of a newer holder, and every other one is', async () => {
    const { client } = engine;
    await fc.assert(fc.asyncProperty(writes, async (all) => {
      const Key = { pk: 'a' };
      await client.send(new DeleteCommand({ TableName: table, Key }));
      let expected: Record<string, unknown> | undefined;
      for (const [n, { token, how, own, wanted }] of all.entries()) {
        const refused = !wanted && own !== undefined;
        const conditioned = own === undefined ? {} : { ConditionExpression: refused ? 'attribute_exists(nothing)' : own };
        const keyed = { TableName: table, Key, ...conditioned };
        const values = { ...keyed, UpdateExpression: 'SET n = :n REMOVE nothing', ExpressionAttributeValues: { ':n': n } };
        const send = (): Promise<unknown> => {
          switch (how) {
            case 'update': return client.send(new UpdateCommand(fence(token).update(values)));
            case 'put': return client.send(new PutCommand(fence(token).put({ TableName: table, Item: { ...Key, n }, ...conditioned })));
            case 'transaction': return client.send(new TransactWriteCommand({ TransactItems: [{ Update: fence(token).update(values) }] }));
            case 'check': return client.send(new TransactWriteCommand({ TransactItems: [{ ConditionCheck: fence(token).check(keyed) }] }));
          }
        };
        const written = await send().then(() => true, (error: { readonly name: string }) => {
          if (!['ConditionalCheckFailedException', 'TransactionCanceledException'].includes(error.name)) throw error;
          return false;
        });
        const allowed = !refused && (expected === undefined || Number(expected.fence) <= token);
        expect(written).toBe(allowed);
        if (allowed && how !== 'check') expected = { ...Key, n, fence: token };
        expect((await client.send(new GetCommand({ TableName: table, Key }))).Item).toEqual(expected);
      }
    }), { numRuns: 150 });
  });
});
