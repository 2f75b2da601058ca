import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { NumberValueImpl as NumberValue } from '@aws-sdk/util-dynamodb';
import { createCommands, PRESENT } from '../../../src/bff';
import type { WriteRequest } from '../../../src/oplock/write';
import { planned, rendered } from '../../support/plans';
import { describeEngines, freshTable } from '../../support/engines';
import { uowOf } from '../../unit/oplock/uow';

const T = 1_780_000_000_000;

describeEngines('the two oplocks in one table', (engine) => {
  let tableName: string;
  let now: number;
  let serial = 0;
  const freshKey = () => ({ pk: `seat-${(serial += 1)}`, sk: 'seat' });
  const make = (version: 'timestamp' | 'counter' = 'timestamp') =>
    createCommands({ client: engine().client, tableName, now: () => now, version, rememberCommands: 4 });

  /** What a listener does with an event: apply it when it is newer. */
  const listen = async (request: WriteRequest, timestamp: number, id: string): Promise<'applied' | 'stale'> => {
    const sent = rendered(planned(request, uowOf({ id, timestamp }), {}, T), tableName);
    try {
      await (sent.command === 'put' ? engine().client.send(new PutCommand(sent.input)) : engine().client.send(new UpdateCommand(sent.input)));
      return 'applied';
    } catch (error) {
      if ((error as Error).name === 'ConditionalCheckFailedException') return 'stale';
      throw error;
    }
  };

  /** Commands of one whose first write is late: something else comes between its read and its write. */
  const slowly = (between: () => Promise<void>) => {
    const real = engine().client;
    let first = true;
    const send = async (command: object, options: object): Promise<unknown> => {
      if (first && command instanceof UpdateCommand) {
        first = false;
        await between();
      }
      return (real.send as (...given: object[]) => Promise<unknown>)(command, options);
    };
    const client = new Proxy(real, { get: (target, name) => (name === 'send' ? send : Reflect.get(target, name)) });
    return createCommands({ client, tableName, now: () => now, version: 'counter' });
  };

  beforeAll(async () => {
    tableName = await freshTable(engine());
  });
  beforeEach(() => {
    now = T;
  });

  it.each(['timestamp', 'counter'] as const)('a command on a row that a listener made: no list, no version of its own (%s)', async (version) => {
    const seats = make(version);
    const key = freshKey();
    await listen({ key, set: { name: 'A1', latched: true } }, T - 5, 'e1');
    const read = await seats.get(key);
    const expected = seats.versionOf(read ?? {});

    const result = await seats.update(key, { state: 'held' }, { expected: expected ?? PRESENT, commandId: 'c1' });

    expect(expected).toBe(version === 'timestamp' ? T - 5 : undefined);
    expect(result).toMatchObject({ kind: 'applied', item: { name: 'A1', state: 'held', timestamp: T } });
    const item = await seats.get(key);
    expect(item).not.toHaveProperty('oplockTie');
    expect(item).not.toHaveProperty('latched');
    expect(await seats.update(key, { state: 'held' }, { expected: expected ?? PRESENT, commandId: 'c1' })).toMatchObject({ kind: 'alreadyApplied', madeVersion: version === 'timestamp' ? T : 1 });
  });

  it('a command beats older events, and one of the same time, whatever its tie', async () => {
    const key = freshKey();
    await make().create(key, { state: 'free' });
    expect(await listen({ key, set: { state: 'old' } }, T - 1, 'zzz')).toBe('stale');
    expect(await listen({ key, set: { state: 'same' } }, T, 'zzz')).toBe('stale');
    expect(await listen({ key, set: { state: 'new' } }, T + 1, 'e')).toBe('applied');
    expect(await make().get(key)).toMatchObject({ state: 'new', oplockTie: 'e', recentCommands: [expect.any(String), T] });
  });

  it('an event that came in between makes the read stale; the next version is beyond it, however fast its clock', async () => {
    const seats = make();
    const key = freshKey();
    await seats.create(key, { state: 'free' });
    await listen({ key, set: { name: 'A1' } }, T + 60_000, 'e');

    expect(await seats.update(key, { state: 'held' }, { expected: T })).toMatchObject({ kind: 'conflict', version: T + 60_000, current: { name: 'A1' } });
    expect(await seats.update(key, { state: 'held' }, { expected: T + 60_000 })).toMatchObject({ kind: 'applied', version: T + 60_001 });
    expect(await listen({ key, set: { name: 'late' } }, T + 60_000, 'zzz')).toBe('stale');
  });

  it('counted versions: a listener with a fast clock does not stop a command, and an event between read and write is seen', async () => {
    const seats = make('counter');
    const key = freshKey();
    await seats.create(key, { state: 'free', seen: 'nothing' });
    await listen({ key, set: { name: 'A1' } }, T + 60_000, 'e1');
    expect(await seats.update(key, { state: 'held' }, { expected: 1 })).toMatchObject({ kind: 'applied', version: 2, item: { timestamp: T + 60_001 } });

    now = T + 900_000;
    const names: unknown[] = [];
    const slow = slowly(async () => { await listen({ key, set: { name: 'A2' } }, T + 70_000, 'e2'); });
    const result = await slow.updateWith(key, ({ name }) => {
      names.push(name);
      return { seen: name };
    });
    expect(result).toMatchObject({ kind: 'applied', item: { seen: 'A2', name: 'A2' } });
    expect(names).toEqual(['A1', 'A2']);
  });

  it('tombstones: of a command against late events, of a listener under a command', async () => {
    const seats = make();
    const key = freshKey();
    await seats.create(key, { state: 'free' });
    now = T + 10;
    await seats.remove(key, { expected: T });
    expect(await listen({ key, set: { state: 'late' } }, T + 9, 'zzz')).toBe('stale');
    expect(await listen({ key, set: { state: 'back' } }, T + 11, 'e')).toBe('applied');
    expect(await seats.get(key)).toMatchObject({ state: 'back', timestamp: T + 11 });

    expect(await listen({ key, tombstone: true }, T + 20_000, 'e2')).toBe('applied');
    expect(await seats.update(key, { state: 'x' }, { expected: T + 11 })).toMatchObject({ kind: 'missing' });
    expect(await seats.create(key, { state: 'again' })).toMatchObject({ kind: 'applied', version: T + 20_001 });
    expect(await listen({ key, set: { state: 'late' } }, T + 20_000, 'zzz')).toBe('stale');
  });

  it('every order of one event and two commands ends with the newest, and forgets nothing', async () => {
    for (const order of [[0, 1, 2], [1, 0, 2], [1, 2, 0]]) {
      const seats = make();
      const key = freshKey();
      const acts = [
        () => listen({ key, set: { name: 'event' } }, T + 5, 'e'),
        () => { now = T; return seats.force(key, { name: 'first', first: true }); },
        () => { now = T + 8; return seats.updateWith(key, () => ({ name: 'second', second: true })); },
      ];
      for (const i of order) await acts[i]?.();
      expect(await seats.get(key)).toMatchObject({ name: 'second', first: true, second: true, timestamp: T + 8 });
    }
  });

  it('a list of a deployment that remembered more has no gap after one that remembers less', async () => {
    const wide = createCommands({ client: engine().client, tableName, now: () => now, rememberCommands: 16 });
    const key = freshKey();
    await wide.create(key, { n: 0 });
    for (let i = 0; i < 9; i += 1) await wide.update(key, { n: i }, { expected: T + i });
    await make().update(key, { n: 10 }, { expected: T + 9 });
    expect((await wide.get(key))?.['recentCommands']).toEqual(Array.from({ length: 4 }, (_none, i) => [expect.any(String), T + 10 - i]).flat());
    await wide.update(key, { n: 11 }, { expected: T + 10 });
    const list = (await wide.get(key))?.['recentCommands'] as unknown[];
    expect(list.slice(0, 10)).toEqual(Array.from({ length: 5 }, (_none, i) => [expect.any(String), T + 11 - i]).flat());
    expect(new Set(list.slice(10))).toEqual(new Set([null]));
  });

  it('numbers that no double holds come back as they are, and are never told as a failure', async () => {
    const key = freshKey();
    const seats = make();
    const big = 9_007_199_254_740_993n;
    const precise = NumberValue.from('9007199254740993.5');
    await seats.create(key, { big, precise });
    expect(await seats.update(key, { a: 1 }, { expected: T })).toMatchObject({ kind: 'applied', item: { big, precise } });
    expect(await seats.updateWith(key, (item) => ({ ...item, a: 2 }))).toMatchObject({ kind: 'applied', item: { big, precise, a: 2 } });
    expect(await seats.get(key)).toMatchObject({ big, precise });
  });
});
