import {
  ConditionalCheckFailedException, CreateTableCommand, DescribeTableCommand, DescribeTimeToLiveCommand, DuplicateItemException, DynamoDB, ExecuteStatementCommand, GetItemCommand, IdempotentParameterMismatchException, ListTablesCommand, PutItemCommand,
  ResourceInUseException, ResourceNotFoundException, TransactionCanceledException, UpdateTimeToLiveCommand, type AttributeValue,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBStreams } from '@aws-sdk/client-dynamodb-streams';
import { BatchExecuteStatementCommand, ExecuteStatementCommand as ExecuteStatementDocument, GetCommand, NumberValue, PutCommand, QueryCommand, ScanCommand, TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { memoryEngine } from '../../../src/replay/engines/memory';
import { keysOf, step } from '../../engine/memory/arbitraries';
import { ExactBatchExecuteStatementCommand, ExactGetCommand, ExactUpdateCommand } from '../../../src/sinks/dynamodb/exact';
import { ask, tableOf } from '../../engine/memory/ask';

const TableName = 'things';
const Key = { pk: 'a', sk: 'thing' };

const withTable = async () => {
  const engine = memoryEngine();
  await engine.createTable({ name: TableName, partitionKey: 'pk', sortKey: 'sk' });
  return engine;
};

/** The same engine behind a client that carries middleware: requests are serialized, signed, answered and parsed. */
const withMiddleware = async (sortKey: { name: string; type: 'S' | 'N' }) => {
  const engine = memoryEngine();
  await engine.createTable({ name: TableName, partitionKey: 'pk', sortKey });
  let seen = 0;
  engine.client.middlewareStack.add((next) => (args) => { seen += 1; return next(args); }, { step: 'finalizeRequest', name: 'seen' });
  return { engine, seen: () => seen };
};

const error = async (promise: Promise<unknown>): Promise<Error & Record<string, unknown>> => promise.then(() => { throw new Error('It was accepted.'); }, (reason) => reason);

describe('what the client of the in-memory engine gives', () => {
  test('answers and errors have the shapes of the wire', async () => {
    const { client } = await withTable();
    const put = await client.send(new PutCommand({ TableName, Item: { ...Key, timestamp: 2, tags: new Set(['x']), bytes: new Uint8Array([1]), none: null } }));
    expect(put.$metadata).toMatchObject({ httpStatusCode: 200, attempts: 1, requestId: expect.any(String) });
    expect((await client.send(new GetCommand({ TableName, Key }))).Item).toEqual({ ...Key, timestamp: 2, tags: new Set(['x']), bytes: new Uint8Array([1]), none: null });
    expect((await client.send(new GetCommand({ TableName, Key: { pk: 'b', sk: 'thing' } }))).Item).toBeUndefined();

    const refused = await error(client.send(new UpdateCommand({
      TableName, Key, UpdateExpression: 'SET #t = :t', ConditionExpression: '#t < :t', ExpressionAttributeNames: { '#t': 'timestamp' }, ExpressionAttributeValues: { ':t': 1 }, ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    })));
    expect(refused).toBeInstanceOf(ConditionalCheckFailedException);
    expect(refused).toMatchObject({
      name: 'ConditionalCheckFailedException', message: 'The conditional request failed', $fault: 'client', $metadata: { httpStatusCode: 400, attempts: 1 },
      Item: { ...{ pk: { S: 'a' }, sk: { S: 'thing' } }, timestamp: { N: '2' }, tags: { SS: ['x'] }, bytes: { B: new Uint8Array([1]) }, none: { NULL: true } },
    });
    expect(await error(client.send(new GetCommand({ TableName: 'others', Key })))).toBeInstanceOf(ResourceNotFoundException);
    expect(await error(client.send(new GetCommand({ TableName, Key: { pk: 'a' } })))).toMatchObject({ name: 'ValidationException', $fault: 'client' });
  });

  test('a transaction is all or nothing, says which action failed, and knows its token', async () => {
    const { client } = await withTable();
    const put = (pk: string, more: object = {}) => ({ Put: { TableName, Item: { pk, sk: 's', ...more }, ConditionExpression: 'attribute_not_exists(pk)', ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const } });
    const send = (ClientRequestToken: string | undefined, ...TransactItems: object[]) => client.send(new TransactWriteCommand({ TransactItems, ...(ClientRequestToken && { ClientRequestToken }) }));
    await send('one', put('a', { n: 1 }));
    await send('one', put('a', { n: 1 }));
    expect(await error(send('one', put('b')))).toBeInstanceOf(IdempotentParameterMismatchException);

    const cancelled = await error(send('two', put('b'), put('a')));
    expect(cancelled).toBeInstanceOf(TransactionCanceledException);
    expect(cancelled['CancellationReasons']).toEqual([
      { Code: 'None' }, { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed', Item: { pk: { S: 'a' }, sk: { S: 's' }, n: { N: '1' } } },
    ]);
    const missing = await error(send(undefined, put('b'), { Update: { TableName, Key: { pk: 'c', sk: 's' }, UpdateExpression: 'SET n = m' } }));
    expect(missing['CancellationReasons']).toMatchObject([{ Code: 'None' }, { Code: 'ValidationError' }]);
    expect((await client.send(new ScanCommand({ TableName }))).Items).toEqual([{ pk: 'a', sk: 's', n: 1 }]);
    expect(await error(send(undefined, put('b'), put('b')))).toMatchObject({ name: 'ValidationException' });
    await send('two', put('b'));
    expect(await error(send(undefined))).toMatchObject({ name: 'ValidationException' });
  });

  test('the long way, through serialization and signing, gives the same', async () => {
    const sortKey = { name: 'sk', type: 'N' } as const;
    let serial = 0;
    const direct = memoryEngine();
    await direct.createTable({ name: TableName, partitionKey: 'pk', sortKey });
    const { engine: long, seen } = await withMiddleware(sortKey);
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 6 }), async (steps) => {
      serial += 1;
      for (const one of steps) expect({ one, answer: await ask(direct.client, TableName, one) }).toEqual({ one, answer: await ask(long.client, TableName, one) });
      expect(await tableOf(direct, TableName, keysOf(''))).toEqual(await tableOf(long, TableName, keysOf('')));
    }), { numRuns: 60 });
    expect(seen()).toBeGreaterThan(serial * 6);
  });

  test.each([['plain', BatchExecuteStatementCommand], ['without loss of digits', ExactBatchExecuteStatementCommand]])('and of a batch of statements, %s', async (_name, Command) => {
    const sortKey = { name: 'sk', type: 'N' } as const;
    const direct = memoryEngine();
    await direct.createTable({ name: TableName, partitionKey: 'pk', sortKey });
    const { engine: long, seen } = await withMiddleware(sortKey);
    const values = [1.5, 12345678901234567890n, 'x', null, [1, { x: new Set(['y']) }], { l: [true] }, new Set([1, 2]), new Uint8Array([1, 2])];
    const insert = { Statement: `INSERT INTO "${TableName}" VALUE {'pk': 'a', 'sk': 1${values.map((_value, i) => `, 'v${i}': ?`).join('')}}`, Parameters: values };
    const update = (value: unknown, to: unknown = 'z') => ({ Statement: `UPDATE "${TableName}" SET "v2"=? WHERE "pk"='a' AND "sk"=1 AND "v0"=? RETURNING ALL OLD *`, Parameters: [to, value], ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const });
    for (const Statements of [[insert], [insert], [update(2)], [update(1.5)], [{ Statement: 'UPDATE' }], [], [update(1.5, NumberValue.from('1.2345678901234567891'))], [update(2)]]) {
      const [ours, theirs] = await Promise.all([direct, long].map(({ client }) => client.send(new Command({ Statements })).then(({ Responses }) => ({ Responses }), ({ name, message }: Error) => ({ name, message }))));
      expect(ours).toEqual(theirs);
    }
    expect(seen()).toBe(8);
  });

  test('and of an item whose numbers are read without loss of digits', async () => {
    const direct = memoryEngine();
    await direct.createTable({ name: TableName, partitionKey: 'pk', sortKey: 'sk' });
    const { engine: long, seen } = await withMiddleware({ name: 'sk', type: 'S' });
    const update = (value: unknown, ConditionExpression?: string) => new ExactUpdateCommand({
      TableName, Key, UpdateExpression: 'SET v = :v', ExpressionAttributeValues: { ':v': value }, ReturnValues: 'ALL_NEW', ReturnValuesOnConditionCheckFailure: 'ALL_OLD', ConditionExpression,
    });
    const commands = [
      () => update([1.5, 12345678901234567890n, NumberValue.from('1.2345678901234567891')]), () => update(1, 'attribute_not_exists(v)'), () => new ExactGetCommand({ TableName, Key, ConsistentRead: true }),
    ];
    for (const command of commands) {
      const [ours, theirs] = await Promise.all([direct, long].map(({ client }) => client.send(command() as GetCommand)
        .then(({ $metadata: _, ...answer }) => answer, ({ name, message, Item }: Error & { readonly Item?: unknown }) => ({ name, message, Item }))));
      expect(ours).toEqual(theirs);
    }
    expect(seen()).toBe(commands.length);
  });

  test('plain commands, other clients of the connection, and signals work', async () => {
    const engine = await withTable();
    await engine.client.send(new PutItemCommand({ TableName, Item: { pk: { S: 'a' }, sk: { S: 'thing' }, b: { B: new Uint8Array([1, 2]) }, n: { N: '1.50' } } }));
    expect((await engine.client.send(new GetItemCommand({ TableName, Key: { pk: { S: 'a' }, sk: { S: 'thing' } } }))).Item).toEqual({ pk: { S: 'a' }, sk: { S: 'thing' }, b: { B: new Uint8Array([1, 2]) }, n: { N: '1.5' } });
    const other = new DynamoDB({ ...engine.connection });
    expect(await other.describeTable({ TableName })).toMatchObject({ Table: { TableStatus: 'ACTIVE', ItemCount: 1, CreationDateTime: expect.anything(), KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }, { AttributeName: 'sk', KeyType: 'RANGE' }] } });
    expect(await error(other.deleteTable({ TableName: 'others' }))).toMatchObject({ name: 'ResourceNotFoundException' });
    expect((await engine.client.send(new GetCommand({ TableName, Key }), { abortSignal: AbortSignal.timeout(10_000) })).Item).toMatchObject({ n: 1.5 });
    expect(await error(engine.client.send(new GetCommand({ TableName, Key }), { abortSignal: AbortSignal.abort() }))).toMatchObject({ name: 'AbortError' });
  });

  test('what was sent or returned can be changed without changing the table', async () => {
    const engine = await withTable();
    const bytes = new Uint8Array([1]);
    const Item = { pk: { S: 'a' }, sk: { S: 'thing' }, l: { L: [{ N: '1' }] }, b: { B: bytes } } as const satisfies Record<string, AttributeValue>;
    await engine.client.send(new PutCommand({ TableName, Item: { ...Key, l: [1], b: bytes } }));
    bytes[0] = 9;
    const returned = (await engine.client.send(new GetCommand({ TableName, Key }))).Item;
    (returned?.['b'] as Uint8Array)[0] = 9;
    (returned?.['l'] as number[]).push(2);
    expect(await engine.scan(TableName)).toEqual([{ ...Item, b: { B: new Uint8Array([1]) } }]);
  });

  test('UPDATE and INSERT in PartiQL: each statement of a batch for itself', async () => {
    const { client } = await withTable();
    const update = (pk: string, at: number) => ({ Statement: 'UPDATE "things" SET "at"=? WHERE "pk"=? AND "sk"=? AND ("at" IS MISSING OR "at" < ?)', Parameters: [at, pk, 's', at], ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const });
    const insert = (pk: string, at: number) => ({ Statement: 'INSERT INTO "things" VALUE {\'pk\': ?, \'sk\': \'s\', \'at\': ?}', Parameters: [pk, at] });
    const codes = async (...Statements: object[]) => (await client.send(new BatchExecuteStatementCommand({ Statements } as never))).Responses?.map((one) => one.Error?.Code ?? 'done');
    expect(await codes(insert('a', 2), update('b', 2), { Statement: 'UPDATE "others" SET "at"=1 WHERE "pk"=\'a\'' }, { Statement: 'UPDATE' })).toEqual(['done', 'ConditionalCheckFailed', 'ResourceNotFound', 'ValidationError']);
    const { Responses: [late, again] = [] } = await client.send(new BatchExecuteStatementCommand({ Statements: [update('a', 1), insert('b', 1)] }));
    expect([late?.Error?.Code, late?.Error?.Item]).toEqual(['ConditionalCheckFailed', { pk: 'a', sk: 's', at: 2 }]);
    expect(again?.Error).toBeUndefined();
    expect(await codes(insert('a', 3), update('b', 3))).toEqual(['DuplicateItem', 'done']);
    expect((await client.send(new ExecuteStatementDocument({ ...update('a', 4), Statement: `${update('a', 4).Statement} RETURNING ALL OLD *` }))).Items).toEqual([{ pk: 'a', sk: 's', at: 2 }]);
    expect(await error(client.send(new BatchExecuteStatementCommand({ Statements: [update('a', 5), update('a', 6)] })))).toMatchObject({ name: 'ValidationException' });
    expect(await error(client.send(new ExecuteStatementDocument({ Statement: 'UPDATE "things" SET "at"=? WHERE "pk"=? AND "sk"=?', Parameters: [1, 'a', 's', 1] })))).toMatchObject({ name: 'ValidationException' });
    expect(await error(client.send(new ExecuteStatementDocument(insert('a', 1))))).toBeInstanceOf(DuplicateItemException);
  });

  test('names like __proto__ and constructor are names', async () => {
    const engine = await withTable();
    const Item = JSON.parse('{ "pk": { "S": "a" }, "sk": { "S": "thing" }, "__proto__": { "N": "1" }, "constructor": { "M": { "__proto__": { "S": "x" } } } }') as Record<string, AttributeValue>;
    await engine.client.send(new PutItemCommand({ TableName, Item }));
    const names = { '#p': '__proto__', '#c': 'constructor' };
    await engine.client.send(new UpdateCommand({ TableName, Key, UpdateExpression: 'SET #p = #p + :one', ConditionExpression: 'attribute_exists(#c.#p)', ExpressionAttributeNames: names, ExpressionAttributeValues: { ':one': 1 } }));
    expect((await engine.client.send(new QueryCommand({ TableName, KeyConditionExpression: 'pk = :a', FilterExpression: '#p = :two AND #c.#p = :x', Select: 'COUNT', ExpressionAttributeNames: names, ExpressionAttributeValues: { ':a': 'a', ':two': 2, ':x': 'x' } }))).Count).toBe(1);
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });
});

describe('tables of the in-memory engine', () => {
  test('are made, described, listed, removed; two engines share none', async () => {
    const [engine, other] = [await withTable(), memoryEngine()];
    const create = new CreateTableCommand({ TableName, BillingMode: 'PAY_PER_REQUEST', AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'N' }], KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }] });
    expect(await error(engine.client.send(create))).toBeInstanceOf(ResourceInUseException);
    await other.client.send(create);
    await engine.createTable({ name: 'another', partitionKey: 'pk' });
    expect((await engine.client.send(new ListTablesCommand({}))).TableNames).toEqual(['another', 'things']);
    expect((await engine.client.send(new ListTablesCommand({ Limit: 1 }))).LastEvaluatedTableName).toBe('another');
    expect((await other.client.send(new DescribeTableCommand({ TableName }))).Table).toMatchObject({ AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'N' }] });
    await expect(engine.createTable({ name: TableName, partitionKey: 'id' })).rejects.toMatchObject({ code: 'TABLE_KEY_DIFFERS' });
    await engine.dropTable(TableName);
    await engine.dropTable(TableName);
    await expect(engine.scan(TableName)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await engine.stop();
    await engine.stop();
    await expect(engine.client.send(new GetCommand({ TableName, Key }))).rejects.toMatchObject({ code: 'ENGINE_STOPPED' });
  });

  test('time to live is remembered; what is not there is refused by name', async () => {
    const engine = await withTable();
    await engine.client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { Enabled: true, AttributeName: 'ttl' } }));
    expect((await engine.client.send(new DescribeTimeToLiveCommand({ TableName }))).TimeToLiveDescription).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'ttl' });
    const unsupported = (what: string) => ({ code: 'MEMORY_ENGINE_UNSUPPORTED', message: expect.stringContaining(what) });
    await expect(engine.createTable({ name: 'streamed', partitionKey: 'pk', stream: 'NEW_IMAGE' })).rejects.toMatchObject(unsupported('streams'));
    await expect(engine.client.send(new QueryCommand({ TableName, IndexName: 'by-name', KeyConditionExpression: 'pk = :a', ExpressionAttributeValues: { ':a': 'a' } }))).rejects.toMatchObject(unsupported('IndexName'));
    await expect(engine.client.send(new PutCommand({ TableName, Item: Key, Expected: { pk: { Exists: false } } }))).rejects.toMatchObject(unsupported('Expected'));
    await expect(engine.client.send(new ExecuteStatementCommand({ Statement: 'SELECT * FROM things' }))).rejects.toMatchObject(unsupported('PartiQL statements but UPDATE and INSERT'));
    await expect(new DynamoDBStreams(engine.connection).listStreams({})).rejects.toMatchObject(unsupported('ListStreams'));
    await expect(engine.streamArn(TableName)).rejects.toMatchObject({ code: 'STREAM_MISSING' });
  });
});
