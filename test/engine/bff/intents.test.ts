import { ABSENT, createCommands, PRESENT, type Commands, type CommandsOptions } from '../../../src/bff';
import { describeEngines, freshTable } from '../../support/engines';

interface Seat { readonly state: string; readonly holder?: string; readonly price?: number; readonly tags?: ReadonlySet<string> }

const T = 1_700_000_000_000;

describeEngines('commands', (engine) => {
  let tableName: string;
  let now: number;
  let serial = 0;
  const freshKey = () => ({ pk: `seat-${(serial += 1)}`, sk: 'seat' });
  const make = (options: Partial<CommandsOptions> = {}): Commands<Seat> =>
    createCommands<Seat>({ client: engine().client, tableName, now: () => now, discriminator: 'seat', region: 'eu-west-1', ...options });

  beforeAll(async () => {
    tableName = await freshTable(engine());
  });

  beforeEach(() => {
    now = T;
  });

  it('creates once, and says what is there when there is something', async () => {
    const seats = make();
    const key = freshKey();

    const created = await seats.create(key, { state: 'free', tags: new Set() }, { by: 'anna' });
    const again = await seats.create(key, { state: 'held' });

    expect(created).toMatchObject({ kind: 'applied', version: T, attempts: 1 });
    expect(await seats.get(key)).toEqual({
      ...key, state: 'free', timestamp: T, discriminator: 'seat', lastModifiedBy: 'anna', awsregion: 'eu-west-1', recentCommands: [expect.any(String), T],
    });
    expect(created).toHaveProperty('item', await seats.get(key));
    expect(again).toEqual({ kind: 'alreadyExists', key, current: await seats.get(key), version: T, attempts: 1 });
  });

  it('two clients, the same read, two updates: one is applied, the other is told what is there now', async () => {
    const [anna, ben] = [make(), make()];
    const key = freshKey();
    await anna.create(key, { state: 'free' });
    const [read, other] = [await anna.get(key), await ben.get(key)];

    const results = await Promise.all([
      anna.update(key, { state: 'held', holder: 'anna' }, { expected: anna.versionOf(read ?? {}) ?? PRESENT, by: 'anna' }),
      ben.update(key, { state: 'held', holder: 'ben' }, { expected: ben.versionOf(other ?? {}) ?? PRESENT, by: 'ben' }),
    ]);

    const stored = await anna.get(key);
    const [winner] = results.filter(({ kind }) => kind === 'applied');
    const [loser] = results.filter(({ kind }) => kind === 'conflict');
    expect(winner).toMatchObject({ version: T + 1, item: stored });
    expect(loser).toMatchObject({ expected: T, current: stored, version: T + 1 });
  });

  it('updates: sets, removes, leaves; the version moves although the clock stands still or goes back', async () => {
    const seats = make();
    const key = freshKey();
    await seats.create(key, { state: 'free', price: 10, holder: 'x' });

    now = T - 60_000;
    const result = await seats.update(key, { state: 'held', price: null, tags: new Set(['a']), holder: undefined }, { expected: T });

    expect(result).toMatchObject({ kind: 'applied', version: T + 1, item: { state: 'held', holder: 'x', tags: new Set(['a']), timestamp: T + 1 } });
    expect(await seats.get(key)).not.toHaveProperty('price');
    expect(await seats.update(key, { state: 'sold' }, { expected: T })).toMatchObject({ kind: 'conflict', version: T + 1, current: { state: 'held' } });
    expect(await seats.update(key, { state: 'sold' }, { expected: [T, T + 1] })).toMatchObject({ kind: 'applied', version: T + 2 });
    expect(await seats.update(key, { state: 'gone' }, { expected: PRESENT })).toMatchObject({ kind: 'applied', version: T + 3 });
  });

  it('removes: the oplock stays, nothing comes back under an old version, a new life goes on from it', async () => {
    const seats = make();
    const key = freshKey();
    await seats.create(key, { state: 'free' });

    expect(await seats.remove(key, { expected: T })).toMatchObject({ kind: 'applied', version: T + 1 });

    expect(await seats.get(key)).toBeUndefined();
    expect(await seats.get(key, { includeDeleted: true })).toMatchObject({ deleted: true, timestamp: T + 1, ttl: T / 1000 + 30 * 86_400 });
    expect(await seats.update(key, { state: 'held' }, { expected: T + 1 })).toMatchObject({ kind: 'missing' });
    expect(await seats.remove(key, { expected: T + 1 })).toMatchObject({ kind: 'missing' });
    expect(await seats.create(key, { state: 'new' })).toMatchObject({ kind: 'applied', version: T + 2 });
    const item = await seats.get(key);
    expect(item).not.toHaveProperty('ttl');
    expect(item).not.toHaveProperty('deleted');
    expect(await seats.update(key, { state: 'old' }, { expected: T })).toMatchObject({ kind: 'conflict' });
  });

  it('upserts by ABSENT or a version; force and updateWith go by what they find', async () => {
    const seats = make();
    const key = freshKey();

    expect(await seats.updateWith(key, () => ({ state: 'held' }))).toMatchObject({ kind: 'missing' });
    expect(await seats.upsert(key, { state: 'free', price: null }, { expected: ABSENT })).toMatchObject({ kind: 'applied' });
    expect(await seats.upsert(key, { state: 'free' }, { expected: ABSENT })).toMatchObject({ kind: 'alreadyExists' });
    expect(await seats.upsert(key, { price: 5 }, { expected: T })).toMatchObject({ kind: 'applied', item: { state: 'free', price: 5 } });
    expect(await seats.updateWith(key, ({ price = 0 }) => ({ price: price + 1 }))).toMatchObject({ kind: 'applied', item: { price: 6 } });
    expect(await seats.updateWith(key, (seat) => seat)).toMatchObject({ kind: 'alreadyApplied' });
    expect(await seats.force(key, { state: 'broken' })).toMatchObject({ kind: 'applied', version: T + 3 });
    expect(await seats.force(freshKey(), { state: 'made' })).toMatchObject({ kind: 'applied', version: T });
  });

  it('counts versions, and keeps the timestamp strictly monotonic beside them', async () => {
    const seats = make({ version: 'counter' });
    const key = freshKey();
    await seats.create(key, { state: 'free' });
    now = T - 5000;
    expect(await seats.update(key, { state: 'held' }, { expected: 1 })).toMatchObject({ kind: 'applied', version: 2, item: { version: 2, timestamp: T + 1 } });
    expect(await seats.remove(key, { expected: 2 })).toMatchObject({ kind: 'applied', version: 3 });
    expect(await seats.create(key, { state: 'free' })).toMatchObject({ kind: 'applied', version: 4, item: { timestamp: T + 3 } });
  });

  it('a command that comes again gets its answer, whatever others have done since, as long as the item remembers it', async () => {
    const seats = make({ rememberCommands: 3 });
    const key = freshKey();
    await seats.create(key, { state: 'free' }, { commandId: 'c' });
    await seats.update(key, { state: 'held' }, { expected: T, commandId: 'u' });
    await seats.updateWith(key, () => ({ price: 1 }));

    expect(await seats.update(key, { state: 'held' }, { expected: T, commandId: 'u' })).toMatchObject({ kind: 'alreadyApplied', item: { price: 1 }, version: T + 2 });
    expect(await seats.create(key, { state: 'free' }, { commandId: 'c' })).toMatchObject({ kind: 'alreadyApplied' });
    expect(await seats.update(key, { state: 'x' }, { expected: T + 2, commandId: 'u' })).toMatchObject({ kind: 'alreadyApplied' });
    await seats.updateWith(key, () => ({ price: 2 }));
    await seats.updateWith(key, () => ({ price: 3 }));
    expect(await seats.update(key, { state: 'held' }, { expected: T, commandId: 'u' })).toMatchObject({ kind: 'conflict' });
  });

  it('many at once: each is applied exactly once', async () => {
    const key = freshKey();
    const seats = make();
    await seats.create(key, { state: 'free', price: 0 });

    const results = await Promise.all(Array.from({ length: 8 }, () => seats.updateWith(key, ({ price = 0 }) => ({ price: price + 1 }), { attempts: 50 })));

    expect(results.map(({ kind }) => kind)).toEqual(Array.from({ length: 8 }, () => 'applied'));
    expect(await make().get(key)).toMatchObject({ price: 8, timestamp: T + 8 });
  });
});
