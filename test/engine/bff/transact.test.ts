import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { ABSENT, createCommands, orThrow, PRESENT, type CommandsOptions } from '../../../src/bff';
import { chaosClient } from '../../support/chaos';
import { describeLocal, freshTable } from '../../support/engines';
import { recordingClient } from '../../support/recorded-writes';

const T = 1_780_000_000_000;

describeLocal('transactions', (engine) => {
  let tableName: string;
  let now: number;
  let serial = 0;
  const freshKey = () => ({ pk: `seat-${(serial += 1)}`, sk: 'seat' });
  const make = (options: CommandsOptions = {}) => createCommands({ client: engine().client, tableName, now: () => now, ...options });
  const made = async () => {
    const key = freshKey();
    await make().create(key, { state: 'free' });
    return key;
  };

  beforeAll(async () => {
    tableName = await freshTable(engine());
  });
  beforeEach(() => {
    now = T;
  });

  it('every intent at once, each with its own expectation', async () => {
    const seats = make();
    const [updated, removed, checked, put, fresh, absent] = [await made(), await made(), await made(), await made(), freshKey(), freshKey()];

    const result = await seats.transact([
      { name: 'updated', intent: 'update', key: updated, changes: { state: 'held', none: null }, expected: T },
      { name: 'removed', intent: 'remove', key: removed, expected: PRESENT },
      { name: 'checked', intent: 'check', key: checked, expected: [1, T] },
      { name: 'put', intent: 'upsert', key: put, attributes: { state: 'put' }, expected: [T, T + 5] },
      { name: 'fresh', intent: 'create', key: fresh, attributes: { state: 'new' } },
      { name: 'absent', intent: 'check', key: absent, expected: ABSENT },
    ], { by: 'anna' });

    expect(result).toEqual({ kind: 'applied', attempts: 1, versions: { updated: T + 1, removed: T + 1, put: T + 1, fresh: T } });
    expect(await seats.get(updated)).toMatchObject({ state: 'held', timestamp: T + 1, lastModifiedBy: 'anna' });
    expect(await seats.get(removed)).toBeUndefined();
    expect(await seats.get(checked)).toMatchObject({ timestamp: T });
    expect(await seats.get(put)).toMatchObject({ state: 'put', timestamp: T + 1 });
    expect(await seats.get(fresh)).toMatchObject({ state: 'new', timestamp: T });
    expect(await seats.get(absent, { includeDeleted: true })).toBeUndefined();
  });

  it('one refusal is nobody\'s write, and every refusal has its name, its kind and what is there', async () => {
    const seats = make();
    const [fine, changed, there, gone] = [await made(), await made(), await made(), freshKey()];
    await seats.update(changed, { state: 'sold' }, { expected: T });

    const result = await seats.transact([
      { name: 'fine', intent: 'update', key: fine, changes: { state: 'held' }, expected: T },
      { name: 'changed', intent: 'update', key: changed, changes: { state: 'held' }, expected: T },
      { name: 'there', intent: 'create', key: there, attributes: {} },
      { name: 'gone', intent: 'check', key: gone, expected: PRESENT },
    ]);

    expect(result).toEqual({
      kind: 'rejected', attempts: 1, refusals: [
        { name: 'changed', key: changed, kind: 'conflict', version: T + 1, current: await seats.get(changed) },
        { name: 'there', key: there, kind: 'alreadyExists', version: T, current: await seats.get(there) },
        { name: 'gone', key: gone, kind: 'missing' },
      ],
    });
    expect(() => orThrow(result)).toThrow(expect.objectContaining({ code: 'TRANSACTION_REJECTED', statusCode: 412 }));
    expect(await seats.get(fine)).toMatchObject({ state: 'free', timestamp: T });
  });

  it('goes on over tombstones, and over rows that something else wrote', async () => {
    const seats = make();
    const [tombstone, foreign, other] = [await made(), freshKey(), await made()];
    await seats.remove(tombstone, { expected: T });
    await engine().client.send(new PutCommand({ TableName: tableName, Item: { ...foreign, name: 'A1', timestamp: T + 50 } }));

    expect(await seats.transact([
      { name: 'tombstone', intent: 'create', key: tombstone, attributes: { state: 'new' } },
      { name: 'foreign', intent: 'update', key: foreign, changes: { state: 'held' }, expected: T + 50 },
      { name: 'other', intent: 'update', key: other, changes: { state: 'held' }, expected: T },
    ])).toMatchObject({ kind: 'applied', versions: { tombstone: T + 2, foreign: T + 51, other: T + 1 } });
    expect(await seats.get(foreign)).toMatchObject({ name: 'A1', state: 'held', recentCommands: [expect.any(String), T + 51] });
  });

  it('a command that comes again was applied to all or none, though one of the items has forgotten it', async () => {
    const seats = make({ rememberCommands: 2 });
    const [a, b] = [await made(), await made()];
    const move = () => seats.transact([
      { name: 'a', intent: 'update', key: a, changes: { state: 'held' }, expected: T },
      { name: 'b', intent: 'update', key: b, changes: { state: 'held' }, expected: PRESENT },
    ], { commandId: 'move' });
    await move();
    for (let i = 1; i < 4; i += 1) await seats.update(a, { i }, { expected: T + i });
    now = T + 100;

    expect(await move()).toMatchObject({ kind: 'alreadyApplied', versions: { b: T + 1 } });
    expect(await seats.get(b)).toMatchObject({ timestamp: T + 1 });
  });

  it('lost responses: applied once, and told so', async () => {
    const { client, writes } = recordingClient(engine().client);
    let lost = 0;
    // The first response to each request is lost.
    const seats = make({ client: chaosClient(client, { lostResponse: 0.5 }, () => ((lost += 1) % 4 < 2 ? 0 : 0.99)).client });
    const [a, b] = [await made(), await made()];

    const result = await seats.transact([
      { name: 'a', intent: 'update', key: a, changes: { state: 'held' }, expected: T },
      { name: 'b', intent: 'update', key: b, changes: { state: 'held' }, expected: T },
    ]);

    expect(lost).toBeGreaterThan(2);
    expect(result).toMatchObject({ kind: 'applied', versions: { a: T + 1, b: T + 1 } });
    expect(writes.map(({ pk, timestamp }) => [pk, timestamp])).toEqual([[a.pk, T + 1], [b.pk, T + 1]]);
    expect(await seats.get(a)).toMatchObject({ timestamp: T + 1 });
  });

  it('many transfers at once: the sum stays', async () => {
    const seats = make();
    const accounts = [freshKey(), freshKey(), freshKey()];
    for (const key of accounts) await seats.create(key, { amount: 10 });
    const transfer = async (from: number, to: number): Promise<void> => {
      for (;;) {
        const [source, target] = await Promise.all([from, to].map((i) => seats.get(accounts[i] ?? {})));
        const { kind } = await seats.transact([
          { intent: 'update', key: accounts[from] ?? {}, changes: { amount: Number(source?.['amount']) - 1 }, expected: seats.versionOf(source ?? {}) ?? 0 },
          { intent: 'update', key: accounts[to] ?? {}, changes: { amount: Number(target?.['amount']) + 1 }, expected: seats.versionOf(target ?? {}) ?? 0 },
        ], { attempts: 100 });
        if (kind === 'applied') return;
      }
    };

    await Promise.all([transfer(0, 1), transfer(0, 1), transfer(0, 2), transfer(2, 1)]);

    expect((await Promise.all(accounts.map((key) => seats.get(key)))).map((item) => item?.['amount'])).toEqual([7, 13, 10]);
  });

  it('what cannot be a transaction is said before anything is sent; what the table does not take, with its name', async () => {
    const seats = make();
    const key = await made();
    const create = (pk: unknown, name?: string) => ({ ...(name !== undefined && { name }), intent: 'create' as const, key: { pk, sk: 's' } as { pk: string; sk: string }, attributes: {} });
    await expect(seats.transact([])).rejects.toMatchObject({ code: 'INVALID_COMMAND', statusCode: 400 });
    await expect(seats.transact(Array.from({ length: 101 }, (_none, i) => create(`x${i}`)))).rejects.toThrow('101 participants');
    await expect(seats.transact([create('a', 'x'), create('b', 'x')])).rejects.toThrow('two participants are named "x"');
    await expect(seats.transact([create('a', 'x'), create('a', 'y')])).rejects.toThrow('"x" and "y" are one item');
    await expect(seats.transact([{ ...create('a'), intent: 'delete' as 'create' }])).rejects.toThrow('the string "delete"');
    await expect(seats.transact([create('a')], { attempts: 0 })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    await expect(seats.transact([{ intent: 'update', key, changes: { timestamp: 5 }, expected: T }])).rejects.toThrow('kept by the toolkit');
    await seats.update(key, { text: 'x'.repeat(300_000) }, { expected: T });
    await expect(seats.transact([{ name: 'big', intent: 'update', key, changes: { more: 'x'.repeat(110_000) }, expected: T + 1 }])).rejects.toMatchObject({ code: 'ITEM_TOO_LARGE', statusCode: 413 });
    await expect(seats.update(key, { more: 'x'.repeat(110_000) }, { expected: T + 1 })).rejects.toMatchObject({ code: 'ITEM_TOO_LARGE', statusCode: 413 });
  });
});
