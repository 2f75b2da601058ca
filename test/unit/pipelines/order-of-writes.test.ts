import type { KinesisStreamEvent } from 'aws-lambda';
import { createHandler, fromKinesis, initializeFrom, materialize, toKinesisRecords, type Event, type HandlerOptions, type Rule, type Settled } from '../../../src';
import type { BatchResponse } from '../../../src/pipelines/to-promise';
import { byHand, throttled, YES, type Answering, type Held } from '../../support/by-hand';
import { STRATEGIES } from '../../support/convergence';
import { event, fromTest, identifierOf, silent, type TestRecord } from '../../support/uows';

/** Which write goes when: by counts and orders, never by the clock. Events are given by the keys of their items: of `ka kb ka` the last is `e2`. */

const T = 1_700_000_000_000;
const eventsOf = (keys: string): readonly Event[] => keys.split(' ').map((partitionKey, i) => event(`e${i}`, { timestamp: T + i, partitionKey }));
const recordsOf = (keys: string): readonly TestRecord[] => eventsOf(keys).map((one) => ({ event: one }));

const WRITE = { id: 'r', flavor: materialize, toWrite: ({ event: { partitionKey } }: { event: Event }) => ({ key: { pk: partitionKey }, set: { a: 1 } }) } as unknown as Rule;
const RAW = {
  id: 'r', flavor: materialize,
  toUpdateRequest: ({ event: { id, partitionKey } }: { event: Event }) => ({ Key: { pk: partitionKey }, UpdateExpression: 'SET a = :a', ExpressionAttributeValues: { ':a': id } }),
} as unknown as Rule;

type Given<LambdaEvent> = Partial<HandlerOptions<LambdaEvent>> & { readonly rule?: Rule; readonly answering?: Answering };

const prepare = <LambdaEvent = readonly TestRecord[]>({ rule = WRITE, answering = YES, source = fromTest as never, ...options }: Given<LambdaEvent>) => {
  const hand = byHand(answering);
  const settled: Settled[] = [];
  const handler = createHandler<LambdaEvent, unknown, object>({
    source, pipelines: initializeFrom([rule]), client: hand.client, tableName: 't', logger: silent, fold: false, retry: { maxAttempts: 2, baseMs: 0 },
    onSettled: (one) => { settled.push(one); }, ...options,
  });
  let response: BatchResponse | undefined;
  const invoke = async (given: LambdaEvent, context?: object): Promise<void> => {
    response = undefined;
    void handler(given, context).then((answer) => { response = answer; });
    await hand.quiet();
  };
  /** Answers whatever comes, but not these. */
  const goOn = async (but: (held: Held) => boolean = () => false): Promise<void> => {
    for (;;) {
      const next = [...hand.underWay].filter((held) => !but(held));
      if (next.length === 0) return;
      next.forEach((held) => held.go());
      await hand.quiet();
    }
  };
  const ends = () => settled.map(({ outcome }) => ('reason' in outcome ? `${outcome.kind}/${outcome.reason}` : outcome.kind));
  return { ...hand, invoke, goOn, ends, response: () => response };
};

describe('of all events whose key is idle, the earliest goes next', () => {
  it.each<[string, Rule, object]>([
    ['as a write of its own', WRITE, { strategy: 'single' }], ['as a raw request, which takes no part in batches', RAW, {}], ['as a raw request, where all else is batched', RAW, { strategy: 'batch' }],
  ])('%s', async (_name, rule, options) => {
    const { invoke, ids, answer, response } = prepare({ rule, concurrency: 2, ...options });
    await invoke(recordsOf('ka ka kb ka kc kb kd'));
    expect(ids()).toEqual(['e0', 'e2']);
    for (const [answered, goes] of [['e2', 'e4'], ['e0', 'e1'], ['e4', 'e5'], ['e5', 'e6'], ['e1', 'e3']] as const) {
      await answer(answered);
      expect([answered, ids().at(-1)]).toEqual([answered, goes]);
    }
    await answer('e3');
    expect(response()).toBeUndefined();
    await answer('e6');
    expect(response()).toEqual({ batchItemFailures: [] });
    expect(ids()).toHaveLength(7);
  });

  it.each(['batch', 'auto'] as const)('%s: as many as have room', async (strategy) => {
    const { invoke, ids, answer, ends } = prepare({ strategy, batchSize: 2, concurrency: 1 });
    await invoke(recordsOf('ka ka kb kc ka kb'));
    for (const id of ['e0', 'e1', 'e4']) await answer(id);
    expect(ids()).toEqual(['e0 e2', 'e1 e3', 'e4 e5']);
    expect(ends()).toEqual(Array(6).fill('applied'));
  });

  it.each(STRATEGIES)('%s: a slow request holds up its own items and no other', async (strategy) => {
    const { invoke, goOn, asked, ids, response } = prepare({ strategy, batchSize: 2, concurrency: 2 });
    await invoke(recordsOf('kx ky'));
    await goOn(); // `auto` sends one batch ahead, to see what the items are like
    asked.length = 0;
    await invoke(recordsOf('kslow kb kc kslow kd kb kc kd kslow'));
    await goOn(({ ids: [first] }) => first === 'e0');
    const sent = ids().join(' ').split(' ');
    // In a batch, the second is in the slow request, too, and what follows that is not.
    expect([...sent].sort()).toEqual(strategy === 'single' ? ['e0', 'e1', 'e2', 'e4', 'e5', 'e6', 'e7'] : ['e0', 'e1', 'e2', 'e4', 'e6', 'e7']);
    expect(response()).toBeUndefined();
    await goOn();
    expect(ids().join(' ').split(' ')).toHaveLength(9);
    expect(response()).toEqual({ batchItemFailures: [] });
  });
});

describe.each(STRATEGIES)('a transient failure (%s)', (strategy) => {
  /** Never gets what has to do with these keys. */
  const without = (...keys: readonly string[]): Answering => ({
    send: async ({ input: { Statements, Key = {} } }) => {
      if (keys.includes(Key['pk'] as string)) throw throttled();
      return { Responses: Statements?.map(({ Parameters = [] }) => (keys.some((key) => Parameters.includes(key)) ? { Error: { Code: 'ThrottlingError' } } : {})) };
    },
  });

  it.each([[4, 2], [1, 25], [16, 25]])('holds the rest of its key and nothing else, and the first unsettled event is named: %i requests at once, of %i', async (concurrency, batchSize) => {
    const { invoke, goOn, ends, ids, response } = prepare({ strategy, concurrency, batchSize, answering: without('kbad', 'kworse') });
    await invoke(recordsOf('ka kworse kbad kc ka kbad kworse kbad kc kd'));
    while (!response()) {
      await goOn();
      await new Promise((resolve) => { setTimeout(resolve, 1); }); // a second try has a timer
    }
    const [ok, transient, held] = ['applied', 'retry/transient', 'retry/held'];
    expect(ends()).toEqual([ok, transient, transient, ok, ok, held, held, held, ok, ok]);
    expect(response()).toEqual({ batchItemFailures: [{ itemIdentifier: identifierOf(1) }] });
    const sent = ids().join(' ').split(' ');
    const times = (id: string): number => sent.filter((one) => one === id).length;
    expect(['e0', 'e1', 'e2', 'e3', 'e4', 'e5', 'e6', 'e7', 'e8', 'e9'].map(times)).toEqual([1, 2, 2, 1, 1, 0, 0, 0, 1, 1]);
  });
});

describe('the deadline', () => {
  beforeEach(() => { jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'clearImmediate'] }); });
  afterEach(() => { jest.useRealTimers(); });

  const minute = () => {
    const end = Date.now() + 60_000;
    return { getRemainingTimeInMillis: () => end - Date.now() };
  };

  /** Even ones are of one shard, the others of a shard whose numbers are smaller. */
  const twoShards = (keys: string) => {
    const events = eventsOf(keys);
    const of = (shard: number, startSequence: string) => toKinesisRecords(events.filter((_one, i) => i % 2 === shard), { shard, startSequence }).Records;
    const [even, odd] = [of(0, '900'), of(1, '200')];
    return events.map((_one, i) => (i % 2 === 0 ? even : odd)[i >> 1] as (typeof even)[number]);
  };

  it.each(STRATEGIES.flatMap((strategy) => [[strategy, 1], [strategy, 2], [strategy, 3]] as const))('%s, %i at once: two seconds before the end nothing begins any more, and the lowest of each shard is named', async (strategy, concurrency) => {
    const { invoke, asked, ids, goOn, underWay, quiet, ends, response } = prepare<KinesisStreamEvent>({ source: fromKinesis as never, strategy, concurrency, batchSize: 2 });
    const keys = 'ka kb kc kd ka kb kc kd ke kf kg kh ka ki kj kk kl km'.split(' ');
    const Records = twoShards(keys.join(' '));
    await invoke({ Records }, minute());
    const settled: string[] = [];
    const letGo = async (held: Held | undefined): Promise<void> => {
      settled.push(...held?.ids ?? []);
      held?.go();
      await quiet();
    };
    await letGo([...underWay][0]);
    await letGo([...underWay].at(-1));
    jest.advanceTimersByTime(57_999);
    const before = asked.length;
    await letGo([...underWay].at(-1));
    expect(asked.length).toBeGreaterThan(before);
    expect([...underWay].some(({ isGivenUp }) => isGivenUp())).toBe(false);
    expect(response()).toBeUndefined();

    jest.advanceTimersByTime(1);
    await quiet();
    const atTheEnd = ids();
    expect([...underWay].every(({ isGivenUp }) => isGivenUp())).toBe(true);
    const isSettled = (i: number): boolean => settled.includes(`e${i}`);
    const lowest = [0, 1].map((shard) => Records.findIndex((_record, i) => i % 2 === shard && !isSettled(i)));
    const named = lowest.map((i) => ({ itemIdentifier: Records[i]?.kinesis.sequenceNumber }));
    expect(response()?.batchItemFailures).toHaveLength(2);
    expect(response()?.batchItemFailures).toEqual(expect.arrayContaining(named));
    // What an unsettled event of its own key is before may say so: that one comes again, and it behind it.
    const isBehind = (i: number): boolean => keys.slice(0, i).some((key, before) => key === keys[i] && !isSettled(before));
    expect(ends()).toEqual(keys.map((_key, i) => (isSettled(i) ? 'applied' : isBehind(i) ? expect.stringMatching(/^retry.(deadline|held)$/) : 'retry/deadline')));

    await goOn();
    jest.advanceTimersByTime(60_000);
    await quiet();
    expect(ids()).toEqual(atTheEnd);
    expect(ends()).toHaveLength(Records.length);
  });

  it('leaves what waits for a request where it is', async () => {
    const { invoke, ids, goOn, ends } = prepare({ strategy: 'auto', concurrency: 2, batchSize: 2 });
    await invoke(recordsOf('ka kb kc kd ke'), minute());
    expect(ids()).toEqual(['e0 e1']); // the others wait for what it finds
    jest.advanceTimersByTime(58_000);
    await goOn();
    expect(ids()).toHaveLength(1);
    expect(ends()).toEqual(Array(5).fill('retry/deadline'));
  });

  it('does not send on what is answered too late', async () => {
    const missing: Answering = { send: ({ input: { Statements } }) => Promise.resolve({ Responses: Statements?.map(() => ({ Error: { Code: 'ConditionalCheckFailed' } })) }) };
    const { invoke, asked, goOn, quiet, ends } = prepare({ strategy: 'batch', answering: missing });
    await invoke(recordsOf('ka kb'), minute());
    jest.advanceTimersByTime(58_000);
    await goOn();
    await quiet();
    expect(asked).toHaveLength(1);
    expect(ends()).toEqual(Array(2).fill('retry/deadline'));
  });

  it('does not wait for a retry that would come too late', async () => {
    const { invoke, asked, answer, ends } = prepare({ strategy: 'single', retry: { maxAttempts: 9, baseMs: 1e9, capMs: 1e9, random: () => 1 } });
    await invoke(recordsOf('ka ka'), minute());
    await answer('e0', throttled());
    expect(ends()).toEqual(['retry/transient', 'retry/held']);
    expect(asked).toHaveLength(1);
  });
});
