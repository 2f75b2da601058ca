import { PutCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { createHandler, initializeFrom, materialize, type Event, type OplockOptions, type Outcome, type Rule } from '../../src';
import type { Engine } from '../../src/replay/engines/engine';
import { ExactGetCommand } from '../../src/sinks/dynamodb/exact';
import { shapeOf, watchBatches } from '../support/batches';
import { describeLocal, describeMemory, freshTable } from '../support/engines';
import { event as makeEvent, fromTest, silent } from '../support/uows';

const NOW = 1_790_000_000_000;
const T = NOW - 100_000;
const GROUPS = { address: ['select', 'o\'ne "two" ?', 'a.b'], profile: ['😀', 'x y\n\t'] };
const NAMES = [...GROUPS.address, ...GROUPS.profile, 'plain', 'SET', 'value', '[0]', '#hash', ':colon', 'constructor', 'a'.repeat(200), '1', 'ümlaut', 'missing'];
const BIG = 12_345_678_901_234_567_890n;

const value: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    '', 'x', 'it\'s "so" ?', '😀', 0, -1, 1.5, 1e-100, BIG, -BIG, true, false, null, [], {}, new Set(['a', 'b']), new Set([1, 2]), new Set([new Uint8Array([1])]),
    new Uint8Array([0, 255]), [1, ['x', null]], { 'a.b': { '': 1 } }, undefined,
  ),
  fc.string(), fc.integer(),
);

/** What is in the item before: nothing, or attributes with oplocks of all kinds. */
const oplock = fc.constantFrom<unknown>(undefined, T - 5, T, T + 1, T + 2, T + 9, 'yesterday', null, true);
const before = fc.option(fc.record({
  plain: fc.constantFrom<unknown>('x', 1, BIG), timestamp: oplock, oplockTie: fc.constantFrom<unknown>(undefined, 'e0', 'e3', 'zz', 7),
  timestamp_address: oplock, oplockTie_address: fc.constantFrom<unknown>(undefined, 'e0', 'zz'), oplockEpoch: fc.constantFrom<unknown>(undefined, undefined, 0, 1, 2),
  select: fc.constantFrom<unknown>(undefined, 1),
}), { freq: 2 });

const write = fc.record({
  item: fc.nat(7), at: fc.integer({ min: 0, max: 4 }), type: fc.constantFrom('thing-updated', 'thing-updated', 'thing-created'),
  kind: fc.oneof({ weight: 8, arbitrary: fc.constant('set' as const) }, { weight: 1, arbitrary: fc.constant('tombstone' as const) }),
  set: fc.dictionary(fc.constantFrom(...NAMES), value, { minKeys: 1, maxKeys: 5, noNullPrototype: true }),
});

const OPTIONS: readonly (readonly [string, OplockOptions])[] = [
  ['as ever', {}],
  ['with groups', { groups: GROUPS }],
  ['with an epoch', { epoch: 1 }],
  ['with the epoch 0 and groups', { epoch: 0, groups: GROUPS }],
  ['without items that have no oplock', { onUnversioned: 'reject' }],
  ['with sidecars', { onDelete: 'sidecar' }],
];

const kindOf = (outcome: Outcome): object => {
  const { error, ...rest } = outcome as Outcome & { error?: { code?: string; name?: string; message?: string } };
  return { ...rest, ...(error && { code: error.code, name: error.name }) };
};

const tests = (engine: () => Engine, numRuns: number): void => {
  const isLong = numRuns >= 100;

  it.each(OPTIONS)('%s: leave the same items and end alike', async (_name, oplockOptions) => {
    const tables = [await freshTable(engine()), await freshTable(engine())] as const;
    const kinds = new Set<string>();
    const shapes = new Set<string>();
    let run = 0;
    await fc.assert(fc.asyncProperty(fc.array(write, { minLength: 2, maxLength: 12 }), fc.array(before, { minLength: 8, maxLength: 8 }), async (writes, items) => {
      run += 1;
      const keys = items.map((_item, i) => ({ pk: `run-${run}`, sk: `i${i}` }));
      const ends = await Promise.all((['single', 'batch'] as const).map(async (strategy, which) => {
        const tableName = tables[which] as string;
        await Promise.all(items.map(async (item, i) => {
          const Item = { ...Object.fromEntries(Object.entries(item ?? {}).filter(([, one]) => one !== undefined)), ...keys[i] };
          if (item) await engine().client.send(new PutCommand({ TableName: tableName, Item }));
        }));
        const { client, batches } = watchBatches(engine().client);
        const outcomes: object[] = [];
        const said: object[] = [];
        const rule = {
          id: 'thing', flavor: materialize,
          toWrite: ({ event }: { event: Event & { index: number } }) => {
            const { kind, set, item } = writes[event.index] as (typeof writes)[number];
            return { key: keys[item], ...(kind === 'set' ? { set } : { tombstone: true }) };
          },
        };
        const handler = createHandler({
          source: fromTest, pipelines: initializeFrom([rule as unknown as Rule]), client, tableName, logger: silent, now: () => NOW, strategy, oplock: oplockOptions,
          publishFault: ({ err }) => { said.push({ name: err.name }); return Promise.resolve(); },
          onSettled: ({ event, outcome }) => { kinds.add(outcome.kind); outcomes.push({ id: event?.id, ...kindOf(outcome) }); },
        });
        await handler(writes.map(({ item, at, type }, index) => ({ event: { ...makeEvent(`e${index}`, { type, timestamp: T + at, partitionKey: `i${item}` }), index } })));
        batches().forEach((statements) => shapes.add(shapeOf(statements).replaceAll(/ \d+/g, '')));
        const stored = await Promise.all(keys.map(async (Key) => (await engine().client.send(new ExactGetCommand({ TableName: tableName, Key, ConsistentRead: true }))).Item));
        return { outcomes, said, stored };
      }));
      expect(ends[1]).toEqual(ends[0]);
    }), { numRuns });
    if (!isLong) return;
    // It has been in all of the phases, and in all of the ends. In the runs in memory: fewer may miss one.
    for (const kind of ['applied', 'stale', 'superseded', 'fault']) expect(kinds).toContain(kind);
    // With sidecars what is missing is written in a transaction.
    for (const shape of oplockOptions.onDelete === 'sidecar' ? ['UPDATE'] : ['UPDATE', 'INSERT']) expect([...shapes].join()).toContain(shape);
  }, 120_000);

  it('an oplock of another type is a mismatch either way', async () => {
    const tableName = await freshTable(engine());
    const codes: unknown[] = [];
    for (const strategy of ['single', 'batch'] as const) {
      const keys = ['a', 'b'].map((sk) => ({ pk: strategy, sk }));
      await Promise.all(keys.map((key, i) => engine().client.send(new PutCommand({ TableName: tableName, Item: { ...key, timestamp: i === 0 ? 'x' : null } }))));
      const rule = { id: 'thing', flavor: materialize, toWrite: ({ event }: { event: Event }) => ({ key: keys[Number(event.id)], set: { a: 1 } }) };
      const handler = createHandler({
        source: fromTest, pipelines: initializeFrom([rule as unknown as Rule]), client: engine().client, tableName, logger: silent, strategy,
        publishFault: () => Promise.resolve(), onSettled: ({ outcome }) => { codes.push('error' in outcome && (outcome.error as { code?: string }).code); },
      });
      await handler(['0', '1'].map((id) => ({ event: makeEvent(id, { timestamp: T, partitionKey: id }) })));
    }
    expect(codes).toEqual(Array(4).fill('OPLOCK_MISMATCH'));
  });
};

describeLocal('single writes and batches', (engine) => tests(engine, 40));
describeMemory('single writes and batches', (engine) => tests(engine, 100));
