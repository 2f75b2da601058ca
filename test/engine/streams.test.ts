import { DeleteCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { createHandler, fromDynamodb, initializeFrom, materialize } from '../../src';
import { tableKey } from '../../src/replay/engines/table-key';
import { toPlainItems } from '../../src/replay/table/plain';
import { describeLocal, freshTable } from '../support/engines';
import { recordChanges, toLambdaEvent } from '../support/table-stream';
import { randomFrom, shuffled, START } from '../support/things';
import { silent } from '../support/uows';

describeLocal('a view of another table, fed by its real stream', (engine) => {
  const rows = (view: string) => engine().scan(view).then((items) => toPlainItems(items, tableKey({ partitionKey: 'pk', sortKey: 'sk' })));

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
    const { records, arn } = await recordChanges(engine(), 'NEW_AND_OLD_IMAGES', life);
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
    const { records, arn } = await recordChanges(engine(), viewType, life);
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
