import { randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';
import { toKinesisRecords } from '../../src';
import { tableKey } from '../../src/replay/engines/table-key';
import { toPlainItems } from '../../src/replay/table/plain';
import { describeEmbedded } from '../support/engines';

const context = { getRemainingTimeInMillis: () => 20_000, functionName: 'listener' } as Context;
const START = Date.UTC(2024, 0, 1); // in the past by any clock

const thing = (id: string, type: string, at: number, more: object) => ({ id, type, timestamp: START + at, partitionKey: 'lamp', thing: { id: 'lamp', ...more } });
const created = thing('1', 'thing-created', 1000, { name: 'Lamp', price: 10 });
const updated = thing('2', 'thing-updated', 2000, { name: 'Lamp', price: 12 });
const deleted = thing('3', 'thing-deleted', 3000, {});
const unrelated = thing('4', 'thing-seen', 4000, {});

/** The examples run exactly as the README prints them: table, endpoint and credentials come from the environment. */
describeEmbedded('the examples of the README', (engine) => {
  const environment = { ...process.env };
  let table: string;

  beforeEach(async () => {
    table = `readme-${randomUUID()}`;
    await engine().createTable({ name: table, partitionKey: 'pk', sortKey: 'sk' });
    Object.assign(process.env, {
      ENTITY_TABLE_NAME: table,
      AWS_ENDPOINT_URL_DYNAMODB: engine().endpoint,
      AWS_REGION: 'local',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    });
  });
  afterEach(() => {
    jest.restoreAllMocks();
    process.env = { ...environment };
  });

  const items = async () => toPlainItems(await engine().scan(table), tableKey({ partitionKey: 'pk', sortKey: 'sk' }));

  it('quick start: the order of arrival does not matter', async () => {
    const lines: string[] = [];
    jest.spyOn(console, 'log').mockImplementation((line: string) => lines.push(line));
    jest.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
    const { handler } = await import('./examples/quick-start');
    for (const batch of [[updated], [created, unrelated], [updated]]) {
      expect(await handler(toKinesisRecords(batch), context)).toEqual({ batchItemFailures: [] });
    }
    expect(await items()).toEqual([{ pk: 'lamp', sk: 'thing', name: 'Lamp', price: 12, timestamp: START + 2000, oplockTie: '2' }]);

    expect(await handler(toKinesisRecords([deleted, updated]), context)).toEqual({ batchItemFailures: [] });
    expect(await items()).toEqual([expect.objectContaining({ pk: 'lamp', sk: 'thing', deleted: true, timestamp: START + 3000 })]);
    expect((await items())[0]).not.toHaveProperty('price');
    expect(lines.join('')).toContain('"things"');
  });

  it('lower level: the mapping of the literature', async () => {
    const { handler } = await import('./examples/literature');
    for (const batch of [[updated], [{ ...created, thing: { id: 'lamp', name: 'Old lamp' } }, deleted], [updated]]) {
      expect(await handler(toKinesisRecords(batch), context)).toEqual({ batchItemFailures: [] });
    }
    expect(await items()).toEqual([{ pk: 'lamp', sk: 'thing', name: 'Lamp', oplock: START + 2000 }]);
  });
});
