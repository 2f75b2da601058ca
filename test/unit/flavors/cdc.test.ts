import { cdc, createHandler, fromDynamodb, initializeFrom, toDynamodbRecords, type CdcRule, type Event, type EventPublisher, type TableChange } from '../../../src';
import type { FaultEvent } from '../../../src/faults/fault-event';
import type { Settled } from '../../../src/settled';
import { silent } from '../../support/uows';

const T = Date.UTC(2026, 5, 1);
const keys = { pk: 'seat-1', sk: 'seat' };
const row = (at: number, more: object = {}) => ({ discriminator: 'Seat', timestamp: T + at, status: 'held', ...more });

const setUp = () => {
  const published: Event[] = [];
  const publisher: EventPublisher = Object.assign(async (events: readonly Event[]) => {
    published.push(...events);
    return events.map(() => undefined);
  }, { maxEvents: 500, maxBytes: 1e6, bytesOf: () => 1 });
  return { published, publisher };
};

const run = async (changes: readonly TableChange[], rules: readonly Partial<CdcRule>[], options: Parameters<typeof toDynamodbRecords>[1] = {}) => {
  const { published, publisher } = setUp();
  const settled: Settled[] = [];
  const faults: FaultEvent[] = [];
  const handler = createHandler({
    source: fromDynamodb, logger: silent, onSettled: (one) => settled.push(one), publishFault: async (fault) => { faults.push(fault); },
    pipelines: initializeFrom(rules.map((rule, i) => ({ id: `r${i}`, flavor: cdc, publisher, ...rule }))),
  });
  const batch = toDynamodbRecords(changes, options);
  const invoke = () => handler(batch, { getRemainingTimeInMillis: () => 30_000, functionName: 'trigger' });
  const response = await invoke();
  return { published, settled, faults, response, invoke, ids: batch.Records.map(({ eventID }) => eventID), outcomes: settled.map(({ outcome }) => outcome) };
};

describe('cdc', () => {
  it('makes a domain event of a change, without its images', async () => {
    const { published, ids, outcomes } = await run([{ keys, newImage: row(1) }], [{
      source: 'seats', tags: { stage: 'test' }, toEvent: ({ event: { raw } }) => ({ seat: { status: raw?.new?.['status'] } }),
    }]);
    expect(published).toEqual([{
      id: `${ids[0]}.r0`, type: 'seat-created', timestamp: T + 1, partitionKey: 'seat-1', seat: { status: 'held' },
      tags: { region: 'us-east-1', source: 'seats', functionname: 'trigger', pipeline: 'r0', stage: 'test' },
    }]);
    expect(outcomes).toEqual([{ kind: 'published' }]);
  });

  it('gives the same ids on every delivery, and others to every rule', async () => {
    const { published, invoke } = await run([{ keys, newImage: row(1) }, { keys, newImage: row(2), oldImage: row(1) }], [{}, {}]);
    const first = published.map(({ id }) => id);
    expect(new Set(first).size).toBe(4);
    published.length = 0;
    await invoke();
    expect(published.map(({ id }) => id).sort()).toEqual([...first].sort());
  });

  it('publishes what toEvent says: fields of its own, several events, a promise, images only when returned', async () => {
    const { published, ids } = await run([{ keys, newImage: row(1) }], [
      { toEvent: () => ({ id: 'mine', type: 'seat-held', timestamp: T, partitionKey: 'show-1', tags: { region: 'mine' } }) },
      { toEvent: async () => [{ n: 1 }, { n: 2, partitionKey: 'other' }] },
      { toEvent: ({ event: { raw } }) => ({ raw, type: undefined }) },
    ]);
    expect(published.map(({ id, type, partitionKey, n, raw, tags }) => [id, type, partitionKey, n, Object.keys(raw ?? {}), tags?.['region']]).sort()).toEqual([
      [`${ids[0]}.r1.0`, 'seat-created', 'seat-1', 1, [], 'us-east-1'],
      [`${ids[0]}.r1.1`, 'seat-created', 'other', 2, [], 'us-east-1'],
      [`${ids[0]}.r2`, 'seat-created', 'seat-1', undefined, ['new'], 'us-east-1'],
      ['mine', 'seat-held', 'show-1', undefined, [], 'mine'],
    ].sort());
  });

  it.each([
    ['undefined', () => undefined], ['an empty list', () => []], ['a promise of nothing', async () => undefined],
  ])('is filtered when toEvent returns %s', async (_name, toEvent) => {
    const { published, outcomes } = await run([{ keys, newImage: row(1) }], [{ toEvent }]);
    expect([published, outcomes]).toEqual([[], [{ kind: 'filtered', reason: 'toEvent made no event of it' }]]);
  });

  it.each<[string, TableChange, string | undefined]>([
    ['a row that a listener wrote', { keys, newImage: row(1, { latched: true }) }, 'latched'],
    ['its removal', { keys, oldImage: row(1, { latched: true }) }, 'latched'],
    ['a command on a row that a listener wrote', { keys, newImage: row(2, { latched: null }), oldImage: row(1, { latched: true }) }, undefined],
    ['a listener on a row that a command wrote', { keys, newImage: row(2, { latched: true }), oldImage: row(1, { latched: null }) }, 'latched'],
    ['the mark of a soft delete', { keys, newImage: row(2, { deleted: true }), oldImage: row(1) }, undefined],
    ['the removal of a row that was marked deleted', { keys, oldImage: row(2, { deleted: true }) }, 'removed after a soft delete'],
    ['its removal by time to live', { keys, oldImage: row(2, { deleted: true }), ttlExpired: true }, 'removed after a soft delete'],
    ['the removal of a row that was not', { keys, oldImage: row(2) }, undefined],
    ['a row that comes back', { keys, newImage: row(3), oldImage: row(2, { deleted: true }) }, undefined],
    ['latched as text', { keys, newImage: row(1, { latched: 'true' }) }, undefined],
  ])('tells news from echoes: %s', async (_name, change, reason) => {
    const { outcomes, published } = await run([change], [{}]);
    expect(outcomes).toEqual([reason === undefined ? { kind: 'published' } : { kind: 'filtered', reason }]);
    expect(published).toHaveLength(reason === undefined ? 1 : 0);
  });

  it('does not mistake a change under old images only for a removal', async () => {
    const { outcomes } = await run([{ keys, newImage: row(2), oldImage: row(1, { deleted: true, latched: true }) }], [{ toEvent: () => ({ timestamp: T }) }], { viewType: 'OLD_IMAGE' });
    expect(outcomes).toEqual([{ kind: 'published' }]);
  });

  it('gives a removal the time after the last write', async () => {
    const { published } = await run([{ keys, oldImage: row(5) }], [{}]);
    expect(published).toEqual([expect.objectContaining({ type: 'seat-deleted', timestamp: T + 6 })]);
  });

  it('publishes no time that is truncated to the second, unless toEvent has a better one', async () => {
    const { timestamp: _, ...timeless } = row(1);
    const change = { keys, newImage: timeless, timestamp: T + 1 };
    expect((await run([change], [{}])).outcomes).toEqual([{ kind: 'fault', error: expect.objectContaining({ code: 'SECOND_PRECISION' }) }]);
    expect((await run([change], [{ toEvent: () => ({ timestamp: undefined }) }])).outcomes).toEqual([{ kind: 'fault', error: expect.objectContaining({ code: 'SECOND_PRECISION' }) }]);
    expect((await run([change], [{ toEvent: () => ({ timestamp: T + 7 }) }])).published).toEqual([expect.objectContaining({ timestamp: T + 7 })]);
  });

  it.each([
    ['id', { id: '' }], ['id', { id: 1 }], ['type', { type: '' }], ['timestamp', { timestamp: T / 1000 }], ['timestamp', { timestamp: null }],
    ['partitionKey', { partitionKey: '' }], ['partitionKey', { partitionKey: 7 }], ['the result of toEvent', 'text'],
  ])('makes a fault of an event that breaks the contract, and names the field: %s', async (field, returned) => {
    const { outcomes, published, faults } = await run([{ keys, newImage: row(1) }], [{ toEvent: () => returned as never }]);
    expect(published).toEqual([]);
    expect(outcomes).toEqual([{ kind: 'fault', error: expect.objectContaining({ code: 'INVALID_RECORD', message: expect.stringContaining(`field ${field}: found`) }) }]);
    expect(faults[0]?.err.message).toContain('rule "r0"');
  });

  it.each<[string, Partial<CdcRule>, object, object, string | undefined]>([
    ['is not asked', {}, {}, {}, undefined],
    ['is false', { skipUnchanged: false }, {}, {}, undefined],
    ['is true', { skipUnchanged: true }, {}, {}, 'nothing changed but the oplock'],
    ['is true, and something else has changed', { skipUnchanged: true }, {}, { price: 1 }, undefined],
    ['ignores more', { skipUnchanged: { ignore: ['ttl'] } }, { ttl: 1 }, { ttl: 2 }, 'nothing changed that counts'],
    ['knows the table’s oplock', { skipUnchanged: true, oplock: { groups: { a: ['x'] } } }, {}, { timestamp_a: 1 }, 'nothing changed but the oplock'],
  ])('leaves out a change of nothing but the oplock when it is to: skipUnchanged %s', async (_name, rule, before, after, reason) => {
    const { outcomes, published } = await run([{ keys, oldImage: row(1, before), newImage: row(2, after) }], [rule]);
    expect(outcomes).toEqual([reason === undefined ? { kind: 'published' } : { kind: 'filtered', reason }]);
    expect(published).toHaveLength(reason === undefined ? 1 : 0);
  });

  it('refuses two events with one id', async () => {
    const { outcomes } = await run([{ keys, newImage: row(1) }], [{ toEvent: () => [{ id: 'x' }, { id: 'x' }] }]);
    expect(outcomes).toEqual([{ kind: 'fault', error: expect.objectContaining({ code: 'SAME_ID_TWICE' }) }]);
  });

  it('takes types and filters, and makes a fault of what throws', async () => {
    const { outcomes } = await run([{ keys, newImage: row(1) }, { keys, newImage: row(2), oldImage: row(1) }, { keys, newImage: row(3, { status: 'odd' }), oldImage: row(2) }], [{
      eventType: 'seat-updated', filters: ({ event: { raw } }) => raw?.new?.['status'] !== 'odd', toEvent: () => { throw new TypeError('no'); },
    }]);
    expect(outcomes).toEqual([expect.objectContaining({ kind: 'filtered' }), { kind: 'fault', error: expect.any(Error) }, { kind: 'filtered' }]);
  });

  it.each([[{ publisher: undefined }], [{ publisher: 'events' }], [{ toEvent: 'x' }], [{ skipUnchanged: 'yes' }]])('refuses the rule %j when it is made', async (rule) => {
    await expect(run([], [rule as never])).rejects.toMatchObject({ code: 'INVALID_RULE', message: expect.stringContaining('"r0"') });
  });
});
