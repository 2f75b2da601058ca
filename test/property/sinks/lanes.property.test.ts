import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { initialize, materialize, toPromise, type Outcome, type Settled } from '../../../src';
import { pipeline, type PipelineOptions, type Pipelines } from '../../../src/pipelines/pipeline';
import type { BatchResponse } from '../../../src/pipelines/to-promise';
import { memoryEngine } from '../../../src/replay/engines/memory';
import type { Strategy } from '../../../src/sinks/dynamodb/update-options';
import type { Uow } from '../../../src/uow';
import { watchBatches } from '../../support/batches';
import { byHand, throttled, type Answering, type Held } from '../../support/by-hand';
import { STRATEGIES } from '../../support/convergence';
import { freshTable } from '../../support/engines';
import { event, fromTest, silent } from '../../support/uows';

/** Requests are answered in any order: which of them may be under way, and which events come next, is checked at each request. */

const T = 1_700_000_000_000;
const engine = memoryEngine();
let tableName = '';
beforeAll(async () => {
  tableName = await freshTable(engine, { sortKey: null });
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'clearImmediate'] });
});
afterAll(() => {
  jest.useRealTimers();
  return engine.stop();
});

interface Given {
  /** By place: the item, the age, and the shard. */
  readonly events: readonly { readonly item: number; readonly at: number; readonly shard: number }[];
  readonly strategy: Strategy;
  readonly concurrency: number;
  readonly batchSize: number;
  readonly fold: boolean;
  readonly streams: boolean;
  /** Turns that the mapping of an event takes; empty: it takes none. */
  readonly turns: readonly number[];
  /** Items that are there before. */
  readonly old: readonly number[];
  /** Items whose first write is throttled, so that the rest of their lane has to wait for the next delivery. */
  readonly bad: readonly number[];
  /** Which of the requests under way is answered next. */
  readonly picks: readonly number[];
  /** The time is up after so many answers. */
  readonly answers: number;
}

const ITEMS = 5;
const items = fc.uniqueArray(fc.nat(ITEMS - 1));
const given: fc.Arbitrary<Given> = fc.record({
  events: fc.array(fc.record({ item: fc.nat(ITEMS - 1), at: fc.nat(30), shard: fc.nat(1) }), { minLength: 1, maxLength: 24 }),
  strategy: fc.constantFrom(...STRATEGIES), concurrency: fc.integer({ min: 1, max: 3 }), batchSize: fc.integer({ min: 1, max: 4 }), fold: fc.boolean(), streams: fc.boolean(),
  turns: fc.oneof(fc.constant([]), fc.array(fc.nat(3), { minLength: 1 })), old: items, bad: fc.oneof(fc.constant([]), items),
  picks: fc.array(fc.nat(), { minLength: 1 }), answers: fc.oneof(fc.constant(Infinity), fc.nat(12)),
});

const isRetry = ({ kind }: Outcome): boolean => kind === 'retry';

let run = 0;
const play = async ({ events, strategy, concurrency, batchSize, fold, streams, turns, old, bad, picks, answers }: Given) => {
  run += 1;
  const keyOf = (item: number): string => `k${run}-${item}`;
  for (const item of old) await engine.client.send(new PutCommand({ TableName: tableName, Item: { pk: keyOf(item), timestamp: T - 1, oplockTie: 'x' } }));
  const badKeys = new Set(bad.map(keyOf));
  /** Once: the next would be taken, and what was not would be lost. */
  const fails = (asked: readonly unknown[]): boolean => asked.some((value) => badKeys.delete(value as string));
  const troubled = watchBatches(engine.client, {
    statement: ({ parameters }) => (fails(parameters) ? { Code: 'ThrottlingError' } : undefined),
    before: (_asked, { Key }: { readonly Key?: { readonly pk?: string } }) => {
      if (fails([Key?.pk])) throw throttled();
    },
  });

  const ended = new Set<number>();
  const sent = new Set<number>();
  const isReady = (i: number): boolean => !ended.has(i) && !sent.has(i) && events.every(({ item }, before) => before >= i || item !== events[i]?.item || ended.has(before));
  const wrong: string[] = [];
  let isOver = false;
  const check = (held: Held, underWay: readonly Held[]): void => {
    const say = (what: string) => wrong.push(`${what}: ${JSON.stringify(held)}, under way ${JSON.stringify(underWay)}, ended ${[...ended].join(' ')}`);
    const places = held.ids.map((id) => Number(id.slice(1)));
    if (isOver) say('begun too late');
    if (underWay.length >= concurrency) say('more than may be');
    if (held.writes > (strategy === 'single' ? 1 : batchSize)) say('too large');
    if (held.keys.length !== held.writes) say('one key twice');
    if (underWay.some(({ keys }) => keys.some((key) => held.keys.includes(key)))) say('a key that is under way');
    const first = places.filter((i) => !sent.has(i));
    if (!fold && !first.every(isReady)) say('before an earlier one of its key');
    if (!fold && turns.length === 0 && first.length === places.length && events.some((_event, i) => i < Math.min(...first) && isReady(i))) say('not the earliest');
    first.forEach((i) => sent.add(i));
  };
  const hand = byHand(troubled.client as unknown as Answering, (held) => check(held, [...hand.underWay]));

  const rule = (options: PipelineOptions & { readonly id: string }) => materialize({
    ...options,
    toWrite: async ({ event: { id, partitionKey } }) => {
      for (let turn = turns[Number(id.slice(1)) % turns.length] ?? 0; turn > 0; turn -= 1) await new Promise((resolve) => { setImmediate(resolve); });
      return { key: { pk: String(partitionKey) }, set: { a: 1 } };
    },
  });
  const settled: Settled[] = [];
  const end = Date.now() + 60_000;
  const head = fromTest(
    events.map(({ item, at, shard }, i) => ({ event: event(`e${i}`, { timestamp: T + at, partitionKey: keyOf(item) }), shard: `shard-${shard}` })),
    { context: { getRemainingTimeInMillis: () => end - Date.now() }, logger: silent, onSettled: (one) => { settled.push(one); } },
  );
  // A rule takes its events as they are; a pipeline of one's own has a stream.
  const pipelines: Pipelines = { r: streams ? (options) => pipeline(undefined, (stream) => rule(options)(stream)) : rule };
  let response: BatchResponse | undefined;
  void initialize(pipelines, { client: hand.client, tableName, strategy, concurrency, batchSize, fold, retry: { maxAttempts: 1 } }).assemble(head)
    .tap((uow) => { ended.add(Number((uow as Uow).event.id.slice(1))); })
    .through(toPromise)
    .then((answer) => { response = answer; });

  await hand.quiet();
  for (let n = 0; hand.underWay.size > 0 && n < answers; n += 1) {
    const held = [...hand.underWay];
    held[(picks[n % picks.length] ?? 0) % held.length]?.go();
    await hand.quiet();
  }
  const endedInTime = [...ended];
  const wasCutOff = !response;
  if (wasCutOff) {
    jest.advanceTimersByTime(58_000);
    isOver = true;
    await hand.quiet();
    for (const held of hand.underWay) held.go();
    await hand.quiet();
  }
  return { settled, response, wrong, wasCutOff, endedInTime, keyOf };
};

test('never a key twice, never before the one before it, the earliest first, nothing once the time is up; all others are settled', async () => {
  const seen = new Set<string>();
  await fc.assert(fc.asyncProperty(given, async (one) => {
    const { settled, response, wrong, wasCutOff, endedInTime, keyOf } = await play(one);
    expect(wrong).toEqual([]);
    expect(settled.map(({ event: { id } = {} }) => id)).toEqual(one.events.map((_event, i) => `e${i}`));
    // The numbers of the records rise.
    const named = [0, 1].flatMap((shard) => settled.find(({ outcome }, i) => isRetry(outcome) && one.events[i]?.shard === shard)?.origin.identifier ?? []);
    expect(response?.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier).sort()).toEqual(named.sort());
    const isBad = (i: number): boolean => one.bad.includes(one.events[i]?.item ?? -1);
    for (const [i, { outcome }] of settled.entries()) {
      seen.add('reason' in outcome ? `${outcome.kind}/${outcome.reason}` : outcome.kind);
      if (!wasCutOff || endedInTime.includes(i)) expect([i, isRetry(outcome)]).toEqual([i, isBad(i)]);
      else expect([i, outcome.kind]).toEqual([i, 'retry']);
    }
    if (wasCutOff) return;
    for (const item of new Set(one.events.map((each) => each.item))) {
      const { Item } = await engine.client.send(new GetCommand({ TableName: tableName, Key: { pk: keyOf(item) } }));
      const newest = Math.max(...one.events.filter((each) => each.item === item).map(({ at }) => at));
      const before = one.old.includes(item) ? T - 1 : undefined;
      expect(Item?.['timestamp']).toBe(one.bad.includes(item) ? before : T + newest);
    }
  }), { numRuns: 500 });
  // Each of them comes up in a sixth of the runs at least.
  expect([...seen].sort()).toEqual(['applied', 'retry/deadline', 'retry/held', 'retry/transient', 'stale', 'superseded']);
}, 120_000);
