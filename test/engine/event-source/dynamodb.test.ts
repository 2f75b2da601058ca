import { DynamoDBStreams } from '@aws-sdk/client-dynamodb-streams';
import { DeleteCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { createHandler, fromDynamodb, initializeFrom, materialize } from '../../../src';
import { tableKey } from '../../../src/replay/engines/table-key';
import { eventSourceMapping, type EventSourceMapping } from '../../../src/replay/event-source/event-source-mapping';
import { dynamodbStream } from '../../../src/replay/event-source/dynamodb-stream';
import type { EventSourceMappingOptions } from '../../../src/replay/event-source/options';
import { toPlainItems } from '../../../src/replay/table/plain';
import { describeEmbedded, describeLocal, freshTable, tableName } from '../../support/engines';
import { START } from '../../support/things';
import { silent } from '../../support/uows';

describeLocal('a mapping of a table’s stream', (engine) => {
  let client: DynamoDBStreams;
  const running: EventSourceMapping[] = [];
  beforeAll(() => { client = new DynamoDBStreams(engine().connection); });
  afterEach(async () => { await Promise.all(running.splice(0).map((mapping) => mapping.stop())); });
  afterAll(() => client.destroy());

  const table = async (): Promise<string> => {
    const name = tableName('rows');
    await engine().createTable({ name, partitionKey: 'pk', sortKey: 'sk', stream: 'NEW_AND_OLD_IMAGES' });
    return name;
  };
  const put = (name: string, pk: string, more: object = {}) => engine().client.send(new PutCommand({ TableName: name, Item: { pk, sk: 'thing', ...more } }));
  const map = async (name: string, options: Omit<EventSourceMappingOptions<DynamoDBRecord>, 'source' | 'startingPosition'>): Promise<EventSourceMapping> => {
    const mapping = eventSourceMapping({
      source: dynamodbStream({ client, streamArn: await engine().streamArn(name), region: 'eu-west-1' }),
      startingPosition: 'TRIM_HORIZON', pollIntervalMs: 20, retryDelayMs: () => 0, onError: () => {}, ...options,
    });
    running.push(mapping);
    return mapping;
  };

  it('hands over what Lambda hands over', async () => {
    const name = await table();
    const seen: DynamoDBRecord[] = [];
    await put(name, 'a', { n: 12345678901234567890n, bytes: new Uint8Array([1, 2, 3]), set: new Set([new Uint8Array([4])]), list: [{ deep: new Uint8Array([5]) }] });
    await engine().client.send(new DeleteCommand({ TableName: name, Key: { pk: 'a', sk: 'thing' } }));
    const mapping = await map(name, { handler: ({ Records }) => { seen.push(...Records); } });
    await mapping.drained();
    const [inserted, removed] = seen;
    const image = { pk: { S: 'a' }, sk: { S: 'thing' }, n: { N: '12345678901234567890' }, bytes: { B: 'AQID' }, set: { BS: ['BA=='] }, list: { L: [{ M: { deep: { B: 'BQ==' } } }] } };
    expect(inserted).toEqual({
      eventID: expect.stringMatching(/^[0-9a-f]{32}$/), eventName: 'INSERT', eventVersion: expect.any(String), eventSource: 'aws:dynamodb', awsRegion: 'eu-west-1',
      eventSourceARN: await engine().streamArn(name),
      dynamodb: {
        ApproximateCreationDateTime: expect.any(Number), Keys: { pk: { S: 'a' }, sk: { S: 'thing' } }, NewImage: image,
        SequenceNumber: expect.stringMatching(/^\d+$/), SizeBytes: expect.any(Number), StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
    });
    expect(inserted?.dynamodb?.ApproximateCreationDateTime).toBe(Math.floor(inserted?.dynamodb?.ApproximateCreationDateTime ?? 0.5));
    expect(removed).toMatchObject({ eventName: 'REMOVE', dynamodb: { OldImage: image } });
    expect(removed?.dynamodb).not.toHaveProperty('NewImage');
  });

  it('filters by image, isolates poison and reports where it was', async () => {
    const name = await table();
    for (let n = 0; n < 24; n += 1) await put(name, `p${n}`, { n, ...(n % 3 === 0 ? { latched: true } : {}) });
    const seen: string[] = [];
    const given: string[] = [];
    const infos: unknown[] = [];
    const mapping = await map(name, {
      bisectBatchOnFunctionError: true, maximumRetryAttempts: 1, functionResponseTypes: ['ReportBatchItemFailures'],
      filterCriteria: { filters: [{ pattern: JSON.stringify({ dynamodb: { NewImage: { latched: { BOOL: [{ exists: false }] } } } }) }] },
      handler: ({ Records }) => {
        const keys = Records.map(({ dynamodb }) => dynamodb?.Keys?.['pk']?.S ?? '');
        const at = keys.indexOf('p13');
        seen.push(...(at < 0 ? keys : keys.slice(0, at)));
        return { batchItemFailures: at < 0 ? [] : [{ itemIdentifier: Records[at]?.dynamodb?.SequenceNumber }] };
      },
      onFailure: ({ DDBStreamBatchInfo, responseContext }, records) => {
        given.push(...records.map(({ dynamodb }) => dynamodb?.Keys?.['pk']?.S ?? ''));
        infos.push(DDBStreamBatchInfo, responseContext);
      },
    });
    await mapping.drained();
    expect(seen).toEqual(Array.from({ length: 24 }, (_none, n) => n).filter((n) => n % 3 !== 0 && n !== 13).map((n) => `p${n}`));
    expect(given).toEqual(['p13']);
    expect(infos).toEqual([expect.objectContaining({ batchSize: 1, shardId: expect.stringMatching(/^shardId-/) }), { statusCode: 200, executedVersion: '$LATEST' }]);
    expect(mapping.stats).toMatchObject({ read: 24, filtered: 8, delivered: 15, givenUp: 1 });
  });

  it('keeps a view of the table while it changes', async () => {
    const [name, view] = [await table(), await freshTable(engine())];
    const handler = createHandler({
      source: fromDynamodb, tableName: view, client: engine().client, logger: silent,
      pipelines: initializeFrom([{
        id: 'row', flavor: materialize, eventType: /^thing-/,
        toWrite: ({ event: { partitionKey, raw } }) => ({ key: { pk: String(partitionKey), sk: 'view' }, set: { n: raw?.new?.['n'] } }),
      }]),
    });
    const mapping = await map(name, {
      batchSize: 10, parallelizationFactor: 3, functionResponseTypes: ['ReportBatchItemFailures'], duplicate: 0.5,
      handler: (event, context) => handler(event, context),
    });
    const writes = Array.from({ length: 60 }, (_none, n) => n);
    for (const n of writes) {
      await engine().client.send(new UpdateCommand({
        TableName: name, Key: { pk: `p${n % 6}`, sk: 'thing' },
        UpdateExpression: 'SET #n = :n, #t = :t, discriminator = :d', ExpressionAttributeNames: { '#n': 'n', '#t': 'timestamp' }, ExpressionAttributeValues: { ':n': n, ':t': START + n, ':d': 'thing' },
      }));
    }
    await mapping.drained();
    const rows = toPlainItems(await engine().scan(view), tableKey({ partitionKey: 'pk', sortKey: 'sk' }));
    expect(rows.map(({ pk, n }) => [pk, n]).sort()).toEqual(Array.from({ length: 6 }, (_none, at) => [`p${at}`, 54 + at]));
  });

  it('an ARN is only there for a table with a stream', async () => {
    await expect(engine().streamArn(await freshTable(engine()))).rejects.toMatchObject({ code: 'STREAM_MISSING' });
    await expect(engine().streamArn('nobody-made-it')).rejects.toMatchObject({ code: 'TABLE_MISSING' });
    const name = await table();
    await expect(engine().createTable({ name, partitionKey: 'pk', sortKey: 'sk', stream: 'KEYS_ONLY' })).rejects.toMatchObject({ code: 'TABLE_STREAM_DIFFERS' });
  });
});

describeEmbedded('a table with a stream', (engine) => {
  it('is refused: there are no streams', async () => {
    await expect(engine().createTable({ name: tableName(), partitionKey: 'pk', stream: 'NEW_IMAGE' })).rejects.toMatchObject({ code: 'TABLE_STREAM_DIFFERS', message: expect.stringContaining('local engine') });
  });
});
