import _ from 'highland';
import { createHandler, fromDynamodb, fromKinesis, initialize, initializeFrom, mapTo, materialize, split, toPromise, update, type Event, type Rule, type Settled } from '../../../src';
import type { AnyStream, PipelineFactory } from '../../../src/pipelines/pipeline';
import type { InvocationSettings } from '../../../src/ledger/invocation';
import { event, fromTest, identifierOf, silent, type TestRecord } from '../../support/uows';

/*
 * What Highland does not forgive: each of these hung, crashed or grew with the square of the events in a plain stream of it.
 */

type Stream = ReturnType<typeof fromTest>;
type Steps = (stream: Stream) => AnyStream;

const recordsOf = (count: number, key?: string): readonly TestRecord[] =>
  Array.from({ length: count }, (_unused, i) => ({ event: event(`e${i}`), ...(key !== undefined && { key }) }));

const run = async (steps: Steps, { records = recordsOf(3), ...settings }: InvocationSettings & { readonly records?: readonly TestRecord[] } = {}) => {
  const settled: Settled[] = [];
  const head = fromTest(records, { logger: silent, publishFault: async () => {}, onSettled: (one) => settled.push(one), ...settings });
  const end = toPromise(steps(head) as Highland.Stream<unknown>);
  const error = await end.then(() => undefined, (thrown: unknown) => thrown);
  return { response: error === undefined ? await end : undefined, error, settled, kinds: settled.map(({ outcome: { kind } }) => kind) };
};

const assembled = (...steps: readonly Steps[]): Steps => (stream) =>
  initialize(Object.fromEntries(steps.map((step, i): [string, PipelineFactory] => [`p${i}`, () => step as never]))).assemble(stream);

const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });
const later = <U extends object>(stream: Highland.Stream<U>) => stream.through(mapTo<'x', U, void>('x', turn));

const asyncIterable = async function* () {
  await turn();
  yield event('a');
};
const promise = () => Promise.resolve({ Records: [] });

describe('what is asynchronous in the place of a list or a stream, which Highland reads for ever', () => {
  it.each<[string, unknown]>([
    ['an async iterable', asyncIterable()], ['a promise', promise()],
    ['Records that are an async iterable', { Records: asyncIterable() }], ['Records that are a promise', { Records: promise() }],
  ])('%s is no event', async (_name, given) => {
    for (const source of [fromKinesis, fromDynamodb]) {
      expect(() => source(given as never)).toThrow(expect.objectContaining({ code: 'WRONG_EVENT' }));
      await expect(createHandler({ source, pipelines: {}, logger: silent } as never)(given)).rejects.toMatchObject({ code: 'WRONG_EVENT' });
    }
  });

  it.each<[string, unknown]>([['an async iterable', asyncIterable()], ['a promise', promise()], ['an array', []], ['nothing', undefined]])('%s is no stream', async (what, given) => {
    const refusal = { code: 'NO_STREAM', message: expect.stringContaining(what) as string };
    await expect(toPromise(given as never)).rejects.toMatchObject(refusal);
    expect(() => initialize({}).assemble(given as never)).toThrow(expect.objectContaining(refusal));
    expect(await run(assembled(() => given as never))).toMatchObject({ error: { ...refusal, message: expect.stringContaining('pipeline "p0"') as string } });
  });

  it('what a rule returns is a fault of its event', async () => {
    const rule = { id: 'r', flavor: materialize, toWrite: asyncIterable } as unknown as Rule;
    expect((await run((s) => initialize(initializeFrom([rule]), { tableName: 't' }).assemble(s))).kinds).toEqual(['fault', 'fault', 'fault']);
    expect((await run((s) => s.through(split({ splitOn: asyncIterable as never })))).kinds).toEqual(['fault', 'fault', 'fault']);
  });
});

describe('what throws behind something asynchronous, which is an uncaught exception and a stream without an end', () => {
  const rest = (stream: Stream) => stream.flatMap((uow) => _(turn().then(() => uow)));
  const thrown = new Error('late');
  const throwing = <T>(stream: Highland.Stream<T>) => stream.consume<T>((_error, value, push) => {
    if (_.isNil(value)) push(null, value);
    else throw thrown;
  });
  const failing = (stream: Stream) => stream.flatMap((uow) => _(turn().then((): Stream => { throw new Error(uow.event.id); })));
  const handling = <T>(stream: Highland.Stream<T>) => stream.errors(() => { throw thrown; });

  it.each<[string, Steps]>([
    ['a consumer', (s) => rest(s).through(throwing)],
    ['a consumer behind a step of the toolkit', (s) => s.through(later).through(throwing)],
    ['a handler of errors', (s) => failing(s).through(handling)],
    ['a handler of errors behind a step of the toolkit', (s) => s.through(mapTo('x', () => turn().then(() => { throw new Error('x'); }))).through(handling)],
  ])('%s ends the invocation, and every event has its outcome', async (_name, steps) => {
    for (const each of [steps, assembled(steps), assembled((s) => s.through(later), steps)]) {
      const { error, kinds } = await run(each);
      expect(error).toBe(thrown);
      expect(kinds).toHaveLength(3);
    }
  });

  it('a mapping that throws ends one event, and no other', async () => {
    const { response, kinds } = await run((s) => rest(s).map((uow) => { if (uow.event.id === 'e1') throw thrown; return uow; }));
    expect(response).toEqual({ batchItemFailures: [] });
    expect(kinds).toEqual(['filtered', 'fault', 'filtered']);
  });
});

describe('a branch that ends early, which holds up the others', () => {
  const sent: unknown[] = [];
  const client = { send: ({ input }: { input: unknown }) => { sent.push(input); return Promise.resolve({}); } };
  const writing: Steps = (s) => s.map((uow) => ({ ...uow, write: { key: { pk: 'a' }, set: { a: 1 } } })).through(update({ tableName: 't', client: client as never, fold: false }));
  beforeEach(() => { sent.length = 0; });

  it.each<[string, Steps]>([
    ['takes one', (s) => s.take(1)], ['takes none', (s) => s.take(0)], ['stops at an error', (s) => s.map(() => { throw new Error('x'); }).stopOnError(() => {})],
    ['is destroyed', (s) => { const mapped = s.map((uow) => uow); mapped.destroy(); return mapped; }],
    ['is destroyed at the source', (s) => { s.destroy(); return s; }],
    ['returns another stream', () => _([])],
  ])('a pipeline that %s: the others write all events, also those of one key', async (_name, early) => {
    const { response, settled } = await run(assembled(early, writing), { records: recordsOf(5, 'one') });
    expect(response).toEqual({ batchItemFailures: [] });
    expect(sent).toHaveLength(5);
    expect(settled.map(({ parts }) => parts.find(({ pipeline }) => pipeline === 'p1')?.outcome.kind)).toEqual(Array(5).fill('applied'));
  });

  const rule = (mapping: () => unknown): Rule => ({
    id: 'r', flavor: materialize, toWrite: async ({ event: { id } }: { event: Event }) => { await mapping(); return { key: { pk: id }, set: { a: 1 } }; },
  } as unknown as Rule);

  it.each<[string, (client: object) => Steps]>([
    ['a rule', (client) => (s) => initialize(initializeFrom([rule(turn)]), { tableName: 't', client: client as never, retry: { maxAttempts: 1 } }).assemble(s)],
    ['a pipeline', (client) => assembled((s) => s.map((uow) => ({ ...uow, write: { key: { pk: uow.event.id }, set: { a: 1 } } })).through(update({ tableName: 't', client: client as never, retry: { maxAttempts: 1 } })))],
    ['a sink', (client) => (s) => s.map((uow) => ({ ...uow, write: { key: { pk: uow.event.id }, set: { a: 1 } } })).through(update({ tableName: 't', client: client as never, retry: { maxAttempts: 1 } }))],
  ])('whoever reads what %s gives and takes one: what the others end in is known, and nothing lost', async (_name, steps) => {
    let asked = 0;
    const slow = {
      send: async () => {
        asked += 1;
        if (asked === 1) return {};
        await turn();
        await turn();
        throw Object.assign(new Error('busy'), { name: 'ThrottlingException' });
      },
    };
    const { response, kinds } = await run((s) => (steps(slow)(s) as Highland.Stream<unknown>).take(1));
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: identifierOf(1) }] });
    expect(kinds).toEqual(['applied', 'retry', 'retry']);
  });

  it('the head that takes none: its events are in the books', async () => {
    expect(await run((s) => s.take(0))).toMatchObject({ response: { batchItemFailures: [] }, kinds: ['filtered', 'filtered', 'filtered'] });
  });

  const context = { getRemainingTimeInMillis: () => 50 };

  it.each<[string, Steps]>([
    ['a fork that ends early', (s) => _([s.fork().take(1), s.fork().through(later) as never]).merge()],
    ['a fork that nobody reads', (s) => { s.fork(); return s.fork().through(later); }],
    ['a fork that is made late', (s) => { s.fork().through(later).resume(); return s.fork(); }],
    ['a pipeline that never ends', assembled(() => _(), (s) => s.through(later))],
  ])('%s: Highland waits for ever, the invocation till its time is up, and all is delivered again', async (_name, steps) => {
    const { response, kinds } = await run(steps, { context });
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: identifierOf(0) }] });
    expect(kinds).toHaveLength(3);
  });

  it('an observer, read or not, holds up nobody', async () => {
    for (const read of [true, false]) {
      const { response } = await run((s) => {
        const observer = s.observe();
        if (read) observer.resume();
        return writing(s);
      });
      expect(response).toEqual({ batchItemFailures: [] });
    }
    expect(sent).toHaveLength(6);
  });
});

describe('several values and errors, at the first of which Highland\'s own toPromise gives up', () => {
  it('all events run to the end before it rejects', async () => {
    const seen: string[] = [];
    const { error } = await run((s) => s.tap(({ event: { id } }) => seen.push(id)).consume((_error, value, push, next) => {
      push(new Error('of no event'));
      push(null, value);
      if (!_.isNil(value)) next();
    }));
    expect(error).toMatchObject({ message: 'of no event' });
    expect(seen).toEqual(['e0', 'e1', 'e2']);
  });

  it('with a merge without a limit, too', async () => {
    const { kinds } = await run((s) => s.map((uow) => _([uow])).merge(), { records: recordsOf(1_000) });
    expect(kinds).toEqual(Array(1_000).fill('filtered'));
  });
});

describe('many events, whose cost must not grow with their square, nor the stack with them', () => {
  /** How many elements were moved by taking from, and putting into, the front or the middle of arrays. */
  const movedBy = async (work: () => Promise<unknown>): Promise<number> => {
    const { shift, splice, unshift } = Array.prototype;
    let moved = 0;
    const counting = <A extends unknown[], R>(original: (this: unknown[], ...given: A) => R, from: (...given: A) => number) =>
      function (this: unknown[], ...given: A): R {
        moved += Math.max(0, this.length - from(...given));
        return original.apply(this, given);
      };
    Object.assign(Array.prototype, { shift: counting(shift, () => 0), unshift: counting(unshift, () => 0), splice: counting(splice as (this: unknown[], ...given: number[]) => unknown[], (at = 0) => at) });
    try {
      await work();
    } finally {
      Object.assign(Array.prototype, { shift, splice, unshift });
    }
    return moved;
  };

  it('knows what it counts', async () => {
    const pull = (stream: Highland.Stream<number>) => new Promise((resolve) => { stream.flatMap((n) => _([n])).done(() => resolve(undefined)); });
    expect(await movedBy(() => pull(_(Array.from({ length: 2_000 }, (_unused, i) => i))))).toBeGreaterThan(1_000_000);
  });

  const COUNT = 10_000;
  it.each<[string, 'single' | 'batch', (i: number) => string]>([
    ['of as many items', 'single', (i) => `item-${i}`], ['of one item', 'single', () => 'item'],
    ['of as many items, in batches', 'batch', (i) => `item-${i}`], ['of one item, in batches', 'batch', () => 'item'],
  ])('writes %s: what is moved in memory stays in proportion', async (_name, strategy, itemOf) => {
    const client = {
      send: async ({ input }: { input: { Statements?: readonly unknown[] } }) => {
        await turn();
        return { Responses: input.Statements?.map(() => ({})) };
      },
    };
    const toWrite = ({ event: { id } }: { event: Event }) => ({ key: { pk: itemOf(Number(id.slice(1))) }, set: { a: 1 } });
    const settled: Settled[] = [];
    const handler = createHandler({
      source: fromTest, strategy, client: client as never, tableName: 't', logger: silent, onSettled: (one: Settled) => settled.push(one),
      pipelines: initializeFrom([{ id: 'r', flavor: materialize, toWrite } as unknown as Rule]),
    });
    const moved = await movedBy(() => handler(recordsOf(COUNT)));
    expect(settled).toHaveLength(COUNT);
    expect(moved).toBeLessThan(COUNT * 100); // with the square: 50,000,000
  }, 60_000);

  it('go through 200 stages', async () => {
    const stages = (s: Stream) => Array.from({ length: 200 }).reduce<Stream>((stream) => stream.map((uow) => uow), s);
    for (const steps of [stages, assembled(stages)]) expect((await run(steps, { records: recordsOf(1_000) })).kinds).toEqual(Array(1_000).fill('filtered'));
  }, 60_000);
});
