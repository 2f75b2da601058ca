import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { createHandler, initializeFrom, materialize, type Event, type HandlerOptions, type Rule, type Settled, type WriteRequest } from '../../../src';
import { memoryTable } from '../../support/engines';
import { shapeOf, watchBatches, type Watching } from '../../support/batches';
import { deferred, event, fromTest, silent, type TestRecord } from '../../support/uows';

const T = 1_700_000_000_000;
const table = memoryTable();
const { engine } = table;

const rule: Rule = { id: 'thing', flavor: materialize, toWrite: ({ event: { partitionKey: pk } }: { event: Event }): WriteRequest => ({ key: { pk: pk as string }, set: { a: 1 } }) } as never;

const prepare = ({ rules = [rule], statement, batch, before, ...options }: Partial<HandlerOptions<readonly TestRecord[]>> & Watching & { readonly rules?: readonly Rule[] } = {}) => {
  const watched = watchBatches(engine.client, { ...(statement && { statement }), ...(batch && { batch }), ...(before && { before }) });
  const settled: Settled[] = [];
  const handler = createHandler<readonly TestRecord[], unknown, object>({
    source: fromTest, pipelines: initializeFrom(rules), client: watched.client, tableName: table.name, logger: silent,
    retry: { maxAttempts: 4, baseMs: 0 }, onSettled: (one) => { settled.push(one); }, ...options,
  } as HandlerOptions<readonly TestRecord[], unknown, object>);
  return {
    ...watched, settled,
    invoke: (pks: readonly string[], at = 0, type = 'thing-updated') => handler(pks.map((pk, i) => ({ event: event(`${at}-${i}`, { type, timestamp: T + at + i, partitionKey: pk }) }))),
    kinds: () => settled.map(({ outcome: { kind } }) => kind),
    shapes: () => watched.asked.map((one) => (typeof one === 'string' ? one : shapeOf(one))),
  };
};

const pks = (count: number, prefix = 'i'): readonly string[] => Array.from({ length: count }, (_unused, i) => `${prefix}${i}`);
const existing = (all: readonly string[]) => Promise.all(all.map((pk) => engine.client.send(new PutCommand({ TableName: table.name, Item: { pk, timestamp: T - 1, oplockTie: 'x' } }))));

it('a few writes of different items never wait for each other, though nothing is known of them', async () => {
  const third = deferred();
  let ofB = 0;
  const { invoke, kinds } = prepare({
    fold: false,
    before: async (_asked, input) => {
      const { pk } = (input as { Key: { pk: string } }).Key;
      if (pk === 'b' && (ofB += 1) === 3) third.resolve();
      if (pk === 'a') await third.promise;
    },
  });
  await invoke(['a', 'b', 'b', 'b']);
  expect(kinds()).toEqual(Array(4).fill('applied'));
}, 3000);

it('where items are now new and now not, enough go together now and then to find out how things stand', async () => {
  await existing(pks(50));
  const { invoke, shapes, asked, kinds } = prepare();
  await invoke([...pks(50), ...pks(25, 'new')]);
  asked.length = 0;
  // In one turn, or one after the other: one in 16 of them.
  for (let i = 1; i <= 8; i += 1) await invoke(pks(64), 1000 * i);
  expect(kinds()).toEqual(Array(75 + 8 * 64).fill('applied'));
  expect(shapes().filter((one) => one !== 'UpdateCommand' && !one.startsWith('INSERT'))).toEqual(Array(4).fill('UPDATE 8'));
});

it('no write goes in a larger request than its own rule wants, though rules share theirs', async () => {
  await existing([...pks(25), ...pks(25, 'small')]);
  const small = { ...rule, id: 'small', concurrency: 80, batchSize: 5, toWrite: ({ event: { partitionKey: pk } }: { event: Event }): WriteRequest => ({ key: { pk: `small${(pk as string).slice(1)}` }, set: { a: 1 } }) };
  const { invoke, batches, kinds } = prepare({ rules: [rule, small], strategy: 'batch' });
  await invoke(pks(25));
  expect(kinds()).toEqual(Array(25).fill('applied'));
  const withSmall = batches().filter((statements) => statements.some(({ parameters }) => parameters.some((one) => String(one).startsWith('small'))));
  expect(withSmall.map(({ length }) => length)).toEqual(Array(5).fill(5));
});

it('as long as nothing is known one batch goes ahead, and the others do as it has found', async () => {
  const { invoke, shapes, kinds } = prepare();
  await invoke(pks(60));
  expect(shapes()).toEqual(['UPDATE 25', 'INSERT 25', 'INSERT 25', 'INSERT 10']);
  expect(kinds()).toEqual(Array(60).fill('applied'));
});

it('what is known from then on goes together, at once', async () => {
  await existing(pks(60));
  const { invoke, shapes, asked } = prepare();
  await invoke(pks(60));
  await invoke(pks(60), 1000);
  expect(shapes()).toEqual(['UPDATE 25', 'UPDATE 25', 'UPDATE 10', 'UPDATE 25', 'UPDATE 25', 'UPDATE 10']);
  asked.length = 0;
  await invoke(pks(10, 'made'), 2000, 'thing-created');
  expect(shapes()).toEqual(['INSERT 10']);
});

it.each([[{}, 7, Array(7).fill('UpdateCommand')], [{}, 8, ['UPDATE 8']], [{ batchSize: 5 }, 4, Array(4).fill('UpdateCommand')], [{ batchSize: 5 }, 5, ['UPDATE 5']]])('with %j %i of them go as %j', async (options, count, expected) => {
  await existing(pks(25));
  const { invoke, shapes, asked } = prepare(options);
  await invoke(pks(25));
  asked.length = 0;
  await invoke(pks(count), 1000);
  expect(shapes()).toEqual(expected);
});
