import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand, DynamoDBStreamsClient, GetRecordsCommand, GetShardIteratorCommand, type GetRecordsCommandOutput,
  type _Record as StreamRecord,
} from '@aws-sdk/client-dynamodb-streams';
import { DeleteCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import { createHandler, fromDynamodb, initializeFrom, materialize } from '../../src';
import { tableKey } from '../../src/replay/engines/table-key';
import { toPlainItems } from '../../src/replay/table/plain';
import { describeLocal, freshTable, tableName } from '../support/engines';
import { randomFrom, shuffled, START } from '../support/things';
import { silent } from '../support/uows';

/** The event that Lambda makes of stream records: binary as base64, times as seconds. */
const toLambdaEvent = (records: readonly StreamRecord[], eventSourceARN: string): DynamoDBStreamEvent =>
  JSON.parse(
    JSON.stringify({
      Records: records.map(({ dynamodb, ...record }) => ({
        ...record,
        eventSourceARN,
        dynamodb: { ...dynamodb, ApproximateCreationDateTime: Math.floor(Number(dynamodb?.ApproximateCreationDateTime) / 1000) },
      })),
    }, (_name, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value)),
  ) as DynamoDBStreamEvent;

describeLocal('a view of another table, fed by its real stream', (engine) => {
  const rows = (view: string) => engine().scan(view).then((items) => toPlainItems(items, tableKey({ partitionKey: 'pk', sortKey: 'sk' })));

  /** Makes a table with a stream, lets `change` work on it, and returns what the stream recorded. */
  const record = async (viewType: 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES', change: (table: string) => Promise<void>) => {
    const config = { endpoint: engine().endpoint ?? '', region: 'local', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
    const [client, streams] = [new DynamoDBClient(config), new DynamoDBStreamsClient(config)];
    const table = tableName('rows');
    try {
      await client.send(new CreateTableCommand({
        TableName: table, BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }, { AttributeName: 'sk', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }, { AttributeName: 'sk', KeyType: 'RANGE' }],
        StreamSpecification: { StreamEnabled: true, StreamViewType: viewType },
      }));
      await change(table);
      const arn = (await client.send(new DescribeTableCommand({ TableName: table }))).Table?.LatestStreamArn ?? '';
      const shards = (await streams.send(new DescribeStreamCommand({ StreamArn: arn }))).StreamDescription?.Shards ?? [];
      const records: StreamRecord[] = [];
      for (const { ShardId } of shards) {
        let { ShardIterator: iterator } = await streams.send(new GetShardIteratorCommand({ StreamArn: arn, ShardId, ShardIteratorType: 'TRIM_HORIZON' }));
        while (iterator) {
          const page: GetRecordsCommandOutput = await streams.send(new GetRecordsCommand({ ShardIterator: iterator }));
          records.push(...(page.Records ?? []));
          iterator = page.Records?.length ? page.NextShardIterator : undefined;
        }
      }
      return { records, arn };
    } finally {
      client.destroy();
      streams.destroy();
    }
  };

  const life = async (table: string): Promise<void> => {
    const { client } = engine();
    const put = (pk: string, at: number, more: object = {}) =>
      client.send(new PutCommand({ TableName: table, Item: { pk, sk: 'thing', discriminator: 'thing', timestamp: START + at, name: `${pk}@${at}`, ...more } }));
    await put('a', 1);
    await put('a', 2, { long: 12345678901234567890n, bytes: new Uint8Array([1, 2, 3]), tags: new Set(['x', 'y']) });
    await put('b', 1);
    await client.send(new DeleteCommand({ TableName: table, Key: { pk: 'b', sk: 'thing' } }));
    await put('c', 1);
    await client.send(new DeleteCommand({ TableName: table, Key: { pk: 'c', sk: 'thing' } }));
    await put('c', 2); // in the very millisecond that the delete is given
    await client.send(new UpdateCommand({
      TableName: table, Key: { pk: 'a', sk: 'thing' }, UpdateExpression: 'SET #n = :n', ExpressionAttributeNames: { '#n': 'name' }, ExpressionAttributeValues: { ':n': 'same time' },
    })); // a write that forgets the timestamp: only the stream knows that it came later
  };

  it.each([1, 2, 3])('ends equal to the rows, whatever the order of delivery (seed %i)', async (seed) => {
    const { records, arn } = await record('NEW_AND_OLD_IMAGES', life);
    const view = await freshTable(engine());
    const kinds: string[] = [];
    const handler = createHandler({
      source: fromDynamodb, tableName: view, client: engine().client, logger: silent, now: () => START, onSettled: ({ outcome }) => kinds.push(outcome.kind),
      pipelines: initializeFrom([
        {
          id: 'row', flavor: materialize, eventType: /^thing-(created|updated)$/,
          toWrite: ({ event: { raw } }) => {
            const { pk, name, long, bytes, tags } = raw?.new ?? {};
            return { key: { pk: pk as string, sk: 'view' }, set: { name, long, bytes, tags } };
          },
        },
        { id: 'row-deleted', flavor: materialize, eventType: 'thing-deleted', toWrite: ({ event }) => ({ key: { pk: String(event.partitionKey), sk: 'view' }, tombstone: true }) },
      ]),
    });
    for (const one of shuffled([...records, ...records], randomFrom(seed))) await handler(toLambdaEvent([one], arn));

    expect(records).toHaveLength(8);
    expect(kinds).toHaveLength(16);
    expect(kinds.filter((kind) => !['applied', 'stale', 'duplicate', 'tombstoned'].includes(kind))).toEqual([]);
    expect(await rows(view)).toEqual([
      expect.objectContaining({ pk: 'a', name: 'same time', long: '12345678901234567890', bytes: 'AQID', tags: ['x', 'y'], timestamp: START + 2 }),
      expect.objectContaining({ pk: 'b', deleted: true, timestamp: START + 2 }),
      expect.objectContaining({ pk: 'c', name: 'c@2', timestamp: START + 2 }),
    ]);
  });

  it.each(['KEYS_ONLY', 'OLD_IMAGE'] as const)('is ordered by the sequence where a %s stream tells no time of the row', async (viewType) => {
    const { records, arn } = await record(viewType, life);
    const view = await freshTable(engine());
    const handler = createHandler({
      source: fromDynamodb, sourceOptions: { eventTypePrefix: 'thing' }, tableName: view, client: engine().client, logger: silent, now: () => START,
      oplock: { by: 'sequence' },
      pipelines: initializeFrom([
        { id: 'seen', flavor: materialize, toWrite: ({ event }) => ({ key: { pk: String(event.partitionKey), sk: 'view' }, set: { last: event.type } }) },
      ]),
    });
    for (const one of shuffled(records, randomFrom(9))) await handler(toLambdaEvent([one], arn));
    expect((await rows(view)).map(({ pk, last }) => [pk, last])).toEqual([['a', 'thing-updated'], ['b', 'thing-deleted'], ['c', 'thing-created']]);
  });
});
