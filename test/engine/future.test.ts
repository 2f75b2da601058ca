import { createHandler, fromKinesis, initializeFrom, materialize, timestampCondition, toKinesisRecords, updateExpression, type Event, type FaultEvent, type Rule } from '../../src';
import type { Pipelines } from '../../src/pipelines/pipeline';
import { tableKey } from '../../src/replay/engines/table-key';
import { toPlainItems } from '../../src/replay/table/plain';
import { due, mended } from '../docs/examples/future-faults';
import { repairOplock } from '../docs/examples/repair-oplock';
import { freshTable } from '../support/engines';
import { COMPANY, companyOf, describeStrategies, isCompany, isNoCompany } from '../support/strategies';
import { KEEP_DAYS, START, thingPipelines } from '../support/things';
import { silent } from '../support/uows';

const YEAR = 31_536_000_000;
const KEY = { pk: 'a', sk: 'thing' };
const thing = (id: string, at: number, name?: string) => ({ id, type: name === undefined ? 'thing-deleted' : 'thing-updated', timestamp: START + at, partitionKey: 'a', thing: { id: 'a', name } });

describeStrategies('an event from the future', (engine, strategy) => {
  const start = async (pipelines: Pipelines = thingPipelines(), more: object = {}) => {
    const table = await freshTable(engine());
    const kinds: string[] = [];
    const faults: FaultEvent[] = [];
    let now = START + 1_000;
    const handler = createHandler({
      source: fromKinesis, pipelines: { ...pipelines, ...initializeFrom([COMPANY]) }, tableName: table, strategy, client: engine().client, now: () => now, logger: silent,
      publishFault: async (fault) => faults.push(fault), onSettled: (settled) => { if (!isCompany(settled)) kinds.push(settled.outcome.kind); }, ...more,
    });
    return {
      table, kinds, faults,
      tell: async (...events: readonly Event[]) => handler(toKinesisRecords([...events, ...companyOf(events)])),
      resubmit: async (fault: FaultEvent) => handler({ Records: [fault.uow.record] } as never),
      handler,
      at: (time: number) => { now = time; },
      items: async () => toPlainItems(await engine().scan(table), tableKey({ partitionKey: 'pk', sortKey: 'sk' })).filter(isNoCompany),
    };
  };

  it('freezes nothing: neither as an update nor as a delete', async () => {
    const { tell, kinds, items, faults } = await start();
    await tell(thing('e1', 0, 'one'), thing('bad', YEAR, 'bad'), thing('gone', YEAR), thing('e2', 10, 'two'));
    expect(kinds).toEqual(['superseded', 'future', 'future', 'applied']);
    expect(await items()).toEqual([{ ...KEY, name: 'two', oplockTie: 'e2', timestamp: START + 10 }]);
    expect(faults.map(({ err: { code } }) => code)).toEqual(['FUTURE_EVENT', 'FUTURE_EVENT']);
  });

  it('freezes no item that it would have made, and no group', async () => {
    const groups = { profile: ['name'], address: ['street'] };
    const rules = [{ id: 'g', flavor: materialize, groups, toWrite: ({ event: { name, street } }: { event: Event }) => ({ key: KEY, set: { ...(name !== undefined && { name }), ...(street !== undefined && { street }) } }) }];
    const { tell, kinds, items } = await start(initializeFrom(rules as unknown as readonly Rule[]));
    const event = (id: string, at: number, more: object): Event => ({ id, type: 't', timestamp: START + at, partitionKey: 'a', ...more });
    await tell(event('bad', YEAR, { name: 'bad' }), event('e1', 5, { name: 'one', street: 'elm' }), event('bad2', YEAR, { street: 'bad' }), event('e2', 6, { street: 'oak' }));
    expect(kinds).toEqual(['future', 'applied', 'future', 'applied']);
    expect(await items()).toEqual([expect.objectContaining({ name: 'one', street: 'oak', timestamp_profile: START + 5, timestamp_address: START + 6 })]);
  });

  it('freezes nothing as a raw request, either', async () => {
    const toUpdateRequest = ({ event: { timestamp, name } }: { event: Event }) => ({ Key: KEY, ...updateExpression({ name, timestamp }), ...timestampCondition() });
    const { tell, kinds, items } = await start(initializeFrom([{ id: 'raw', flavor: materialize, toUpdateRequest }]));
    await tell({ id: 'bad', type: 't', timestamp: START + YEAR, name: 'bad' }, { id: 'e', type: 't', timestamp: START + 1, name: 'good' });
    expect(kinds).toEqual(['future', 'applied']);
    expect(await items()).toEqual([{ ...KEY, name: 'good', timestamp: START + 1 }]);
  });

  it('is taken when it is resubmitted at its time, and set aside under the same id before', async () => {
    const { tell, kinds, items, faults, resubmit, at } = await start();
    await tell(thing('early', YEAR, 'right'));
    const [fault] = faults as [FaultEvent];
    at(START + YEAR - 300_001);
    await resubmit(fault);
    expect(faults.map(({ id }) => id)).toEqual([fault.id, fault.id]);
    expect([due(faults, START + YEAR - 1), due(faults, START + YEAR).length]).toEqual([[], 2]);
    at(START + YEAR);
    await resubmit(fault);
    expect(kinds).toEqual(['future', 'future', 'applied']);
    expect(await items()).toEqual([{ ...KEY, name: 'right', oplockTie: 'early', timestamp: START + YEAR }]);
  });

  it('takes its place among the others when its time is mended', async () => {
    const { tell, kinds, items, faults, handler } = await start();
    await tell(thing('bad', YEAR, 'mended'), thing('e1', 10, 'one'));
    await handler(mended(faults[0] as FaultEvent, START + 20));
    await tell(thing('e2', 15, 'late'));
    expect(kinds).toEqual(['future', 'applied', 'applied', 'stale']);
    expect(await items()).toEqual([{ ...KEY, name: 'mended', oplockTie: 'bad', timestamp: START + 20 }]);
  });

  it('that froze an item without the guard is cured by an update of its oplock', async () => {
    const { tell, kinds, items, table } = await start(thingPipelines(), { oplock: { maxFutureSkew: Infinity } });
    await tell(thing('bad', YEAR, 'bad'));
    await tell(thing('e1', 100, 'one'));
    expect(kinds).toEqual(['applied', 'stale']);
    await repairOplock(engine().client, table, KEY, START + YEAR, START + 50);
    await expect(repairOplock(engine().client, table, KEY, START + YEAR, START + 50)).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });
    await tell(thing('e0', 49, 'older'));
    await tell(thing('e1', 100, 'one'));
    expect(kinds.slice(2)).toEqual(['stale', 'applied']);
    expect(await items()).toEqual([{ ...KEY, name: 'one', oplockTie: 'e1', timestamp: START + 100 }]);
  });

  it('within the skew is taken, and a tombstone of it outlives it', async () => {
    const { tell, items } = await start();
    await tell(thing('soon', 301_000));
    expect(await items()).toEqual([{ ...KEY, deleted: true, oplockTie: 'soon', timestamp: START + 301_000, ttl: START / 1_000 + 301 + KEEP_DAYS * 86_400 }]);
  });
});
