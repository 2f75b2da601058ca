import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import {
  createHandler, fromDynamodb, initializeFrom, reassert, regressions, toDynamodbKinesisRecords, toDynamodbRecords, toPromise, fromKinesis,
  type Outcome, type ReassertRule, type RegressionsOptions, type TableChange,
} from '../../../src';
import { memoryEngine } from '../../../src/replay/engines/memory';
import { freshTable } from '../../support/engines';
import { silent } from '../../support/uows';

const T = Date.UTC(2026, 0, 1);
const keys = { pk: 'a', sk: 'thing' };
const row = (at: number, more: object = {}) => ({ timestamp: T + at, oplockTie: 't', name: `at ${at}`, ...more });
const GROUPS = { groups: { profile: ['name'], address: ['street'] } };

const engine = memoryEngine();
afterAll(() => engine.stop());

/** The change is in the stream; `stored` is what the table holds by now (default: what the change left). */
const run = async (change: Omit<TableChange, 'keys'>, rule: Partial<ReassertRule> = {}, stored: object | null | undefined = change.newImage) => {
  const table = await freshTable(engine);
  if (stored) await engine.client.send(new PutCommand({ TableName: table, Item: { ...stored, ...keys } }));
  const outcomes: Outcome[] = [];
  const warnings: unknown[] = [];
  const measured: unknown[] = [];
  const handler = createHandler({
    source: fromDynamodb, sourceOptions: { ignoreReplicas: false }, client: engine.client, now: () => T + 10_000,
    logger: { ...silent, warn: (...all) => warnings.push(all) }, metrics: { add: (...all) => measured.push(all), flush: () => {} },
    onSettled: ({ outcome }) => outcomes.push(outcome), publishFault: async () => {},
    pipelines: initializeFrom([{ id: 'mend', flavor: reassert, ...rule }]),
  });
  const batch = toDynamodbRecords([{ keys, timestamp: T, ...change }], { tableName: table });
  const invoke = () => handler(batch);
  await invoke();
  const item = async () => (await engine.client.send(new GetCommand({ TableName: table, Key: keys }))).Item;
  return { outcome: outcomes[0], outcomes, warnings, measured, item: await item(), read: item, invoke, table, id: batch.Records[0]?.dynamodb?.SequenceNumber };
};

const NONE: Outcome = { kind: 'filtered', reason: 'no oplock went backwards' };

describe('regressions', () => {
  it('brings the newer state back whole, counts it, and warns without a payload', async () => {
    const { outcome, item, measured, warnings, id } = await run({ oldImage: row(2500, { note: 'kept', list: [1] }), newImage: row(1000, { extra: 1 }) });
    expect([outcome, item]).toEqual([{ kind: 'applied' }, { ...keys, ...row(2500, { note: 'kept', list: [1] }) }]);
    expect(measured).toEqual(expect.arrayContaining([
      ['oplock.regression', 'Count', 1, { pipeline: 'mend' }], ['oplock.regression.by', 'Milliseconds', 1500, { pipeline: 'mend' }], ['oplock.applied', 'Count', 1, { pipeline: 'mend' }],
    ]));
    expect(warnings).toEqual([[expect.stringContaining('went backwards'), { pipeline: 'mend', record: id, count: 1, byMs: 1500 }]]);
  });

  it.each<[string, object, object, Outcome['kind'], ...Partial<ReassertRule>[]]>([
    ['the tie of one time', row(1, { oplockTie: 'b' }), row(1, { oplockTie: 'a' }), 'applied'],
    ['a tie that only one of them has', row(1, { oplockTie: 'b' }), { timestamp: T + 1 }, 'filtered'],
    ['a newer oplock', row(1), row(2), 'filtered'],
    ['the same oplock', row(1), row(1, { name: 'x' }), 'filtered'],
    ['a tombstone that an older row replaced', { timestamp: T + 2, oplockTie: 't', deleted: true, ttl: 9 }, row(1), 'applied'],
    ['an oplock that somebody took away', row(2), { name: 'x' }, 'filtered'],
    ['an oplock of another type', { at: 1 }, { at: 'a' }, 'filtered', { oplock: { attribute: 'at' } }],
    ['an oplock under another name', { at: 'b', by: 't' }, { at: 'a', by: 't' }, 'applied', { oplock: { attribute: 'at', tieAttribute: 'by' } }],
    ['what a filter leaves out', row(2), row(1, { repaired: true }), 'filtered', { filters: ({ event: { raw } }) => raw?.new?.['repaired'] !== true }],
    ['a type that is not asked for', row(2), row(1), 'filtered', { eventType: 'other-updated' }],
  ])('looks at %s', async (_name, oldImage, newImage, kind, ...[rule]) => {
    const { outcome, item } = await run({ oldImage: oldImage as never, newImage: newImage as never }, rule);
    expect(outcome?.kind).toBe(kind);
    expect(item).toEqual({ ...keys, ...(kind === 'applied' ? oldImage : newImage) });
  });

  it('lets an oplock from the future be lowered, and knows how far ahead it may be', async () => {
    const soon = { timestamp: T + 3_600_000, oplockTie: 't' };
    expect((await run({ oldImage: soon, newImage: row(1) })).outcome).toEqual({ kind: 'filtered', reason: 'it went back from the future' });
    expect((await run({ oldImage: soon, newImage: row(1) }, { oplock: { maxFutureSkew: 7_200_000 } })).outcome).toEqual({ kind: 'applied' });
  });

  it.each<[string, object | null, Outcome]>([
    ['has brought it back', row(2), { kind: 'duplicate' }],
    ['has written something newer', row(9), { kind: 'stale', behindMs: 7 }],
    ['has deleted it since', { timestamp: T + 9, oplockTie: 't', deleted: true }, { kind: 'tombstoned', behindMs: 7 }],
    ['has removed the row for good', null, { kind: 'tombstoned' }],
    ['has taken its oplock away', { name: 'x' }, { kind: 'conflict', reason: 'the item has no oplock in "timestamp" any more' }],
  ])('leaves it alone when somebody %s', async (_name, stored, expected) => {
    const { outcome, item } = await run({ oldImage: row(2), newImage: row(1) }, {}, stored);
    expect(outcome).toMatchObject(expected);
    expect(item).toEqual(stored ? { ...keys, ...stored } : undefined);
  });

  it('brings it back over another older state that came meanwhile, with nothing of it left', async () => {
    const { outcome, item } = await run({ oldImage: row(5), newImage: row(1) }, {}, row(3, { leftover: 1 }));
    expect([outcome, item]).toEqual([{ kind: 'applied' }, { ...keys, ...row(5) }]);
  });

  it('leaves alone what has been replayed into another epoch since, also with the very oplock that it had', async () => {
    const of = (oplockEpoch: number, at: number) => row(at, { oplockEpoch });
    const rule = { oplock: { epoch: 2 } };
    for (const stored of [of(2, 1), of(2, 3), row(1)]) {
      const { outcome, item } = await run({ oldImage: of(1, 5), newImage: of(1, 1) }, rule, stored);
      expect([outcome, item]).toEqual([{ kind: 'conflict', reason: 'the item is of another epoch by now' }, { ...keys, ...stored }]);
    }
    expect((await run({ oldImage: of(1, 5), newImage: of(1, 1) }, rule)).item).toEqual({ ...keys, ...of(1, 5) });
    // Without an epoch a row is of epoch 0.
    expect((await run({ oldImage: row(5), newImage: of(0, 1) }, rule, row(1))).outcome).toEqual({ kind: 'applied' });
  });

  it.each([['without groups', {}], ['with groups', { groups: { profile: ['name'] } }]])('leaves counters as they are, %s: no oplock is theirs', async (_name, more) => {
    const seen = (...ids: string[]) => ({ sold: ids.length, sold_seen: new Set(ids) });
    const { item } = await run({ oldImage: row(5, { size: 1, ...seen('a') }), newImage: row(1, { size: 2, ...seen('a', 'b') }) }, { oplock: { ...more, reduce: { sold: 'dedupeSet' } } }, row(1, { size: 2, ...seen('a', 'b', 'c') }));
    expect(item).toMatchObject({ size: 1, ...seen('a', 'b', 'c') });
  });

  it('does nothing twice', async () => {
    const { invoke, outcomes, read } = await run({ oldImage: row(5), newImage: row(1) });
    await invoke();
    expect([outcomes, await read()]).toEqual([[{ kind: 'applied' }, { kind: 'duplicate' }], { ...keys, ...row(5) }]);
  });

  it.each<[string, Omit<TableChange, 'keys'>]>([
    ['created', { newImage: row(1) }], ['removed', { oldImage: row(5) }], ['expired', { oldImage: row(5), ttlExpired: true }],
  ])('never looks at a row that was %s', async (_name, change) => {
    expect((await run(change, {}, null)).outcome).toEqual(NONE);
  });

  it('brings back the groups that went backwards, each with its oplock, and the newest delete', async () => {
    const stamp = (suffix: string, at: number) => ({ [`timestamp${suffix}`]: T + at, [`oplockTie${suffix}`]: 't' });
    const was = { ...stamp('_profile', 9), name: 'new', ...stamp('_address', 1), street: 'old' };
    const is = { ...stamp('_address', 5), street: 'newer' };
    expect((await run({ oldImage: was, newImage: is }, { oplock: GROUPS })).item).toEqual({ ...keys, ...stamp('_profile', 9), name: 'new', ...stamp('_address', 5), street: 'newer' });
    const gone = { ...stamp('', 7), ...stamp('_deleted', 7), deleted: true, ttl: 9 };
    expect((await run({ oldImage: gone, newImage: { ...stamp('_profile', 3), name: 'x' } }, { oplock: GROUPS })).item).toEqual({ ...keys, ...gone });
    expect((await run({ oldImage: gone, newImage: { ...stamp('_profile', 8), name: 'x', ...stamp('', 2), size: 1 } }, { oplock: GROUPS })).item)
      .toEqual({ ...keys, ...stamp('', 7), ...stamp('_deleted', 7), ...stamp('_profile', 8), name: 'x' });
    // A newer delete took the group: it did not go backwards.
    expect((await run({ oldImage: was, newImage: { ...gone, ...stamp('_deleted', 20), ...stamp('', 20) } }, { oplock: GROUPS })).outcome).toEqual(NONE);
    // Of two groups one is there again.
    expect((await run({ oldImage: { ...was, ...stamp('', 9), size: 1 }, newImage: is }, { oplock: GROUPS }, { ...is, ...stamp('_profile', 10), name: 'newest' })).outcome)
      .toEqual({ kind: 'narrowed', dropped: { profile: { kind: 'stale', behindMs: 1 } } });
  });

  it('does not bring back a row that is gone, also when it had no oplock left to be judged by', async () => {
    const { outcome, item } = await run({ oldImage: { timestamp_profile: T, oplockTie_profile: 't', name: 'x' }, newImage: { street: 'x' } }, { oplock: GROUPS }, null);
    expect([outcome, item]).toEqual([{ kind: 'tombstoned' }, undefined]);
  });

  it('takes a row of more names than an update has room for', async () => {
    const many = Object.fromEntries(Array.from({ length: 900 }, (_none, i) => [`n${i}`, i]));
    const { outcome, item } = await run({ oldImage: row(2, many), newImage: row(1, { other: 1 }) });
    expect([outcome, item]).toEqual([{ kind: 'applied' }, { ...keys, ...row(2, many) }]);
  });

  it('needs both images, and the names of the key', async () => {
    const outcomes: Outcome[] = [];
    const settings = { logger: silent, publishFault: async () => {}, onSettled: ({ outcome }: { outcome: Outcome }) => outcomes.push(outcome) };
    const change = [{ keys: { id: 'a' }, newImage: row(1), oldImage: row(2) }];
    await fromDynamodb(toDynamodbRecords(change, { viewType: 'NEW_IMAGE' }), { ...settings, eventTypePrefix: 'x' }).through(regressions()).through(toPromise);
    await fromKinesis(toDynamodbKinesisRecords(change), { ...settings, eventTypePrefix: 'x' }).through(regressions()).through(toPromise);
    expect(outcomes).toEqual(['NO_IMAGES', 'NO_KEY'].map((code) => ({ kind: 'fault', error: expect.objectContaining({ code }) })));
    const keysFound: unknown[] = [];
    await fromKinesis(toDynamodbKinesisRecords(change), { ...settings, eventTypePrefix: 'x' }).through(regressions({ key: ['id'] }))
      .tap(({ regression: { key, lost, byMs } }) => keysFound.push(key, lost, byMs)).through(toPromise);
    expect(keysFound).toEqual([{ id: 'a' }, ['rest'], 1]);
  });

  it('writes to the table of the stream, unless it is told another', async () => {
    const other = await freshTable(engine);
    await engine.client.send(new PutCommand({ TableName: other, Item: { ...keys, ...row(1) } }));
    const { item } = await run({ oldImage: row(2), newImage: row(1) }, { tableName: other });
    expect(item).toEqual({ ...keys, ...row(1) });
    expect((await engine.client.send(new GetCommand({ TableName: other, Key: keys }))).Item).toEqual({ ...keys, ...row(2) });
  });

  it.each<[RegressionsOptions]>([[{ key: [] }], [{ key: 'pk' as never }], [{ key: [''] }], [{ oplock: { tieAttribute: 'timestamp' } }]])('refuses %j when it is made', (options) => {
    expect(() => regressions(options)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });
});
