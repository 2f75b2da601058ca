import { NumberValueImpl as NumberValue } from '@aws-sdk/util-dynamodb';
import type { WatchedLock } from '../../../../src/locks';
import { settle } from '../../../support/locks/fake-clock';
import { rowOf, serviceError } from '../../../support/locks/finish';
import { lockWorld, watched, type LockWorld } from '../../../support/locks/world';

const timeout = (): Error => Object.assign(new Error('no answer'), { name: 'TimeoutError' });

describe('break', () => {
  let world: LockWorld;
  beforeEach(async () => { world = await lockWorld(); });

  test('takes a lock from its holder, and nobody has it before the lease that he believes in is over', async () => {
    const held = await world.locks({ ownerName: 'stuck' }).acquire('a');
    const operator = world.locks({ ownerName: 'ops:1' });
    expect(await operator.break('a')).toEqual({ ownerName: 'stuck', retryAfterMs: 10_001 });
    await expect(held.guard([{ Put: { TableName: world.table, Item: { key: 'x' } } }])).rejects.toMatchObject({ code: 'LOCK_LOST', reason: 'stolen', by: 'broken-by:ops-1:stuck' });
    const next = watched(world.locks().acquire('a', { waitMs: 60_000 }));
    await world.clock.advance(9_000);
    expect(next.ended).toBe(false);
    await world.clock.advance(2_000);
    expect(next.value?.tookOver).toBe(true);
  });

  test('counts what this client has watched of the lease', async () => {
    await world.locks({ ownerName: 'dead', heartbeatMs: false }).acquire('a');
    const operator = world.locks();
    await operator.tryAcquire('a');
    await world.clock.advance(7_000);
    expect(await operator.break('a')).toEqual({ ownerName: 'dead', retryAfterMs: 3_001 });
    // Broken once: the second time only tells what is left.
    await world.clock.advance(1_000);
    world.requests();
    expect(await operator.break('a')).toEqual({ ownerName: 'dead', retryAfterMs: 2_001 });
    expect(world.requests()).toEqual(['Get']);
  });

  test('one whose lease is over by now has the shortest that a lock can have', async () => {
    await world.locks({ heartbeatMs: false }).acquire('a');
    const operator = world.locks();
    await operator.tryAcquire('a');
    await world.clock.advance(60_000);
    expect(await operator.break('a')).toMatchObject({ retryAfterMs: 2 });
    // With 0 its row would be that of no lock, once it is released.
    expect(await world.rows()).toMatchObject([{ leaseDuration: '1' }]);
  });

  test('does nothing to a lock that nobody has', async () => {
    const locks = world.locks();
    expect(await locks.break('a')).toBeUndefined();
    await (await locks.acquire('a', { onRelease: 'keep' })).release();
    const before = await world.rows();
    expect(await locks.break('a')).toBeUndefined();
    expect(await world.rows()).toEqual(before);
  });

  test('says when the row is no lock, changes all the time, or the table does not answer', async () => {
    const locks = world.locks();
    await world.put({ key: 'a', what: 'no lock' });
    await expect(locks.break('a')).rejects.toMatchObject({ code: 'LOCK_ROW_INVALID' });
    const held = await world.locks({ heartbeatMs: false }).acquire('b');
    world.trouble.before = async ({ constructor: { name }, input }) => {
      if (name.includes('Update') && JSON.stringify(input).includes('broken-by')) await held.heartbeat();
    };
    await expect(locks.break('b')).rejects.toMatchObject({ code: 'LOCK_BACKEND', message: expect.stringContaining('breaking') as string });
    expect(held.isHeld()).toBe(true);
    world.trouble.before = () => { throw timeout(); };
    await expect(locks.break('b')).rejects.toMatchObject({ code: 'LOCK_BACKEND', message: expect.stringContaining('breaking') as string });
  });
});

describe('watch', () => {
  let world: LockWorld;
  beforeEach(async () => { world = await lockWorld(); });

  const follow = (states: AsyncIterable<WatchedLock>) => {
    const seen: string[] = [];
    const end = (async () => { for await (const { state, view } of states) seen.push(view ? `${state} ${view.ownerName}` : state); })();
    return { seen, end: watched(end) };
  };

  test('tells who has a lock, that it was given back, and that its holder has died; renewals are no news', async () => {
    const stop = new AbortController();
    const { seen, end } = follow(world.locks().watch('a', { signal: stop.signal }));
    await settle();
    const [a, b] = [world.locks({ ownerName: 'a' }), world.locks({ ownerName: 'b', heartbeatMs: false })];
    const held = await a.acquire('a');
    await world.clock.advance(30_000);
    await held.release();
    await world.clock.advance(2_000);
    await b.acquire('a', { onRelease: 'keep' });
    await world.clock.advance(9_000);
    expect(seen).toEqual(['free', 'held a', 'free', 'held b']);
    await world.clock.advance(3_000);
    expect(seen.at(-1)).toBe('expired b');
    const again = watched(a.acquire('a', { waitMs: 60_000 }));
    await world.clock.advance(12_000);
    expect(again.value?.tookOver).toBe(true);
    await again.value?.release();
    await world.clock.advance(1_000);
    await a.acquire('a'); // the same owner, and another lock
    await world.clock.advance(1_000);
    expect(seen.slice(5)).toEqual(['held a', 'free', 'held a']);
    stop.abort();
    await settle();
    expect(end).toMatchObject({ ended: true });
    expect(end.error).toBeUndefined();
    await a.close();
    await b.close();
    expect(world.clock.timers()).toBe(0);
  });

  test('another lock of the same owner is news, even if nobody saw it free', async () => {
    const locks = world.locks({ ownerName: 'a' });
    const first = await locks.acquire('a');
    const { seen } = follow(world.locks().watch('a', { refreshMs: 10_000 }));
    await settle();
    await first.release();
    await locks.acquire('a');
    await world.clock.advance(10_000);
    expect(seen).toEqual(['held a', 'held a']);
  });

  test('another owner is news where rows have no id, and a lock has expired when it could be taken', async () => {
    await world.put(rowOf('a', { ownerName: 'java 1' }));
    const { seen } = follow(world.locks().watch('a', { refreshMs: 1_000 }));
    await settle();
    await world.put(rowOf('a', { ownerName: 'java 2', recordVersionNumber: 'r-2' }));
    await world.clock.advance(11_000);
    expect(seen).toEqual(['held java 1', 'held java 2']);
    await world.clock.advance(1_000);
    expect(seen.at(-1)).toBe('expired java 2');
  });

  test('goes on when the table does not answer, ends with the client, and throws what will not get better', async () => {
    const locks = world.locks();
    world.trouble.before = () => { throw timeout(); };
    const first = follow(locks.watch('a'));
    await world.clock.advance(3_000);
    expect(first.seen).toEqual([]);
    delete world.trouble.before;
    await world.clock.advance(1_000);
    expect(first.seen).toEqual(['free']);
    await world.put({ key: 'b', what: 'no lock' });
    const second = follow(locks.watch('b'));
    await settle();
    expect(second.end.error).toMatchObject({ code: 'LOCK_ROW_INVALID' });
    await locks.close();
    await settle();
    expect(first.end).toMatchObject({ ended: true });
    expect(world.clock.timers()).toBe(0);
  });

  test('ends at once, whatever its reader or the table does: by the reader, a signal, or the client', async () => {
    for (const how of ['return', 'signal', 'close'] as const) {
      for (const table of ['silent', 'refuses', 'nothing new'] as const) {
        const locks = world.locks();
        const stop = new AbortController();
        const reading = locks.watch('a', { signal: how === 'signal' ? stop.signal : undefined })[Symbol.asyncIterator]();
        if (table === 'nothing new') await reading.next();
        else world.trouble.before = () => (table === 'silent' ? new Promise<void>(() => {}) : settle().then(() => { throw serviceError('AccessDeniedException', 400); }));
        const next = watched(reading.next());
        if (how === 'return') void reading.return?.();
        else if (how === 'signal') stop.abort();
        else void locks.close();
        await settle();
        await settle();
        expect([how, table, next]).toEqual([how, table, { ended: true, value: { done: true, value: undefined } }]);
        delete world.trouble.before;
      }
    }
    expect(world.clock.timers()).toBe(0);
    expect(() => world.locks().watch('a', { refreshMs: NaN })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });

  test('leaves nothing behind when its reader stops', async () => {
    for await (const { state } of world.locks().watch('a')) {
      expect(state).toBe('free');
      break;
    }
    expect(world.clock.timers()).toBe(0);
  });
});

describe('list', () => {
  let world: LockWorld;
  beforeEach(async () => { world = await lockWorld(); });

  const keysOf = async (options: Parameters<LockWorld['locks']>[0] = {}, key?: string): Promise<unknown[]> => {
    const found: unknown[] = [];
    for await (const view of world.locks(options).list(key === undefined ? {} : { key })) found.push([view.key, view.attributes]);
    return found;
  };

  test('a number that no double holds hides no lock, and is shown with all its digits', async () => {
    const [whole, broken] = ['1234567890123456789012345678901234567', '9007199254740993.5'];
    await world.locks().acquire('a', { attributes: { whole: BigInt(whole) } });
    await world.put({ key: 'b', broken: NumberValue.from(broken) });
    await world.locks().acquire('c', { attributes: { broken: NumberValue.from(broken) } });
    for (const listed of [(await keysOf()).sort(), [...await keysOf({}, 'a'), ...await keysOf({}, 'c')]]) {
      expect(listed).toEqual([['a', { whole: BigInt(whole) }], ['c', { broken: NumberValue.from(broken) }]]);
    }
  });

  test.each([
    [{ partitionKeyName: 'id' }, 'partitionKeyName', '"id"'],
    [{ sortKeyName: 'part' }, 'sortKeyName', '"part"'],
  ])('a client that was told another key than the table has is told so: %j', async (options, option, attribute) => {
    await world.locks().acquire('a');
    await expect(keysOf(options)).rejects.toMatchObject({ code: 'INVALID_OPTION', details: { option }, message: expect.stringContaining(`a text under ${attribute} in each row`) });
    await world.put({ key: 'no lock' });
    await expect(keysOf(options)).rejects.toMatchObject({ code: 'INVALID_OPTION', details: { option } });
  });
});
