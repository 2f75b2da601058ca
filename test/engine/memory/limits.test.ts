import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Engine } from '../../../src/replay/engines/engine';
import { memoryEngine } from '../../../src/replay/engines/memory';
import { describeLocal, freshTable } from '../../support/engines';

const nested = (levels: number): unknown => (levels === 0 ? { S: 'x' } : levels % 2 === 0 ? { L: [nested(levels - 1)] } : { M: { a: nested(levels - 1) } });
const KEY_BYTES = 'pk'.length + 'a'.length + 'sk'.length + 'b'.length;
const refusal = { name: 'ValidationException' };

const limits = (engine: () => Engine): void => {
  let TableName: string;
  let serial = 0;
  beforeAll(async () => { TableName = await freshTable(engine()); });
  const put = (item: Record<string, unknown>) => engine().client.send(new PutItemCommand({ TableName, Item: { pk: { S: 'a' }, sk: { S: 'b' }, ...item } }));
  const update = (UpdateExpression: string, values?: Record<string, unknown>) =>
    engine().client.send(new UpdateCommand({ TableName, Key: { pk: `u${serial}`, sk: 's' }, UpdateExpression, ...(values && { ExpressionAttributeValues: values }) }));

  test.each<[string, Record<string, unknown>]>([
    ['31 levels of lists and maps', { l: nested(31) }], ['38 digits', { n: { N: '9'.repeat(38) } }], ['the greatest number', { n: { N: '9.9E+125' } }], ['the least', { n: { N: '-1E-130' } }],
    ['409,600 bytes', { t: { S: 'x'.repeat(409_600 - KEY_BYTES - 't'.length) } }], ['empty strings, bytes, maps, lists', { t: { S: '' }, b: { B: new Uint8Array() }, m: { M: {} }, l: { L: [] } }],
    ['a partition key of 2,048 bytes', { pk: { S: 'x'.repeat(2_048) } }], ['a sort key of 1,024 bytes', { sk: { S: 'x'.repeat(1_024) } }],
  ])('takes %s', async (_what, item) => {
    await expect(put(item)).resolves.toBeDefined();
  });

  test.each<[string, Record<string, unknown>]>([
    ['32 levels', { l: nested(32) }], ['39 digits', { n: { N: '9'.repeat(39) } }], ['a number too great', { n: { N: '1E126' } }], ['one too small', { n: { N: '1E-131' } }], ['no number', { n: { N: 'NaN' } }],
    ['409,601 bytes', { t: { S: 'x'.repeat(409_601 - KEY_BYTES - 't'.length) } }], ['an empty set', { s: { SS: [] } }], ['a member twice', { s: { NS: ['1', '1.0'] } }], ['NULL: false', { n: { NULL: false } }],
    ['an empty key', { pk: { S: '' } }], ['a key of another type', { sk: { N: '1' } }], ['a partition key of 2,049 bytes', { pk: { S: 'x'.repeat(2_049) } }], ['a sort key of 1,025 bytes', { sk: { S: 'x'.repeat(1_025) } }],
  ])('refuses %s', async (_what, item) => {
    await expect(put(item)).rejects.toMatchObject(refusal);
  });

  test('an expression has 4,096 bytes, a sum 38 digits, a transaction 100 actions', async () => {
    serial += 1;
    await update('REMOVE a, b'.padEnd(4_096, ' '));
    await expect(update('REMOVE a, b'.padEnd(4_097, ' '))).rejects.toMatchObject(refusal);
    await update('SET n = :n', { ':n': 10n ** 37n });
    await update('ADD n :n', { ':n': 1 });
    await expect(update('ADD n :n', { ':n': 0.1 })).rejects.toMatchObject(refusal);
    const actions = (count: number) => engine().client.send(new TransactWriteCommand({ TransactItems: Array.from({ length: count }, (_none, i) => ({ Put: { TableName, Item: { pk: `p${i}`, sk: 's' } } })) }));
    await actions(100);
    await expect(actions(101)).rejects.toMatchObject(refusal);
  });

  test('a condition has 300 operators', async () => {
    serial += 1;
    const check = (comparisons: number) => engine().client.send(new UpdateCommand({
      TableName, Key: { pk: 'o', sk: 's' }, ConditionExpression: ['attribute_not_exists(m)', ...Array.from({ length: comparisons }, () => 'n = :n')].join(' OR '), ExpressionAttributeValues: { ':n': 1 },
    }));
    await check(149);
    await expect(check(150)).rejects.toMatchObject(refusal);
  });

  test('an update cannot make an item too large', async () => {
    serial += 1;
    await update('SET t = :t', { ':t': 'x'.repeat(300_000) });
    await expect(update('SET u = :t', { ':t': 'x'.repeat(300_000) })).rejects.toMatchObject(refusal);
    await update('SET t = :t', { ':t': 'x'.repeat(400_000) });
  });
};

describe('limits [memory]', () => {
  const engine = memoryEngine();
  limits(() => engine);
});

describeLocal('limits', limits);
