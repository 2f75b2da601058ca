import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Fate, Sent } from '../../../support/locks/claim-world';
import { inTime, sharedWorld, type SharedWorld } from '../../../support/locks/shared-world';

let world: SharedWorld;
beforeEach(async () => { world = await sharedWorld(); });
afterEach(() => world.stop());

const collecting = () => {
  const got: unknown[] = [];
  return { got, onMessage: (message: unknown, version: number) => { got.push([version, message]); }, onGap: ({ to }: { readonly to: { readonly version: number } }) => { got.push(`gap to ${to.version}`); } };
};
const isMessage = ({ constructor, input }: Sent): boolean => /Put/.test(constructor.name) && JSON.stringify(input).includes('msg#');
const after = (ms: number): Promise<void> => new Promise((resolve) => { world.clock.after(ms, resolve); });
const drop = (key: string) => world.engine.client.send(new DeleteCommand({ TableName: world.tableName, Key: { key } }));

test('a message reaches every node that has subscribed, in order, once', async () => {
  const sender = world.channel();
  const nodes = await Promise.all([1, 2, 3].map(async () => {
    const node = collecting();
    await world.channel().subscribe(node);
    return node;
  }));
  const other = collecting();
  await world.channel({ namespace: 'other' }).subscribe(other);
  for (const message of ['a', { b: 1 }, null, new Uint8Array([1, 2])]) await sender.send(message);
  await world.clock.advance(5_000);
  for (const { got } of nodes) expect(got).toEqual([[1, 'a'], [2, { b: 1 }], [3, null], [4, new Uint8Array([1, 2])]]);
  expect(other.got).toEqual([]);
});

test('who subscribes later gets what is sent from then on', async () => {
  const channel = world.channel();
  await channel.send('before');
  const node = collecting();
  await channel.subscribe(node);
  await channel.send('after');
  await world.clock.advance(2_000);
  expect(node.got).toEqual([[2, 'after']]);
});

test('5.4 #29 duplicated: a message whose sending was repeated comes once', async () => {
  for (const fate of ['twice', 'response lost'] as const) {
    const node = collecting();
    const channel = world.channel({ namespace: fate, fate: ({ constructor }) => (/Update|Put/.test(constructor.name) && one-- > 0 ? fate : 'ok') });
    let one = 0;
    await channel.subscribe(node);
    one = 1; // the number
    expect(await inTime(world.clock, channel.send('a'))).toBe(1);
    await channel.send('b');
    await world.clock.advance(2_000);
    expect(node.got).toEqual([[1, 'a'], [2, 'b']]);
    one = 2;
    await inTime(world.clock, channel.send('c'));
    await world.clock.advance(5_000);
    expect(node.got).toEqual([[1, 'a'], [2, 'b'], [3, 'c']]);
    await channel.close();
  }
});

test('5.4 #29 out of order: a message that is stored late holds up those after it', async () => {
  let late: Fate = 'ok';
  const slow = world.channel({ fate: (command) => (isMessage(command) ? late : 'ok') });
  const node = collecting();
  await world.channel().subscribe(node);
  late = 1_500;
  const first = slow.send('first');
  await world.clock.advance(0);
  await world.channel().send('second');
  await world.clock.advance(1_300);
  expect(node.got).toEqual([]);
  await inTime(world.clock, first);
  await world.clock.advance(2_000);
  expect(node.got).toEqual([[1, 'first'], [2, 'second']]);
});

test('5.4 #29 missed: the sender dies between the number and the message', async () => {
  const node = collecting();
  await world.channel().subscribe(node);
  const dying = world.channel({ fate: (command) => (isMessage(command) ? 'request lost' : 'ok') });
  await expect(inTime(world.clock, dying.send('lost'))).rejects.toMatchObject({ code: 'LOCK_BACKEND' });
  await world.channel().send('next');
  await world.clock.advance(5_000);
  expect(node.got).toEqual(['gap to 2']);
  await world.channel().send('after');
  await world.clock.advance(2_000);
  expect(node.got).toEqual(['gap to 2', [3, 'after']]);
});

test('5.4 #29 a message that arrives after its gap does not come again', async () => {
  const node = collecting();
  await world.channel().subscribe(node);
  const slow = world.channel({ requestTimeoutMs: 60_000, fate: (command) => (isMessage(command) ? 20_000 : 'ok') });
  const sending = slow.send('late');
  await world.clock.advance(10_000);
  expect(node.got).toEqual(['gap to 1']);
  await inTime(world.clock, sending);
  await world.clock.advance(10_000);
  expect(node.got).toEqual(['gap to 1']);
});

test('5.4 #29 a node offline for a day: what is still there is handed over, else everything is refreshed', async () => {
  let offline = false;
  const nodes = [collecting(), collecting(), collecting()];
  const channels = [0, 1, 2].map((i) => world.channel({ namespace: `n${i}`, pollMs: 3_600_000, fate: () => (offline ? 'request lost' : 'ok') }));
  for (const [i, channel] of channels.entries()) await channel.subscribe(nodes[i] as (typeof nodes)[0]);
  offline = true;
  for (let i = 0; i < 3; i += 1) await world.channel({ namespace: 'n0' }).send(i);
  for (let i = 0; i < 3; i += 1) await world.channel({ namespace: 'n1' }).send(i);
  await drop('msg#n1#1'); // expired
  for (let i = 0; i < 101; i += 1) await world.channel({ namespace: 'n2' }).send(i);
  await world.clock.advance(86_400_000);
  offline = false;
  await world.clock.advance(3 * 3_600_000);
  expect(nodes.map(({ got }) => got)).toEqual([[[1, 0], [2, 1], [3, 2]], ['gap to 3'], ['gap to 101']]);
});

test('5.4 #29 the version row is right: deleted, restored from yesterday, begun anew', async () => {
  const node = collecting();
  const channel = world.channel();
  const subscription = await channel.subscribe(node);
  await channel.send('a');
  await channel.send('b');
  await world.clock.advance(2_000);
  const row = await world.row('ver#prices');
  await drop('ver#prices');
  await world.clock.advance(2_000);
  await channel.send('c');
  await channel.send('d');
  await world.clock.advance(2_000);
  expect(node.got).toEqual([[1, 'a'], [2, 'b'], 'gap to 0', [1, 'c'], [2, 'd']]);
  await channel.send('e');
  await world.clock.advance(2_000);
  const other = subscription.position().epoch;
  await world.engine.client.send(new PutCommand({ TableName: world.tableName, Item: { ...row, v: 3 } }));
  await world.clock.advance(2_000);
  expect(node.got.at(-1)).toBe('gap to 3');
  expect(subscription.position()).toEqual({ epoch: row?.['epoch'], version: 3 });
  expect(other).not.toBe(row?.['epoch']);
  await world.engine.client.send(new PutCommand({ TableName: world.tableName, Item: { ...row, v: 1 } }));
  await world.clock.advance(2_000);
  expect(node.got.at(-1)).toBe('gap to 1');
});

test('damaged rows: a message is a gap, the version row an error that is told', async () => {
  const node = collecting();
  const channel = world.channel();
  const subscription = await channel.subscribe(node);
  await channel.send('a');
  await world.engine.client.send(new PutCommand({ TableName: world.tableName, Item: { ...await world.row('msg#prices#1'), value: new TextEncoder().encode('{') } }));
  await world.clock.advance(5_000);
  expect(node.got).toEqual(['gap to 1']);
  await world.engine.client.send(new PutCommand({ TableName: world.tableName, Item: { key: 'ver#prices', v: 'x' } }));
  await expect(subscription.sync()).rejects.toMatchObject({ code: 'SHARED_ROW_INVALID' });
});

test('an error of a handler: everything is refreshed, and tried until it is', async () => {
  let fails = 3;
  const got: string[] = [];
  const channel = world.channel();
  await channel.subscribe({
    onMessage: (message) => { if (message === 'bad') throw new Error('no'); got.push(String(message)); },
    onGap: () => { got.push('gap'); if (fails-- > 0) throw new Error('not yet'); },
  });
  for (const message of ['good', 'bad', 'skipped']) await channel.send(message);
  await world.clock.advance(8_000);
  await channel.send('good again');
  await world.clock.advance(2_000);
  expect(got).toEqual(['good', 'gap', 'gap', 'gap', 'gap', 'good again']);
});

test('goes on where another process was; sync looks at once, staleForMs tells how old that is', async () => {
  const channel = world.channel();
  const first = await channel.subscribe(collecting());
  await channel.send('a');
  expect(await first.sync()).toBe('current');
  const position = first.position();
  await first.close();
  await channel.send('b');
  const node = collecting();
  const second = await channel.subscribe({ ...node, from: position });
  expect(second.staleForMs()).toBe(Infinity);
  expect(await Promise.all([second.sync(), second.sync(), second.sync()])).toEqual(['current', 'current', 'current']);
  expect([node.got, second.staleForMs()]).toEqual([[[2, 'b']], 0]);
  world.clock.suspend(5_000);
  expect(second.staleForMs()).toBe(5_000);
});

test('handlers run one at a time, and none after close; nothing keeps a process alive, and nothing is left', async () => {
  const channel = world.channel();
  let running = 0;
  let most = 0;
  const got: unknown[] = [];
  const subscription = await channel.subscribe({
    onMessage: async (message) => {
      most = Math.max(most, running += 1);
      await after(700);
      running -= 1;
      got.push(message);
    },
    onGap: () => {},
  });
  for (let i = 0; i < 5; i += 1) await channel.send(i);
  expect(world.clock.keepingAlive()).toBe(0);
  await world.clock.advance(1_000);
  void subscription.sync();
  await world.clock.advance(1_000);
  const closing = subscription.close();
  await inTime(world.clock, closing);
  const before = [...got];
  await world.clock.advance(10_000);
  expect(got).toEqual(before);
  expect([most, world.clock.timers()]).toEqual([1, 0]);
  const closed = world.channel();
  await closed.subscribe(collecting());
  await closed.close();
  expect(world.clock.timers()).toBe(0);
  await expect(closed.send('x')).rejects.toMatchObject({ code: 'SHARED_CLOSED' });
  await expect(closed.subscribe(collecting())).rejects.toMatchObject({ code: 'SHARED_CLOSED' });
});

test('a handler that closes its subscription or the channel, or looks, does not wait for itself; nothing is handed over after that', async () => {
  const sender = world.channel();
  for (const [does, when] of [['subscription', 'message'], ['channel', 'message'], ['subscription', 'gap'], ['channel', 'gap']] as const) {
    const channel = world.channel();
    const got: unknown[] = [];
    const handle = (kind: string) => async (): Promise<void> => {
      got.push(kind);
      got.push(await subscription.sync());
      if (kind === 'message' && when === 'gap') throw new Error('refresh');
      // Beyond awaits and timers of the handler's own.
      await after(100);
      await (does === 'channel' ? channel : subscription).close();
      got.push('closed');
      throw new Error('after that');
    };
    const subscription = await channel.subscribe({ onMessage: handle('message'), onGap: handle('gap') });
    for (const message of [1, 2, 3]) await sender.send(message);
    await world.clock.advance(10_000);
    expect(got).toEqual([...(when === 'gap' ? ['message', 'behind'] : []), when, 'behind', 'closed']);
  }
  expect(world.clock.timers()).toBe(0);
});

test('what a handler has started, and what outlives it, is no handler: it looks, and waits for those that run', async () => {
  const channel = world.channel();
  const got: unknown[] = [];
  let later: Promise<unknown> | undefined;
  const subscription = await channel.subscribe({
    onMessage: async (message) => {
      later ??= after(5_000).then(async () => {
        got.push(await subscription.sync());
        await channel.send('slow');
        void subscription.sync();
        await after(10);
        await channel.close();
        got.push('closed');
      });
      if (message === 'slow') await after(500);
      got.push(message);
    },
    onGap: () => {},
  });
  await channel.send('first');
  await world.clock.advance(1_260);
  await inTime(world.clock, later as Promise<unknown>);
  expect(got).toEqual(['first', 'current', 'slow', 'closed']);
});

test('a handler of one subscription can make another one look', async () => {
  const channel = world.channel();
  const [other, found] = [collecting(), [] as string[]];
  const second = await channel.subscribe(other);
  const first = await channel.subscribe({ onMessage: async () => { found.push(await second.sync()); }, onGap: () => {} });
  await channel.send('a');
  await first.sync();
  expect(found).toEqual(['current']);
  expect(other.got).toEqual([[1, 'a']]);
  await channel.close();
});

test('two handlers that close the channel at once do not wait for each other; who closes from outside waits for both', async () => {
  const channel = world.channel();
  let ended = 0;
  const handler = { onMessage: async () => { await after(500); await channel.close(); await after(500); ended += 1; }, onGap: () => {} };
  await channel.subscribe(handler);
  await channel.subscribe(handler);
  await channel.send('a');
  await world.clock.advance(1_260);
  const closing = channel.close().then(() => ended);
  expect(ended).toBe(0);
  expect(await inTime(world.clock, closing)).toBe(2);
});

test('what can not be sent is refused before it has a number', async () => {
  const channel = world.channel();
  await expect(channel.send(new Date() as never)).rejects.toMatchObject({ code: 'SHARED_VALUE_INVALID' });
  expect(await world.row('ver#prices')).toBeUndefined();
  expect(() => world.channel({ namespace: '' })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  expect(() => world.channel({ pollMs: 0 })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
});

test('rows look like released locks, and messages are garbage after days', async () => {
  await world.channel({ ttl: { afterDays: 3 } }).send('a');
  const released = { leaseDuration: '0', isReleased: '1', ownerName: expect.any(String), recordVersionNumber: expect.any(String) };
  expect(await world.row('ver#prices')).toMatchObject({ ...released, v: 1 });
  expect(await world.row('ver#prices')).not.toHaveProperty('ttl');
  expect(await world.row('msg#prices#1')).toMatchObject({ ...released, ttl: Math.floor(world.clock.wall() / 1000) + 3 * 86_400 });
});

test('after an error of a handler nothing is handed over before everything was refreshed', async () => {
  const [sender, got] = [world.channel(), [] as string[]];
  let fails = 2;
  await world.channel().subscribe({
    onMessage: (message) => { got.push(`message ${String(message)}`); if (fails-- > 0) throw new Error('no'); },
    onGap: () => { got.push('gap'); if (fails-- > 0) throw new Error('no'); },
  });
  await sender.send('a');
  await world.clock.advance(5_000);
  expect(got).toEqual(['message a', 'gap', 'gap']);
});

test('what is known is as old as the look that began with it', async () => {
  const channel = world.channel({ fate: () => fate });
  let fate: Fate = 'ok';
  const subscription = await channel.subscribe(collecting());
  await world.clock.advance(600);
  fate = { answerAfter: 100 };
  expect(await inTime(world.clock, subscription.sync())).toBe('current');
  expect(subscription.staleForMs()).toBe(100);
});
