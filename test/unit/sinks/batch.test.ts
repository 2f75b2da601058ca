import { GetCommand, NumberValue, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { createHandler, initializeFrom, materialize, update, type Event, type HandlerOptions, type Rule, type Settled, type WriteRequest } from '../../../src';
import { batchingOf, type Batching } from '../../../src/sinks/dynamodb/batch/batching';
import { createRequests } from '../../../src/sinks/dynamodb/batch/requests';
import { stepOf } from '../../../src/sinks/dynamodb/step';
import { memoryTable } from '../../support/engines';
import { attemptOf, planned } from '../../support/plans';
import { shapeOf, watchBatches, type SeenStatement, type Watching } from '../../support/batches';
import { event, fromTest, identifierOf, silent, type TestRecord } from '../../support/uows';
import { uowOf } from '../oplock/uow';

const T = 1_700_000_000_000;
const table = memoryTable();
const { engine } = table;

/** Events are `[item, age, what to write]`. */
type Given = readonly [pk: string, at: number, write?: object, more?: Partial<Event>];

interface GivenEvent extends Event {
  readonly said: object | undefined;
}

const toWrite = ({ event: { partitionKey: pk, said } }: { event: GivenEvent }): WriteRequest =>
  ({ key: { pk: pk as string }, ...(said === undefined || !('set' in said || 'tombstone' in said) ? { set: said ?? { a: 1 } } : said) }) as WriteRequest;
const rule = { id: 'thing', flavor: materialize<GivenEvent>, toWrite } as unknown as Rule;

const recordsOf = (given: readonly Given[]): readonly TestRecord[] =>
  given.map(([pk, at, said, more], i) => ({ event: event(`e${i}`, { timestamp: T + at, partitionKey: pk, said, ...more }) }));

type Handling = Partial<HandlerOptions<readonly TestRecord[]>> & Watching & { readonly rules?: readonly Rule[] };

const prepare = ({ rules = [rule], statement, batch, before, answers, ...options }: Handling = {}) => {
  const watched = watchBatches(engine.client, { ...(statement && { statement }), ...(batch && { batch }), ...(before && { before }), ...(answers && { answers }) });
  const settled: Settled[] = [];
  const faults: string[] = [];
  const handler = createHandler<readonly TestRecord[], unknown, object>({
    source: fromTest, pipelines: initializeFrom(rules), client: watched.client, tableName: table.name, logger: silent, strategy: 'batch',
    publishFault: async ({ err }) => { faults.push(err.message); },
    retry: { maxAttempts: 4, baseMs: 0 }, onSettled: (one) => { settled.push(one); }, ...options,
  } as HandlerOptions<readonly TestRecord[], unknown, object>);
  const invoke = (given: readonly Given[], context?: object) => handler(recordsOf(given), context);
  return {
    ...watched, invoke, settled, faults,
    kinds: () => settled.map(({ outcome: { kind } }) => kind),
    shapes: () => watched.asked.map((one) => (typeof one === 'string' ? one : shapeOf(one))),
  };
};

const items = async (): Promise<Record<string, unknown>[]> => {
  const { Items = [] } = await engine.client.send(new ScanCommand({ TableName: table.name }));
  return Items.sort((a, b) => (String(a['pk']) < String(b['pk']) ? -1 : 1));
};
const itemOf = async (pk: string) => (await engine.client.send(new GetCommand({ TableName: table.name, Key: { pk } }))).Item;
const put = (...all: readonly object[]) => Promise.all(all.map((Item) => engine.client.send(new PutCommand({ TableName: table.name, Item: { ...Item } }))));

const pks = (count: number): readonly string[] => Array.from({ length: count }, (_unused, i) => `i${String(i).padStart(2, '0')}`);
const existing = (count: number) => put(...pks(count).map((pk) => ({ pk, timestamp: T - 1, oplockTie: 'x' })));
const updates = (count: number, said: object = { a: 1 }, more?: Partial<Event>): readonly Given[] => pks(count).map((pk, i) => [pk, i, said, more ?? {}]);
const about = (pk: string) => ({ parameters }: SeenStatement): boolean => parameters.includes(pk);
const error = (name: string): Error => Object.assign(new Error(name), { name });

describe('what goes together', () => {
  it('30 items are a request of 25 and one of 5', async () => {
    await existing(30);
    const { invoke, shapes, kinds } = prepare();
    await invoke(updates(30));
    expect(shapes()).toEqual(['UPDATE 25', 'UPDATE 5']);
    expect(kinds()).toEqual(Array(30).fill('applied'));
    expect(await items()).toEqual(pks(30).map((pk, i) => ({ pk, a: 1, timestamp: T + i, oplockTie: `e${i}` })));
  });

  it('large items as far as they have room: no request of more than 4 MB', async () => {
    await existing(25);
    const { invoke, batches, kinds } = prepare();
    await invoke(updates(25, { text: 'x'.repeat(390_000) }));
    expect(batches().map(({ length }) => length)).toEqual([10, 10, 5]);
    expect(kinds()).toEqual(Array(25).fill('applied'));
  });

  it('as many as batchSize says, and as many requests at once as concurrency says', async () => {
    await existing(30);
    let now = 0;
    let most = 0;
    const before = async (): Promise<void> => {
      most = Math.max(most, now += 1);
      await new Promise((resolve) => { setTimeout(resolve, 2); });
      now -= 1;
    };
    const { invoke, shapes } = prepare({ batchSize: 10, concurrency: 2, before });
    await invoke(updates(30));
    expect(shapes()).toEqual(['UPDATE 10', 'UPDATE 10', 'UPDATE 10']);
    expect(most).toBe(2);
  });

  it('an event that is alone is a request as ever', async () => {
    const { invoke, shapes } = prepare();
    await invoke(updates(1));
    expect(shapes()).toEqual(['UpdateCommand']);
  });

  it('of two rules, too; a raw request goes beside them', async () => {
    await existing(4);
    const raw = { id: 'raw', flavor: materialize, filters: [({ event: { partitionKey } }: { event: Event }) => partitionKey === 'i00'], toUpdateRequest: () => ({ Key: { pk: 'raw' }, UpdateExpression: 'SET b = :b', ExpressionAttributeValues: { ':b': 1 } }) };
    const other = { ...rule, id: 'other', toWrite: (uow: { event: GivenEvent }) => ({ key: { pk: `other-${uow.event.partitionKey}` }, set: { c: 1 } }) };
    const { invoke, shapes, kinds } = prepare({ rules: [rule, raw, other] });
    await invoke(updates(3));
    expect([...shapes()].sort()).toEqual(['INSERT 3', 'UPDATE 6', 'UpdateCommand']);
    expect(kinds()).toEqual(Array(3).fill('applied'));
    expect(await itemOf('raw')).toEqual({ pk: 'raw', b: 1 });
    expect(await itemOf('other-i00')).toMatchObject({ c: 1 });
  });

  it('not by different clients', async () => {
    await existing(4);
    const other = watchBatches(engine.client);
    const copy = { ...rule, id: 'other', client: other.client, toWrite: (uow: { event: GivenEvent }) => ({ key: { pk: `other-${uow.event.partitionKey}` }, set: { c: 1 } }) };
    const { invoke, batches, kinds } = prepare({ rules: [rule, copy] });
    await invoke(updates(4));
    expect([...batches(), ...other.batches()].map(shapeOf)).toEqual(['UPDATE 4', 'UPDATE 4', 'INSERT 4']);
    expect(kinds()).toEqual(Array(4).fill('applied'));
  });

  it('never one item twice', async () => {
    await existing(5);
    const { invoke, batches, kinds } = prepare({ fold: false });
    await invoke(Array.from({ length: 50 }, (_unused, i) => [`i0${i % 5}`, i, { a: i }]));
    const keys = batches().map((statements) => statements.map(({ parameters }) => parameters.find((one) => /^i0\d$/.test(String(one)))));
    expect(keys.flat()).toHaveLength(50);
    for (const some of keys) expect(new Set(some).size).toBe(some.length);
    expect(kinds()).toEqual(Array(50).fill('applied'));
    expect((await items()).map(({ a }) => a)).toEqual([45, 46, 47, 48, 49]);
  });
});

describe('missing items', () => {
  it('are inserted after an UPDATE has missed them', async () => {
    const { invoke, shapes, kinds } = prepare();
    await invoke(updates(3));
    expect(shapes()).toEqual(['UPDATE 3', 'INSERT 3']);
    expect(kinds()).toEqual(Array(3).fill('applied'));
    expect((await items()).map(({ timestamp }) => timestamp)).toEqual([T, T + 1, T + 2]);
  });

  it('are inserted at once when the event says that it creates', async () => {
    const { invoke, shapes } = prepare();
    await invoke(updates(3, { a: 1 }, { type: 'thing-created' }));
    expect(shapes()).toEqual(['INSERT 3']);
    expect(await items()).toHaveLength(3);
  });

  it('are updated when they are there after all', async () => {
    await existing(3);
    const { invoke, shapes, kinds } = prepare();
    await invoke(updates(3, { a: 2 }, { type: 'thing-created' }));
    expect(shapes()).toEqual(['INSERT 3', 'UPDATE 3']);
    expect(kinds()).toEqual(Array(3).fill('applied'));
  });

  it('are expected once most of the items are seen to be new, and no longer when they are not', async () => {
    const { invoke, shapes } = prepare();
    await invoke(updates(25));
    await invoke(updates(25).map(([pk, at]) => [`new-${pk}`, at]));
    await invoke(updates(25).map(([pk, at]) => [pk, at + 100]));
    await invoke(updates(25).map(([pk, at]) => [pk, at + 200]));
    await invoke(updates(25).map(([pk, at]) => [pk, at + 300]));
    expect(shapes()).toEqual(['UPDATE 25', 'INSERT 25', 'INSERT 25', 'INSERT 25', 'UPDATE 25', 'INSERT 25', 'UPDATE 25', 'UPDATE 25']);
  });

  it('are not expected after a few, each of which counts once', async () => {
    await existing(2);
    const { invoke, shapes } = prepare();
    await invoke(updates(3).map(([pk, at]) => [`new-${pk}`, at]));
    await invoke(updates(2));
    expect(shapes()).toEqual(['UPDATE 3', 'INSERT 3', 'UPDATE 2']);
  });

  it('are written in a transaction at once where there are sidecars', async () => {
    await existing(1);
    const { invoke, shapes, kinds } = prepare({ oplock: { onDelete: 'sidecar' } });
    await invoke(updates(3));
    expect(shapes()).toEqual(['UPDATE 3', 'TransactWriteCommand', 'TransactWriteCommand']);
    expect(kinds()).toEqual(['applied', 'applied', 'applied']);
  });

  it('what says that it creates tells nothing of the others', async () => {
    await existing(2);
    const { invoke, shapes } = prepare();
    await invoke(updates(50, { a: 1 }, { type: 'thing-created' }).map(([pk, ...more]) => [`new-${pk}`, ...more]));
    await invoke(updates(2));
    expect(shapes()).toEqual(['INSERT 25', 'INSERT 25', 'UPDATE 2']);
  });

  it('an item that comes and goes all the time is left to the atomic request', async () => {
    // Two of them: one alone would be a request by itself at once.
    const { invoke, shapes, kinds } = prepare({ statement: ({ text }) => ({ Code: text.startsWith('INSERT') ? 'DuplicateItem' : 'ConditionalCheckFailed' }) });
    await invoke(updates(2));
    expect(shapes()).toEqual(['UPDATE 2', 'INSERT 2', 'UPDATE 2', 'INSERT 2', 'UpdateCommand', 'UpdateCommand']);
    expect(kinds()).toEqual(['applied', 'applied']);
  });

  it('after a refusal it is known that there is one', async () => {
    const groups = { g: ['a'], h: ['b'] };
    await put(...pks(2).map((pk) => ({ pk, timestamp_g: T + 99, oplockTie_g: 'x' })));
    const { invoke, shapes, kinds } = prepare({ oplock: { groups } });
    await invoke(updates(2, { a: 1, b: 1 }, { type: 'thing-created' }));
    expect(shapes()).toEqual(['INSERT 2', 'UPDATE 2', 'UPDATE 2']);
    expect(kinds()).toEqual(['narrowed', 'narrowed']);
  });
});

describe('one statement among others', () => {
  const some = ['i07', 'i08'];
  it.each(['ValidationError', 'ResourceNotFound', 'ItemCollectionSizeLimitExceeded', 'SomethingNew'])('that is refused with %s is sent by itself, and the other 23 are untouched', async (Code) => {
    await existing(25);
    const { invoke, shapes, kinds, inputs } = prepare({ statement: (seen) => (some.some((pk) => about(pk)(seen)) ? { Code } : undefined) });
    await invoke(updates(25));
    expect(shapes()).toEqual(['UPDATE 25', 'UpdateCommand', 'UpdateCommand']);
    expect(inputs).toMatchObject(some.map((pk) => ({ Key: { pk } })));
    expect(kinds()).toEqual(Array(25).fill('applied'));
  });

  it.each(['ThrottlingError', 'ProvisionedThroughputExceeded', 'RequestLimitExceeded', 'InternalServerError', 'TransactionConflict'])('%s is asked again, and not taken for a missing item', async (Code) => {
    await existing(25);
    const { invoke, shapes, kinds } = prepare({ statement: (_seen, number) => (number === 8 || number === 9 ? { Code } : undefined) });
    await invoke(updates(25));
    expect(shapes().join()).not.toContain('INSERT');
    expect(kinds()).toEqual(Array(25).fill('applied'));
    expect((await items()).map(({ oplockTie }) => oplockTie)).toEqual(pks(25).map((_pk, i) => `e${i}`));
  });

  it('is left to the next delivery when it stays throttled, and the others are not', async () => {
    await existing(3);
    const { invoke, kinds } = prepare({ retry: { maxAttempts: 1 }, statement: (seen) => (about('i01')(seen) ? { Code: 'ThrottlingError' } : undefined) });
    expect(await invoke(updates(3))).toEqual({ batchItemFailures: [{ itemIdentifier: identifierOf(1) }] });
    expect(kinds()).toEqual(['applied', 'retry', 'applied']);
  });

  it('that was done in spite of its error is a duplicate when it is asked again', async () => {
    await existing(2);
    const { invoke, kinds } = prepare({ statement: (_seen, number) => (number === 1 ? { Code: 'InternalServerError', lost: true } : undefined) });
    await invoke(updates(2));
    expect(kinds()).toEqual(['duplicate', 'applied']);
  });

  it('whose value cannot be sent is a fault, and takes no other along', async () => {
    await existing(3);
    const { invoke, kinds, faults } = prepare();
    await invoke([['i00', 1], ['i01', 1, { a: Symbol('unsendable') }], ['i02', 1]]);
    expect(kinds()).toEqual(['applied', 'fault', 'applied']);
    expect(faults).toHaveLength(1);
  });

  it('whose stored oplock is of another type is a fault', async () => {
    await existing(3);
    await put({ pk: 'i01', timestamp: 'yesterday' });
    const { invoke, kinds, settled } = prepare();
    await invoke(updates(3));
    expect(kinds()).toEqual(['applied', 'fault', 'applied']);
    expect(settled[1]?.outcome).toMatchObject({ error: { code: 'OPLOCK_MISMATCH' } });
  });
});

describe('a whole request', () => {
  it.each(['ValidationException', 'ResourceNotFoundException', 'RequestEntityTooLargeException'])('that is refused with %s is sent one by one', async (name) => {
    await existing(25);
    const { invoke, shapes, kinds } = prepare({ batch: () => error(name) });
    await invoke(updates(25));
    expect(shapes()).toEqual(['UPDATE 25', ...Array<string>(25).fill('UpdateCommand')]);
    expect(kinds()).toEqual(Array(25).fill('applied'));
  });

  it('that is throttled is asked again, and each event has an error of its own', async () => {
    await existing(25);
    const { invoke, kinds } = prepare({ batch: (_statements, number) => (number === 1 ? error('ThrottlingException') : undefined) });
    await invoke(updates(25));
    expect(kinds()).toEqual(Array(25).fill('applied'));
    const failing = prepare({ batch: () => error('ThrottlingException'), retry: { maxAttempts: 1 } });
    await failing.invoke(updates(25).map(([pk, at]) => [pk, at + 100]));
    const errors = failing.settled.map(({ outcome }) => ('error' in outcome ? outcome.error : undefined)) as Error[];
    expect(errors.map(({ name }) => name)).toEqual(Array(25).fill('ThrottlingException'));
    expect(new Set(errors).size).toBe(25);
  });

  it('that fails again and again is given up for single ones', async () => {
    await existing(25);
    const { invoke, batches, singles, kinds } = prepare({ batch: () => error('ECONNRESET') });
    await invoke(updates(25));
    // The second time less than all of them may be back from their waits at once, and one alone is no batch.
    expect(batches()[0]).toHaveLength(25);
    for (const pk of pks(25)) expect(batches().flat().filter(about(pk)).length).toBeLessThanOrEqual(2);
    expect(singles()).toHaveLength(25);
    expect(kinds()).toEqual(Array(25).fill('applied'));
  });

  it.each([['too few', (all: readonly unknown[]) => all.slice(1)], ['no', () => []], ['too many', (all: readonly unknown[]) => [...all, {}]]])('with %s answers is asked again, never taken as applied', async (_name, answers) => {
    await existing(3);
    const { invoke, kinds, batches } = prepare({ answers });
    await invoke(updates(3));
    // It was done: asked again, each event finds itself.
    expect(kinds()).toEqual(Array(3).fill('duplicate'));
    expect(batches().length).toBeGreaterThan(1);
  });
});

describe('where there are no statements', () => {
  const names = ['UnknownOperationException', 'AccessDeniedException'];
  const warner = () => {
    const lines: string[] = [];
    return { lines, logger: { ...silent, warn: (message: string) => { lines.push(message); } } };
  };

  it.each(names)('%s: singles from then on, with one line in the log, in later invocations, too', async (name) => {
    const { lines, logger } = warner();
    const { invoke, shapes, kinds } = prepare({ logger, concurrency: 3, batch: () => error(name) });
    await invoke(updates(100));
    await invoke(updates(10).map(([pk, at]) => [pk, at + 500]));
    expect(shapes().filter((shape) => shape !== 'UpdateCommand')).toEqual(['UPDATE 25', 'UPDATE 25', 'UPDATE 25']);
    expect(kinds()).toEqual(Array(110).fill('applied'));
    expect(lines).toEqual([expect.stringContaining('cannot be batched here')]);
  });

  it('what waits when it is found out is not tried first', async () => {
    const { lines, logger } = warner();
    const { client, asked } = watchBatches(engine.client, { batch: () => error('UnknownOperationException') });
    const batching = batchingOf({ strategy: 'batch', batchSize: 2 }, 1);
    const requests = createRequests(logger);
    const steps = pks(5).map((pk) => stepOf(attemptOf(planned({ key: { pk }, set: {} }, uowOf())), table.name));
    const sender = { client, batching: batching as Batching, signal: new AbortController().signal };
    await Promise.all(steps.map((step, place) => new Promise((answered) => { requests.send({ step, sender, hint: undefined, alone: false, place, answered }); })));
    expect(asked.map((one) => (typeof one === 'string' ? one : shapeOf(one)))).toEqual(['UPDATE 2', ...Array<string>(5).fill('UpdateCommand')]);
    expect(lines).toHaveLength(1);
  });

  it('AccessDenied of statements: the same', async () => {
    const { lines, logger } = warner();
    const { invoke, shapes, kinds } = prepare({ logger, statement: () => ({ Code: 'AccessDenied' }) });
    await invoke(updates(4));
    await invoke(updates(4).map(([pk, at]) => [pk, at + 500]));
    expect(shapes()).toEqual(['UPDATE 4', ...Array<string>(8).fill('UpdateCommand')]);
    expect(kinds()).toEqual(Array(8).fill('applied'));
    expect(lines).toHaveLength(1);
  });

  it('a role that may write nothing at all fails as ever', async () => {
    const denied = error('AccessDeniedException');
    const { invoke, kinds } = prepare({ batch: () => denied, before: (asked) => { if (asked === 'UpdateCommand') throw denied; } });
    await invoke(updates(2));
    expect(kinds()).toEqual(['retry', 'retry']);
  });
});

describe('what no statement can say goes singly', () => {
  const long = Object.fromEntries(Array.from({ length: 40 }, (_unused, i) => [`${'long'.repeat(50)}${i}`, i]));
  it.each<[string, object]>([
    ['a long statement', long],
    ['a name with #', { '#a': 1 }],
    ['a name with :', { ':a': 1 }],
    ['a tombstone', { tombstone: true }],
  ])('%s', async (_name, said) => {
    await existing(4);
    const { invoke, shapes, kinds } = prepare();
    await invoke([['i00', 1], ['i01', 1, said], ['i02', 1], ['i03', 1, said]]);
    const command = 'tombstone' in said ? 'PutCommand' : 'UpdateCommand';
    expect([...shapes()].sort()).toEqual([command, command, 'UPDATE 2'].sort());
    expect(kinds()).toEqual(Array(4).fill('applied'));
    const [, item] = await items();
    expect(item).toMatchObject('tombstone' in said ? { deleted: true } : said);
  });

  it('counters', async () => {
    const { invoke, batches, kinds, faults } = prepare({ oplock: { reduce: { a: 'dedupeSet' } } });
    await invoke(updates(2, { set: { b: 1 }, add: { a: 2 } }));
    expect(faults).toEqual([]);
    expect(batches()).toEqual([]);
    expect(kinds()).toEqual(['applied', 'applied']);
  });

  it('transactions', async () => {
    await existing(2);
    const { invoke, shapes, kinds } = prepare({ oplock: { onDelete: 'sidecar' } });
    await invoke(updates(2, { tombstone: true }));
    expect(shapes()).toEqual(['TransactWriteCommand', 'TransactWriteCommand']);
    expect(kinds()).toEqual(['applied', 'applied']);
  });
});

describe('an old item with numbers that no double holds', () => {
  it('does not spoil the answers to the others', async () => {
    const big = NumberValue.from('12345678901234567890.5'); // the document client makes bigints of whole ones, and throws for this
    await existing(3);
    await put({ pk: 'i01', big, timestamp: T + 99, oplockTie: 'x' });
    const { invoke, kinds, shapes } = prepare();
    await invoke(updates(3));
    expect(shapes()).toEqual(['UPDATE 3']);
    expect(kinds()).toEqual(['applied', 'stale', 'applied']);
  });
});

describe('the deadline', () => {
  it('settles each event once: what waits is not sent any more, nor what is answered late sent on', async () => {
    let free!: () => void;
    const blocked = new Promise<void>((resolve) => { free = resolve; });
    const started = Date.now();
    const { invoke, settled, asked } = prepare({ concurrency: 1, before: () => blocked });
    const response = await invoke(updates(100, { '#': 'sent singly, so that they wait' }), { getRemainingTimeInMillis: () => 600 - (Date.now() - started) });
    expect(response.batchItemFailures).toEqual([{ itemIdentifier: identifierOf(0) }]);
    expect(settled).toHaveLength(100);
    expect(new Set(settled.map(({ outcome }) => JSON.stringify([outcome.kind, 'reason' in outcome && outcome.reason])))).toEqual(new Set(['["retry","deadline"]']));
    free();
    await new Promise((resolve) => { setTimeout(resolve, 20); });
    expect(asked).toHaveLength(1);
    expect(settled).toHaveLength(100);
  });
});

describe('options', () => {
  it.each([[{ strategy: 'batched' }, 'strategy'], [{ strategy: 'batch', batchSize: 26 }, 'batchSize'], [{ strategy: 'batch', batchSize: 0 }, 'batchSize'], [{ batchSize: 2.5 }, 'batchSize']])('%j is refused', (options, name) => {
    expect(() => update(options as object)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(name) as string }));
  });

  it('the default is a request for each', async () => {
    await existing(3);
    const { invoke, shapes } = prepare({ strategy: undefined } as never);
    await invoke(updates(3));
    expect(shapes()).toEqual(['UpdateCommand', 'UpdateCommand', 'UpdateCommand']);
  });

  it('a rule may say otherwise than its handler', async () => {
    await existing(3);
    const { invoke, shapes } = prepare({ rules: [{ ...rule, strategy: 'single' } as Rule] });
    await invoke(updates(3));
    expect(shapes()).toEqual(['UpdateCommand', 'UpdateCommand', 'UpdateCommand']);
  });
});
