import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { createHandler, fromKinesis, toKinesisRecords, type Outcome } from '../../src';
import { tableKey } from '../../src/replay/engines/table-key';
import { toPlainItems } from '../../src/replay/table/plain';
import { freshTable } from '../support/engines';
import { hidingOldItems } from '../support/hiding';
import { describeStrategies } from '../support/strategies';
import { START, thingPipelines } from '../support/things';
import { silent } from '../support/uows';

const thing = (id: string, of: string, at: number, name?: string) =>
  ({ id, type: name === undefined ? 'thing-deleted' : 'thing-updated', timestamp: START + at, partitionKey: of, thing: { id: of, name } });

describeStrategies('an item without an oplock', (engine, strategy) => {
  const imported = ['a', 'b'].map((pk) => ({ pk, sk: 'thing', name: 'imported' }));

  const run = async (oplock: object, hidesOldItems = false) => {
    const table = await freshTable(engine());
    for (const Item of imported) await engine().client.send(new PutCommand({ TableName: table, Item }));
    const outcomes: Outcome[] = [];
    let requests = 0;
    const client = new Proxy(hidesOldItems ? hidingOldItems(engine().client) : engine().client, {
      get: (target, name) => (name !== 'send' ? Reflect.get(target, name) : (command: never, options: never) => {
        requests += 1;
        return target.send(command, options) as unknown;
      }),
    });
    const handler = createHandler({ source: fromKinesis, pipelines: thingPipelines(), tableName: table, client, logger: silent, oplock, fold: false, strategy, onSettled: ({ outcome }) => outcomes.push(outcome) });
    await handler(toKinesisRecords([thing('a1', 'a', 1, 'one'), thing('b1', 'b', 2), thing('c1', 'c', 3, 'three'), thing('c2', 'c', 4, 'four')]));
    return { outcomes, requests, items: toPlainItems(await engine().scan(table), tableKey({ partitionKey: 'pk', sortKey: 'sk' })) };
  };

  it.each([['with the old item', false], ['where a read stands in for it', true]])('is kept, and the others go by their oplocks: %s', async (_name, hidden) => {
    const { outcomes, requests, items } = await run({ onUnversioned: 'reject' }, hidden);
    const kept = { kind: 'conflict', reason: expect.stringContaining('onUnversioned'), ...(hidden && { inferred: true }) };
    expect(outcomes).toEqual([kept, kept, { kind: 'applied' }, { kind: 'applied' }]);
    expect(items).toEqual([...imported, { pk: 'c', sk: 'thing', name: 'four', timestamp: START + 4, oplockTie: 'c2' }]);
    if (strategy !== 'batch') expect(requests).toBe(hidden ? 6 : 4);
  });

  it('is overwritten by default', async () => {
    const { outcomes, items } = await run({});
    expect(outcomes.map(({ kind }) => kind)).toEqual(['applied', 'applied', 'applied', 'applied']);
    expect(items).toEqual([expect.objectContaining({ name: 'one' }), expect.objectContaining({ deleted: true }), expect.anything()]);
  });
});
