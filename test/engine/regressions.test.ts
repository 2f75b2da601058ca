import { GetItemCommand, PutItemCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { cdc, createHandler, fromDynamodb, initializeFrom, reassert, toDynamodbRecords, type Event, type EventPublisher, type Outcome } from '../../src';
import { fromAttributeMap } from '../../src/attribute-value';
import { canonicalNumber } from '../../src/decimal';
import type { Engine } from '../../src/replay/engines/engine';
import type { Strategy } from '../../src/sinks/dynamodb/update-options';
import { describeLocal, freshTable } from '../support/engines';
import { describeStrategies } from '../support/strategies';
import { recordChanges, toLambdaEvent } from '../support/table-stream';
import { START } from '../support/things';
import { silent } from '../support/uows';

type Item = Record<string, AttributeValue>;

const key = { pk: { S: 'a' }, sk: { S: 'thing' } };
const base = (at: number): Item => ({ ...key, timestamp: { N: String(START + at) }, oplockTie: { S: `t${at}` }, discriminator: { S: 'thing' } });

const ALL: Item = {
  text: { S: 'x 😀' }, empty: { S: '' }, number: { N: '-1.5' }, tiny: { N: '1E-130' }, beyond: { N: '9007199254740993' }, huge: { N: '9E+125' },
  decimal: { N: '0.1234567890123456789012345678901234567' }, bytes: { B: new Uint8Array([0, 255]) }, none: { B: new Uint8Array() }, yes: { BOOL: true }, nothing: { NULL: true },
  texts: { SS: ['a', 'b'] }, numbers: { NS: ['1', '1.5', '9007199254740993'] }, integers: { NS: ['1', '9007199254740993'] }, binaries: { BS: [new Uint8Array([1]), new Uint8Array([2])] },
  list: { L: [{ N: '1' }, { L: [] }, { M: {} }, { NULL: true }] }, map: { M: { 'a.b #:c': { M: { constructor: { S: 'x' }, toString: { NS: ['3'] } } } } },
  constructor: { S: 'own' }, '😀': { S: 'name' },
};

/** Sets in one order, numbers in one spelling: DynamoDB Local keeps each as it came. */
const canonical = (tag: string, content: unknown): unknown => {
  if (tag === 'N') return canonicalNumber(content as string);
  return tag.endsWith('S') && Array.isArray(content) ? content.map((one) => (tag === 'NS' ? canonicalNumber(one as string) : String(one))).sort() : content;
};

const sorted = (item: Item | undefined) => Object.fromEntries(Object.entries(item ?? {}).map(([name, value]) =>
  [name, Object.fromEntries(Object.entries(value).map(([tag, content]) => [tag, canonical(tag, content)]))]));

const put = (engine: Engine, TableName: string, Item: Item) => engine.client.send(new PutItemCommand({ TableName, Item }) as never);
const get = async (engine: Engine, TableName: string): Promise<Item | undefined> =>
  (await engine.client.send(new GetItemCommand({ TableName, Key: key, ConsistentRead: true }) as never) as { Item?: Item }).Item;

const mender = (engine: Engine, outcomes: Outcome[], strategy: Strategy = 'auto') => createHandler({
  source: fromDynamodb, sourceOptions: { ignoreReplicas: false }, client: engine.client, logger: silent, strategy, onSettled: ({ outcome }) => outcomes.push(outcome),
  pipelines: initializeFrom([{ id: 'mend', flavor: reassert }]),
});

describeStrategies('a row whose oplock went backwards', (engine, strategy) => {
  it('is brought back to the letter, whatever its attributes are', async () => {
    const table = await freshTable(engine());
    await put(engine(), table, { ...base(2), ...ALL });
    const was = await get(engine(), table);
    await put(engine(), table, { ...base(1), other: { S: 'x' } });
    const is = await get(engine(), table);
    const outcomes: Outcome[] = [];
    const handler = mender(engine(), outcomes, strategy);
    const { pk, sk, ...rest } = fromAttributeMap(was ?? {});
    const batch = toDynamodbRecords([{ keys: { pk, sk }, oldImage: rest, newImage: fromAttributeMap(is ?? {}) }], { tableName: table });
    await handler(batch);
    expect(sorted(await get(engine(), table))).toEqual(sorted(was));
    await handler(batch); // another region has seen it, too
    expect(outcomes.map(({ kind }) => kind)).toEqual(['applied', 'duplicate']);
  });
});

describeLocal('the stream of a table', (engine) => {
  it('shows what went backwards, and the row is brought back', async () => {
    const { table, records, arn } = await recordChanges(engine(), 'NEW_AND_OLD_IMAGES', async (name) => {
      await put(engine(), name, { ...base(2), ...ALL });
      await put(engine(), name, base(1)); // what replication does
    });
    const outcomes: Outcome[] = [];
    await mender(engine(), outcomes)(toLambdaEvent(records, arn));
    expect(outcomes).toEqual([{ kind: 'filtered', reason: 'no oplock went backwards' }, { kind: 'applied' }]);
    expect(sorted(await get(engine(), table))).toEqual(sorted({ ...base(2), ...ALL }));
  });

  it('shows what has not changed, and it is not announced', async () => {
    const { records, arn } = await recordChanges(engine(), 'NEW_AND_OLD_IMAGES', async (name) => {
      await put(engine(), name, { ...base(1), ...ALL });
      await put(engine(), name, { ...base(2), ...ALL, texts: { SS: ['b', 'a'] }, number: { N: '-1.50' } });
      await put(engine(), name, { ...base(3), ...ALL, texts: { SS: ['b', 'c'] } });
    });
    const published: Event[] = [];
    const publisher: EventPublisher = Object.assign(async (events: readonly Event[]) => {
      published.push(...events);
      return events.map(() => undefined);
    }, { maxEvents: 500, maxBytes: 1e6, bytesOf: () => 1 });
    const handler = createHandler({ source: fromDynamodb, logger: silent, pipelines: initializeFrom([{ id: 'out', flavor: cdc, publisher, skipUnchanged: true }]) });
    await handler(toLambdaEvent(records, arn));
    expect(records).toHaveLength(3);
    expect(published.map(({ type, timestamp }) => [type, timestamp])).toEqual([['thing-created', START + 1], ['thing-updated', START + 3]]);
  });
});
