import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { assertDynaliteVersion, DYNALITE_MAJOR } from '../../src/replay/engines/dynalite';
import { embeddedEngine } from '../../src/replay/engines/embedded';
import { endpointEngine } from '../../src/replay/engines/endpoint';
import { localEngine } from '../../src/replay/engines/local';
import { describeEngines, describeLocal, freshTable, tableName } from '../support/engines';

const accepts = (host: string, port: number): Promise<boolean> => new Promise((resolve) => {
  const socket = connect({ host, port, timeout: 500 }, () => { socket.destroy(); resolve(true); });
  socket.once('error', () => resolve(false)).once('timeout', () => { socket.destroy(); resolve(false); });
});

const portOf = (endpoint: string | undefined): number => Number(new URL(endpoint ?? '').port);

describeEngines('what every engine gives', (engine) => {
  test('a failed condition returns the old item, atomically with the check', async () => {
    const TableName = await freshTable(engine());
    const Key = { pk: 'a', sk: 'thing' };
    await engine().client.send(new PutCommand({ TableName, Item: { ...Key, timestamp: 2, name: 'new' } }));
    const late = engine().client.send(new UpdateCommand({
      TableName, Key,
      UpdateExpression: 'SET #t = :t', ConditionExpression: '#t < :t',
      ExpressionAttributeNames: { '#t': 'timestamp' }, ExpressionAttributeValues: { ':t': 1 },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    }));
    await expect(late).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
      Item: { pk: { S: 'a' }, sk: { S: 'thing' }, timestamp: { N: '2' }, name: { S: 'new' } },
    });
  });

  test('without ALL_OLD no item is returned', async () => {
    const TableName = await freshTable(engine());
    const Item = { pk: 'a', sk: 'thing' };
    await engine().client.send(new PutCommand({ TableName, Item }));
    const again = engine().client.send(new PutCommand({ TableName, Item, ConditionExpression: 'attribute_not_exists(pk)' }));
    await expect(again).rejects.toMatchObject({ name: 'ConditionalCheckFailedException', Item: undefined });
  });

  // U+FF21 is smaller than U+1F600 by UTF-8 bytes and by code points, and greater by UTF-16 units.
  test('strings compare by UTF-8 bytes, names and values alike may hold any character', async () => {
    const TableName = await freshTable(engine());
    const name = '\u{1f600}\uff21';
    const Item = { pk: 'a', sk: 'thing', [name]: '\uff21', other: '\u{1f600}' };
    await engine().client.send(new PutCommand({ TableName, Item }));
    const put = (ConditionExpression: string, value: string) => engine().client.send(new PutCommand({
      TableName, Item, ConditionExpression, ExpressionAttributeNames: { '#n': name }, ExpressionAttributeValues: { ':v': value },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    }));
    await put('#n < :v', '\u{1f600}');
    await put('#n = :v AND NOT #n > :v', '\uff21');
    await put('contains(#n, :v)', '\uff21');
    await expect(put('#n > :v', '\u{1f600}')).rejects.toMatchObject({ name: 'ConditionalCheckFailedException', Item: { [name]: { S: '\uff21' }, other: { S: '\u{1f600}' } } });
  });

  test('scan gives every item of a table of several pages', async () => {
    const TableName = await freshTable(engine());
    const filler = 'x'.repeat(300_000);
    for (let at = 0; at < 8; at += 1) {
      await engine().client.send(new PutCommand({ TableName, Item: { pk: `k${at}`, sk: 's', filler } }));
    }
    const items = await engine().scan(TableName);
    expect(items.map((item) => item['pk']?.S).sort()).toEqual(['k0', 'k1', 'k2', 'k3', 'k4', 'k5', 'k6', 'k7']);
  });

  test('a table that is there already is used, one with another key is refused', async () => {
    const name = tableName();
    const spec = { name, partitionKey: { name: 'id', type: 'N' }, sortKey: null } as const;
    await engine().createTable(spec);
    await engine().createTable(spec);
    await expect(engine().createTable({ name, partitionKey: 'pk', sortKey: 'sk' })).rejects.toMatchObject({
      code: 'TABLE_KEY_DIFFERS', message: expect.stringContaining('id (N)'),
    });
    await engine().dropTable(name);
    await engine().createTable({ name, partitionKey: 'pk', sortKey: 'sk' });
    expect(await engine().scan(name)).toEqual([]);
  });
});

describe('the embedded engine', () => {
  test('was written for the dynalite that is installed, and refuses another major version', () => {
    const { version } = jest.requireActual<{ version: string }>('dynalite/package.json');
    expect(Number(version.split('.')[0])).toBe(DYNALITE_MAJOR);
    expect(() => assertDynaliteVersion(version)).not.toThrow();
    expect(() => assertDynaliteVersion('5.0.0')).toThrow(expect.objectContaining({ code: 'ENGINE_VERSION' }));
  });

  test('listens on loopback only, and on nothing after stop', async () => {
    const engine = await embeddedEngine();
    const port = portOf(engine.endpoint);
    const outside = Object.values(networkInterfaces()).flat()
      .filter((network) => network && !network.internal && network.family === 'IPv4')
      .map((network) => network?.address ?? '');
    expect(await accepts('127.0.0.1', port)).toBe(true);
    for (const address of outside) expect(await accepts(address, port)).toBe(false);
    await engine.stop();
    await engine.stop();
    expect(await accepts('127.0.0.1', port)).toBe(false);
  });

  test('two of them share nothing', async () => {
    const [one, two] = await Promise.all([embeddedEngine(), embeddedEngine()]);
    const name = await freshTable(one);
    await expect(two.scan(name)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await Promise.all([one.stop(), two.stop()]);
  });
});

test('an endpoint must be a URL, and AWS itself is left to the aws engine', () => {
  expect(() => endpointEngine('localhost')).toThrow(expect.objectContaining({ code: 'ENDPOINT_INVALID' }));
  expect(() => endpointEngine('https://dynamodb.eu-west-1.amazonaws.com')).toThrow(expect.objectContaining({ code: 'ENDPOINT_INVALID' }));
});

test('the embedded engine listens on the port that it is given, or says that it is taken', async () => {
  const first = await embeddedEngine();
  const port = portOf(first.endpoint);
  await expect(embeddedEngine({ port })).rejects.toMatchObject({ code: 'ENGINE_START', message: expect.stringContaining(`port ${port}`) });
  await first.stop();
  const second = await embeddedEngine({ port });
  expect(portOf(second.endpoint)).toBe(port);
  await second.stop();
});

describeLocal('the local engine', () => {
  test('does not take for its own what else listens on its port', async () => {
    const other = await embeddedEngine();
    await expect(localEngine({ port: portOf(other.endpoint) })).rejects.toMatchObject({ code: 'ENGINE_START', message: expect.stringContaining('Give another port') });
    await other.stop();
  });

  test('starts a server of its own, and nothing is left of it after stop', async () => {
    const engine = await localEngine();
    const port = portOf(engine.endpoint);
    const name = await freshTable(engine);
    expect(await engine.scan(name)).toEqual([]);
    await engine.stop();
    expect(await accepts('127.0.0.1', port)).toBe(false);
  });
});
