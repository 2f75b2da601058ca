import { inTime, sharedWorld, type SharedWorld } from '../../../support/locks/shared-world';

let world: SharedWorld;
beforeEach(async () => { world = await sharedWorld(); });
afterEach(() => world.stop());

const increment = (value: number | undefined) => ({ value: (value ?? 0) + 1, result: (value ?? 0) + 1 });

test('changes the value and gives the result; without a value nothing is written', async () => {
  const node = world.node<number>();
  expect(await node.execute('n', increment)).toBe(1);
  expect(await node.execute('n', increment)).toBe(2);
  const before = await world.row('obj#n');
  expect(await node.execute('n', (value) => ({ result: `is ${value}` }))).toBe('is 2');
  expect(await world.row('obj#n')).toEqual(before);
  await node.remove('n');
  expect(await node.execute('n', increment)).toBe(1);
});

test('many at once: each is made once, and each has its own result', async () => {
  const nodes = Array.from({ length: 4 }, () => world.node<number>());
  const results = await inTime(world.clock, Promise.all(Array.from({ length: 12 }, (_, i) => (nodes[i % 4] as (typeof nodes)[0]).execute('n', increment, { maxTries: 100 }))));
  expect([...results].sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
  expect(await nodes[0]?.get('n')).toEqual({ kind: 'exists', value: 12 });
});

test('gives up after maxTries, and has changed nothing', async () => {
  const b = world.node<number>();
  const a = world.node<number>({ fate: ({ constructor }) => (/Update/.test(constructor.name) ? 100 : 'ok') });
  let tries = 0;
  await expect(inTime(world.clock, a.execute('n', () => {
    tries += 1;
    // Somebody is quicker each time.
    void b.execute('n', increment);
    return { value: -1, result: 0 };
  }, { maxTries: 3 }))).rejects.toMatchObject({ code: 'SHARED_CONFLICT' });
  expect(tries).toBe(3);
  expect(await a.get('n')).toEqual({ kind: 'exists', value: 3 });
});

test.each(['response lost', 'twice', 'request lost'] as const)('%s: made once', async (fate) => {
  let once = 0;
  const node = world.node<number>({ fate: ({ constructor }) => (/Update/.test(constructor.name) && once-- > 0 ? fate : 'ok') });
  for (let i = 1; i <= 3; i += 1) {
    once = 2;
    expect(await inTime(world.clock, node.execute('n', increment))).toBe(i);
  }
  expect(await node.get('n')).toEqual({ kind: 'exists', value: 3 });
});

test('an answer was lost and others have gone on: remembered for 16 changes, and told honestly after that', async () => {
  for (const [others, outcome] of [[15, 'made'], [16, 'unknown']] as const) {
    const id = `n${others}`;
    const b = world.node<number>();
    let lost = false;
    const a = world.node<number>({ fate: ({ constructor }) => (/Update/.test(constructor.name) && !lost ? (lost = true, 'response lost') : 'ok') });
    await b.execute(id, increment);
    const changing = a.execute(id, increment);
    await world.clock.advance(0);
    expect(lost).toBe(true);
    for (let i = 0; i < others; i += 1) await b.execute(id, increment);
    const ended = await inTime(world.clock, changing.catch((error: { code: string }) => error.code));
    expect(ended).toBe(outcome === 'made' ? 2 : 'SHARED_OUTCOME_UNKNOWN');
    expect(await b.get(id)).toEqual({ kind: 'exists', value: others + 2 });
  }
});

test('a change that arrives late finds another version', async () => {
  const b = world.node<number>();
  let first = true;
  const a = world.node<number>({ fate: ({ constructor }) => (/Update/.test(constructor.name) && first ? (first = false, 20_000) : 'ok') });
  const changing = a.execute('n', increment);
  await world.clock.advance(1_000);
  await b.execute('n', increment);
  expect(await inTime(world.clock, changing)).toBe(2);
  await world.clock.advance(30_000);
  expect(await b.get('n')).toEqual({ kind: 'exists', value: 2 });
});

test('waits for what another node computes, and goes on from a dead one', async () => {
  const [a, b] = [world.node<number>(), world.node<number>()];
  const reserved = await a.reserve('n');
  if (reserved.kind !== 'reserved') throw new Error(reserved.kind);
  const changing = b.execute('n', increment);
  await world.clock.advance(2_000);
  await reserved.reservation.update(10);
  expect(await inTime(world.clock, changing)).toBe(11);
  let dead = false;
  const c = world.node<number>({ fate: () => (dead ? 'request lost' : 'ok') });
  const dying = await c.reserve('m');
  dead = true;
  expect(await inTime(world.clock, b.execute('m', increment))).toBe(1);
  dead = false;
  if (dying.kind === 'reserved') expect(await dying.reservation.update(100)).toBe('superseded');
  expect(await b.get('m')).toEqual({ kind: 'exists', value: 1 });
});

test('a value that lives on keeps its fixed end; its idle time begins again; a call may say something else', async () => {
  const node = world.node<number>({ defaults: { leaseMs: 10_000, timeoutMs: 60_000, idleTimeoutMs: 40_000 } });
  await node.execute('n', increment);
  await world.clock.advance(30_000);
  await node.execute('n', increment);
  await world.clock.advance(29_999);
  expect(await node.get('n')).toEqual({ kind: 'exists', value: 2 });
  await world.clock.advance(1);
  expect(await node.execute('n', increment)).toBe(1);
  await node.execute('n', increment, { timeoutMs: 1_000 });
  await world.clock.advance(1_000);
  expect(await node.get('n')).toMatchObject({ kind: 'absent' });
});

test('an error of the change is thrown, and nothing is written', async () => {
  const node = world.node<number>();
  await expect(node.execute('n', () => { throw new Error('no'); })).rejects.toThrow('no');
  expect(await world.row('obj#n')).toBeUndefined();
});

test('no permission: told at once', async () => {
  const node = world.node<number>({ fate: ({ constructor }) => (/Update/.test(constructor.name) ? 'denied' : 'ok') });
  await expect(node.execute('n', increment)).rejects.toMatchObject({ code: 'LOCK_BACKEND' });
});

test('a change that took its node for dead does not write over what that node has published meanwhile', async () => {
  let down = false;
  const computing = world.node<string>({ fate: () => (down ? 'request lost' : 'ok') });
  const reserved = await computing.reserve('x', { leaseMs: 4_000 });
  if (reserved.kind !== 'reserved') throw new Error(reserved.kind);
  down = true;
  let writes = 0;
  let arrived = (): void => {};
  const writing = new Promise<void>((resolve) => { arrived = resolve; });
  const changing = world.node<string>({
    fate: ({ constructor }) => {
      if (!/Update/.test(constructor.name) || (writes += 1) !== 1) return 'ok';
      arrived();
      return 1_000;
    },
  });
  const seen: unknown[] = [];
  const changed = changing.execute('x', (value) => { seen.push(value); return { value: `${value ?? 'nothing'}, changed`, result: 'done' }; });
  const passing = inTime(world.clock, writing);
  await passing;
  down = false;
  expect(await reserved.reservation.update('computed')).toBe('published');
  expect(await inTime(world.clock, changed)).toBe('done');
  expect(seen).toEqual([undefined, 'computed']);
  expect(await changing.get('x')).toEqual({ kind: 'exists', value: 'computed, changed' });
});
