import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import {
  createHandler, fromKinesis, initialize, initializeFrom, materialize, toKinesisRecords, update, updateDynamoDB,
  type PipelineFactory, type PipelineOptions, type Pipelines,
} from '../../../src';
import { createCommands } from '../../../src/bff';
import { memoryEngine } from '../../../src/replay';
import { defaultClient } from '../../../src/sinks/dynamodb/client';
import { silent } from '../../support/uows';

/** The table names that really go out. */
const sentBy = async (client: { readonly send: unknown; readonly middlewareStack: DynamoDBClient['middlewareStack'] }, send: () => Promise<unknown>): Promise<string[]> => {
  const tables: string[] = [];
  client.middlewareStack.add((next) => async (args) => {
    tables.push((JSON.parse(new TextDecoder().decode((args.request as { body: Uint8Array }).body)) as { TableName: string }).TableName);
    return next(args);
  }, { step: 'finalizeRequest', name: 'watch', override: true });
  await send();
  client.middlewareStack.remove('watch');
  return tables;
};

const names = ['one', 'two', 'three'];
/** With clients that go all the way through the SDK; the engine's own takes a short cut. */
const engineOf = async () => {
  const engine = memoryEngine();
  for (const name of names) await engine.createTable({ name, partitionKey: 'pk', sortKey: 'sk' });
  const plain = (options: object = {}) => new DynamoDBClient({ ...engine.connection, ...options });
  return { client: DynamoDBDocumentClient.from(plain()), plain, scan: engine.scan };
};
const caching = (client: DynamoDBDocumentClient, value: unknown): void => {
  (client.config as { cacheMiddleware?: unknown }).cacheMiddleware = value;
};

describe('cacheMiddleware, in the SDK itself', () => {
  it('makes a document client send the first input again and again, when it is set after construction', async () => {
    const { client } = await engineOf();
    const send = async (): Promise<void> => {
      for (const TableName of names) await client.send(new GetCommand({ TableName, Key: { pk: '1', sk: '1' } }));
    };
    expect(await sentBy(client, send)).toEqual(names);
    caching(client, true);
    expect(await sentBy(client, send)).toEqual(['one', 'one', 'one']);
  });

  it('is refused by a document client that is made with it, and does a plain client no harm', async () => {
    const { plain: make } = await engineOf();
    const plain = make({ cacheMiddleware: true });
    expect(() => DynamoDBDocumentClient.from(plain)).toThrow(/cacheMiddleware/);
    expect(await sentBy(plain, async () => {
      for (const TableName of names) await plain.send(new GetItemCommand({ TableName, Key: { pk: { S: '1' }, sk: { S: '1' } } }));
    })).toEqual(names);
  });
});

describe('a client with cacheMiddleware', () => {
  const rules = [{ id: 'r', flavor: materialize, toWrite: () => ({ key: { pk: '1', sk: '1' }, set: { a: 1 } }) }] as const;
  const handlerOf = (client: DynamoDBDocumentClient) => createHandler({ source: fromKinesis, pipelines: initializeFrom(rules), client, tableName: 'one', logger: silent });

  it.each<[string, (client: DynamoDBDocumentClient) => unknown]>([
    ['update', (client) => update({ client })],
    ['updateDynamoDB', (client) => updateDynamoDB({ client })],
    ['a rule', (client) => initialize(initializeFrom([{ ...rules[0], client }]))],
    ['initialize', (client) => initialize({}, { client })],
    ['createHandler', (client) => handlerOf(client)],
    ['createCommands', (client) => createCommands({ client })],
  ])('is refused at once by %s', async (_name, make) => {
    const { client } = await engineOf();
    expect(() => make(client)).not.toThrow();
    caching(client, false);
    expect(() => make(client)).not.toThrow();
    caching(client, true);
    expect(() => make(client)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringMatching(/cacheMiddleware.*false/) }));
  });

  it.each(['single', 'batch'] as const)('writes nothing when it is set later, and no event is set aside (%s)', async (strategy) => {
    const { client, scan } = await engineOf();
    const outcomes: unknown[] = [];
    const handler = createHandler({
      source: fromKinesis, pipelines: initializeFrom(rules), client, tableName: 'one', strategy, logger: silent,
      publishFault: async () => {}, onSettled: ({ outcome }) => outcomes.push(outcome),
    });
    const event = toKinesisRecords([{ id: 'e', type: 't', timestamp: 1_700_000_000_000 }]);
    caching(client, true);
    expect((await handler(event)).batchItemFailures).toHaveLength(1);
    expect(outcomes).toEqual([expect.objectContaining({ kind: 'retry', reason: 'configuration', error: expect.objectContaining({ code: 'UNSAFE_CLIENT' }) })]);
    caching(client, false);
    expect(await scan('one')).toEqual([]);
    expect(await handler(event)).toEqual({ batchItemFailures: [] });
    expect(await scan('one')).toHaveLength(1);
  });

  it('is refused by each command when it is set later', async () => {
    const { client, scan } = await engineOf();
    const commands = createCommands({ client, tableName: 'one' });
    const key = { pk: '1', sk: '1' };
    caching(client, true);
    for (const run of [
      () => commands.create(key, { a: 1 }), () => commands.get(key), () => commands.force(key, { a: 1 }),
      () => commands.transact([{ intent: 'create', key, attributes: { a: 1 } }]),
    ]) {
      await expect(run()).rejects.toMatchObject({ code: 'UNSAFE_CLIENT' });
    }
    caching(client, false);
    expect(await scan('one')).toEqual([]);
  });
});

describe('the client that is used when none is given', () => {
  const rule = { flavor: materialize, toWrite: () => undefined };
  const seen = (pipelines: Pipelines, options: PipelineOptions = {}) => {
    const found: PipelineOptions[] = [];
    const watch = (factory: PipelineFactory): PipelineFactory => (given) => {
      found.push(given);
      return factory(given);
    };
    initialize(Object.fromEntries(Object.entries(pipelines).map(([id, factory]) => [id, watch(factory)])), options);
    return found;
  };

  it('is one for all pipelines, made with the first that writes, and for each handler another', () => {
    const rules = initializeFrom([{ id: 'a', ...rule }, { id: 'b', ...rule }]);
    const [a, b] = seen(rules);
    expect(a?.shared?.client).toBeInstanceOf(DynamoDBDocumentClient);
    expect(b?.shared).toBe(a?.shared);
    expect(seen(rules)[0]?.shared?.client).not.toBe(a?.shared?.client);
  });

  it('is not made for a handler that writes to no table, or was given one', async () => {
    expect(seen({ a: () => (stream) => stream })[0]?.shared).toEqual({});
    const { client } = await engineOf();
    expect(seen(initializeFrom([{ id: 'a', ...rule }]), { client })[0]).toMatchObject({ client });
    const made = seen(initializeFrom([{ id: 'a', ...rule, client }]));
    expect(made[0]?.shared).toEqual({});
  });

  let server: Server;
  let requests = 0;
  beforeAll(async () => {
    server = createServer(() => { requests += 1; }); // and never an answer
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it('gives up an answer that does not come, after 3 tries', async () => {
    const before = process.env;
    process.env = { ...before, AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, AWS_REGION: 'local', AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' };
    try {
      const client = defaultClient();
      const requestTimeout = 100; // the client's own would make this test take long
      await expect(client.send(new GetCommand({ TableName: 't', Key: { pk: '1' } }), { requestTimeout })).rejects.toMatchObject({ name: 'TimeoutError' });
      expect(requests).toBe(3);
    } finally {
      process.env = before;
    }
  });
});
