import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { createHandler, fromKinesis, initializeFrom, materialize, toKinesisRecords, type Event, type Outcome, type Rule } from '../../src';
import type { Engine } from '../../src/replay/engines/engine';
import type { Strategy } from '../../src/sinks/dynamodb/update-options';
import { describeLocal, freshTable } from '../support/engines';
import { hidingOldItems } from '../support/hiding';
import { COMPANY, companyOf, describeStrategies, isCompany } from '../support/strategies';
import { recordChanges } from '../support/table-stream';
import { START } from '../support/things';
import { silent } from '../support/uows';

const KEY = { pk: 'a', sk: 'thing' };

const thing = (n: number, size: number | undefined, more: object = {}): Event => ({ id: `e${n}`, type: 'thing', timestamp: START + n, partitionKey: 'a', size, ...more });

const LIFE = [thing(0, 1), thing(1, 1), thing(2, 2), thing(3, 2), thing(4, 2), thing(5, undefined), thing(6, undefined), thing(7, 0, { deleted: true }), thing(8, undefined)];
const ENDS = ['applied', 'unchanged', 'applied', 'unchanged', 'unchanged', 'applied', 'unchanged', 'applied', 'applied'];

interface How {
  readonly fold?: boolean;
  readonly hidden?: boolean;
  readonly strategy?: Strategy;
}

const deliver = async (engine: Engine, tableName: string, events: readonly Event[], batches: readonly (readonly number[])[], { fold = false, hidden = false, strategy = 'auto' }: How = {}) => {
  const outcomes: Outcome[] = [];
  const handler = createHandler({
    source: fromKinesis, tableName, client: hidden ? hidingOldItems(engine.client) : engine.client, logger: silent, fold, strategy, oplock: { by: 'sequence', skipUnchanged: true }, now: () => START,
    pipelines: initializeFrom([{
      id: 'thing', flavor: materialize, eventType: 'thing',
      toWrite: ({ event }: { event: Event }) => ({ key: KEY, ...(event['deleted'] === true ? { tombstone: true } : { set: { size: event['size'], tags: new Set(['x', event.type]) } }) }),
    } as unknown as Rule, COMPANY]),
    onSettled: (settled) => { if (!isCompany(settled)) outcomes.push(settled.outcome); },
  });
  const { Records } = toKinesisRecords([...events, ...companyOf(events)]);
  for (const batch of batches) await handler({ Records: [...batch, ...batch.map((i) => events.length + i)].map((i) => Records[i] as (typeof Records)[number]) });
  const { Item: item = {} } = await engine.client.send(new GetCommand({ TableName: tableName, Key: KEY, ConsistentRead: true }));
  return { outcomes, item };
};

describeStrategies('an update that says what the one before it said', (engine, strategy) => {
  it.each([['with the old item', false], ['where a read stands in for it', true]])('is not written, and says so: %s', async (_name, hidden) => {
    const { outcomes, item } = await deliver(engine(), await freshTable(engine()), LIFE, [LIFE.map((_one, i) => i)], { hidden, strategy });
    expect(outcomes.map(({ kind }) => kind)).toEqual(ENDS);
    expect(item).toMatchObject({ oplockTie: 'e8', tags: new Set(['x', 'thing']), oplockHash: expect.any(Number) });
    expect(outcomes[1]).toEqual({ kind: 'unchanged', ...(hidden && { inferred: true }) });
  });

  it('leaves the oplock of the one before, and is unchanged again when it comes again', async () => {
    const { outcomes, item } = await deliver(engine(), await freshTable(engine()), LIFE, [[0, 1], [0, 1], [1]], { strategy });
    expect(outcomes.map(({ kind }) => kind)).toEqual(['applied', 'unchanged', 'duplicate', 'unchanged', 'unchanged']);
    expect(item).toMatchObject({ oplockTie: 'e0' });
  });

  it('is written where another writer has changed the row, which knows no hash', async () => {
    const table = await freshTable(engine());
    await deliver(engine(), table, LIFE, [[0]]);
    const { Item } = await engine().client.send(new GetCommand({ TableName: table, Key: KEY }));
    await engine().client.send(new PutCommand({ TableName: table, Item: { ...Item, size: 7 } }));
    const { outcomes, item } = await deliver(engine(), table, LIFE, [[1]], { strategy });
    expect(outcomes.map(({ kind }) => kind)).toEqual(['applied']);
    expect(item).toMatchObject({ size: 1, oplockTie: 'e1' });
  });

  it('folds with others that say the same, and is written with those that do not', async () => {
    const { outcomes, item } = await deliver(engine(), await freshTable(engine()), [...LIFE.slice(0, 2), thing(2, 1), thing(3, 2), thing(4, 1)], [[0], [1, 2], [3, 4]], { fold: true, strategy });
    expect(outcomes.map(({ kind }) => kind)).toEqual(['applied', 'superseded', 'unchanged', 'superseded', 'applied']);
    expect(item).toMatchObject({ size: 1, oplockTie: 'e4' });
  });
});

describeLocal('the stream of a table', (engine) => {
  it('has no record of a skipped update', async () => {
    const { records } = await recordChanges(engine(), 'NEW_AND_OLD_IMAGES', async (table) => { await deliver(engine(), table, LIFE, [LIFE.map((_one, i) => i)]); });
    const ours = records.filter(({ dynamodb }) => dynamodb?.Keys?.['pk']?.S === KEY.pk);
    expect(ours.map(({ dynamodb }) => dynamodb?.NewImage?.['oplockTie']?.S)).toEqual(LIFE.filter((_one, i) => ENDS[i] === 'applied').map(({ id }) => id));
  });
});
