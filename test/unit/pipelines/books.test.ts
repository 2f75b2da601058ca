import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import _ from 'highland';
import type { Event } from '../../../src/event';
import type { FaultEvent } from '../../../src/faults/fault-event';
import { rejectWithFault } from '../../../src/faults/faulty';
import { invocationOf } from '../../../src/ledger/accountable';
import { createHandler } from '../../../src/pipelines/create-handler';
import { initialize } from '../../../src/pipelines/initialize';
import { pipeline, type AnyStream, type PipelineFactory, type Pipelines } from '../../../src/pipelines/pipeline';
import { toPromise } from '../../../src/pipelines/to-promise';
import type { Settled } from '../../../src/settled';
import { update } from '../../../src/sinks/dynamodb/update';
import type { Uow } from '../../../src/uow';
import { mapTo } from '../../../src/steps/map-to';
import { onEventType } from '../../../src/steps/on-event-type';
import { split } from '../../../src/steps/split';
import { deferred, event, fromTest, identifierOf, silent, type TestRecord } from '../../support/uows';

/** Runs a stream over some records and returns everything that an invocation leaves behind. */
const run = async (
  records: readonly TestRecord[],
  steps: (stream: ReturnType<typeof fromTest>) => AnyStream,
  publish: ((fault: FaultEvent) => Promise<unknown>) | null = async () => {},
) => {
  const settled: Settled[] = [];
  const faults: FaultEvent[] = [];
  const head = fromTest(records, {
    logger: silent,
    onSettled: (one) => settled.push(one),
    ...(publish && { publishFault: (fault: FaultEvent) => publish(fault).then(() => faults.push(fault)) }),
  });
  const response = await (steps(head) as Highland.Stream<unknown>).through(toPromise);
  return { response, kinds: settled.map(({ outcome }) => outcome.kind), settled, faults };
};

const three = [{ event: event('a') }, { event: event('b') }, { event: event('c') }];
const transient = () => Object.assign(new Error('slow down'), { name: 'ThrottlingException' });
const pass = <T>(stream: Highland.Stream<T>) => stream;

describe('the books of a plain Highland stream', () => {
  it('counts what a filter leaves out, and every event once', async () => {
    const { kinds, response } = await run(three, (s) => s.filter(({ event: { id } }) => id === 'b').reject(() => true));
    expect(kinds).toEqual(['filtered', 'filtered', 'filtered']);
    expect(response).toEqual({ batchItemFailures: [] });
  });

  it('knows which event an exception of a plain map belongs to', async () => {
    const { kinds, faults, response } = await run(three, (s) =>
      s.map((uow) => {
        if (uow.event.id === 'b') throw new TypeError('no such thing');
        return { mine: uow.event.id };
      }),
    );
    expect(kinds).toEqual(['filtered', 'fault', 'filtered']);
    expect(faults.map(({ err, uow }) => [err.name, (uow.event as { id: string }).id])).toEqual([['TypeError', 'b']]);
    expect(response.batchItemFailures).toEqual([]);
  });

  it('reports a transient error for another delivery instead of setting it aside', async () => {
    const { kinds, faults, response } = await run(three, (s) =>
      s.through(mapTo('x', ({ event: { id } }) => (id === 'b' ? Promise.reject(transient()) : Promise.resolve(id)))),
    );
    expect(kinds).toEqual(['filtered', 'retry', 'filtered']);
    expect(faults).toEqual([]);
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: identifierOf(1) }] });
  });

  it('rejects when an error belongs to no event, so that Lambda delivers everything again', async () => {
    const broken = <T>(s: Highland.Stream<T>) =>
      s.consume<T>((error, value, push, next) => {
        if (error) push(error);
        else if (_.isNil(value)) return push(null, value);
        else push(new Error('whose?'));
        return next();
      });
    await expect(run(three, (s) => s.through(broken))).rejects.toThrow('whose?');
  });

  it('sets a bad record aside although a user swallows errors', async () => {
    const { kinds, faults } = await run([{ error: 'broken' }, ...three], (s) => s.errors(() => {}));
    expect(kinds[0]).toBe('fault');
    expect(faults).toHaveLength(1);
  });
});

describe('the books, when steps of the user do as they please', () => {
  const refusing = { send: () => Promise.reject(transient()) } as unknown as DynamoDBDocumentClient;
  const sink = update({ tableName: 't', client: refusing, retry: { maxAttempts: 1 } });
  const writing = (s: Highland.Stream<Uow>) =>
    s.map((uow) => ({ ...uow, write: { key: { pk: uow.event.id }, set: { a: 1 } } })).through(sink) as unknown as Highland.Stream<Uow>;
  const onError = { batchItemFailures: [{ itemIdentifier: identifierOf(0) }] };

  it('keep the outcome of a sink when a split, or pipelines, come behind it', async () => {
    const splitting = await run(three, (s) => writing(s as never).through(split({ splitOn: () => [1, 2] })));
    expect(splitting.kinds).toEqual(['retry', 'retry', 'retry']);
    expect(splitting.response).toEqual(onError);
    const assembling = await run(three, (s) => initialize({ a: () => pass as never }).assemble(writing(s as never)));
    expect(assembling.response).toEqual(onError);
  });

  it('are closed for a stream that was made anew of others', async () => {
    const { kinds, response } = await run([...three, { error: 'broken' }], (s) => {
      const a = writing(s.fork().filter(({ event: { id } }) => id === 'a') as never);
      const b = writing(s.fork().reject(({ event: { id } }) => id === 'a') as never);
      return _([a, b]).merge();
    });
    expect(kinds).toEqual(['retry', 'retry', 'retry', 'retry']);
    expect(response).toEqual(onError);
  });

  it('know the records that nobody took from the source', async () => {
    expect((await run([{ error: 'broken' }, ...three], (s) => s.stopOnError(() => {}))).kinds).toEqual(['fault', 'filtered', 'filtered', 'filtered']);
    expect((await run(three, (s) => s.take(1))).kinds).toEqual(['filtered', 'filtered', 'filtered']);
  });

  it('keep what the deadline said although a step goes on behind it', async () => {
    const late = deferred();
    const head = fromTest([{ event: event('a') }, { error: 'broken', shard: 'other' }], {
      logger: silent,
      context: { getRemainingTimeInMillis: () => 1_000 },
      publishFault: () => new Promise((resolve) => setTimeout(resolve, 20, late.resolve())),
    });
    const response = await head.through(mapTo('x', () => late.promise)).through(split({ splitOn: () => [1, 2] })).through(toPromise);
    expect(response).toEqual(onError);
  });

  it('take one error for many events for what it is', async () => {
    const shared = new Error('the same every time');
    const twice = async () => (await run(three, (s) => s.through(mapTo('x', () => Promise.reject(shared))))).kinds;
    expect(await twice()).toEqual(['fault', 'fault', 'fault']);
    expect(await twice()).toEqual(['fault', 'fault', 'fault']);
    const rejecting = await run(three, (s) => s.flatMap((uow) => _(Promise.reject(shared).catch(rejectWithFault(uow)))));
    expect(rejecting.faults.map(({ err, uow }) => [err.message, (uow.event as Event).id])).toEqual(['a', 'b', 'c'].map((id) => [shared.message, id]));
  });

  it.each<[string, () => PromiseLike<number>]>([
    ['throws at once', () => ({ then: () => { throw new Error('no promise'); } })],
    ['throws when it is looked at', () => ({ get then(): never { throw new Error('no promise'); } })],
  ])('set an event aside whose mapping returns a thenable that %s', async (_name, make) => {
    const { kinds } = await run(three, (s) => initialize({ a: () => (x) => x.through(mapTo('x', ({ event: { id } }) => (id === 'b' ? make() : 1))) }).assemble(s));
    expect(kinds).toEqual(['filtered', 'fault', 'filtered']);
  });

  it.each([1, 20])('end the invocation when a consumer throws at the value %i of a pipeline', async (at) => {
    const many = Array.from({ length: 30 }, (_value, i) => ({ event: event(`e${i}`) }));
    const throwing = <T extends { readonly event: Event }>(s: Highland.Stream<T>) =>
      s.consume<T>((error, value, push, next) => {
        if (!error && !_.isNil(value) && value.event.id === `e${at}`) throw new Error('consumer');
        push(error, value);
        if (!_.isNil(value)) next();
      });
    const later = () => new Promise((resolve) => setTimeout(resolve, 1));
    await expect(run(many, (s) => initialize({ a: () => (x) => x.through(throwing).through(mapTo('x', later)) }).assemble(s))).rejects.toThrow('consumer');
  });
});

describe('the log', () => {
  it('says once for each reason why records are asked for again, without their payload', async () => {
    const warnings: unknown[] = [];
    const logger = { ...silent, warn: (...line: unknown[]) => warnings.push(line) };
    await fromTest(three, { logger }).through(mapTo('x', () => Promise.reject(transient()))).through(toPromise);
    expect(warnings).toEqual([
      [expect.stringContaining('delivered again'), { reason: 'transient', pipeline: '', error: 'ThrottlingException', code: undefined, record: identifierOf(0), events: 3 }],
    ]);
  });
});

describe('createHandler', () => {
  it('says which option is missing', () => {
    expect(() => createHandler({ pipelines: {} } as never)).toThrow('createHandler({ source }) takes a source');
    expect(() => createHandler({ source: fromTest, pipelines: [] as never })).toThrow('createHandler({ pipelines }) takes what initializeFrom(rules) returns');
  });
});

describe('two sources in one stream', () => {
  it.each<[string, (a: ReturnType<typeof fromTest>, b: ReturnType<typeof fromTest>) => Highland.Stream<unknown>]>([
    ['joined', (a, b) => a.concat(b) as unknown as Highland.Stream<unknown>],
    ['merged', (a, b) => _([a, b]).merge() as unknown as Highland.Stream<unknown>],
  ])('are refused when %s: the books of one would never be closed', async (_name, join) => {
    const stream = join(fromTest(three, { logger: silent }), fromTest(three, { logger: silent }));
    await expect(stream.through(toPromise)).rejects.toMatchObject({ code: 'MIXED_SOURCES' });
  });
});

describe('faults', () => {
  it('are published once although the logger throws', async () => {
    const publishFault = jest.fn(async () => {});
    const broken = () => { throw new Error('no log'); };
    const head = fromTest([{ error: 'broken' }], { logger: { debug: broken, warn: broken, error: broken }, publishFault });
    expect(await head.through(toPromise)).toEqual({ batchItemFailures: [] });
    expect(publishFault).toHaveBeenCalledTimes(1);
  });

  it('are published under a context that knows no end', async () => {
    const publishFault = jest.fn(async () => {});
    const head = fromTest([{ error: 'broken' }], { logger: silent, publishFault, context: { getRemainingTimeInMillis: () => Infinity } });
    expect(await head.through(toPromise)).toEqual({ batchItemFailures: [] });
  });

  const poison = [{ event: event('a') }, { error: 'p1' }, { event: event('b') }, { error: 'p2' }, { event: event('c') }];

  it('are reported to Lambda when there is nobody to publish them', async () => {
    const { kinds, response } = await run(poison, pass, null);
    // The second one lies behind the checkpoint that the first one sets.
    expect(kinds).toEqual(['filtered', 'retry', 'filtered', 'retry', 'filtered']);
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: identifierOf(1) }] });
  });

  it('are reported to Lambda when publishing fails, and later ones are not published twice', async () => {
    const seen: string[] = [];
    const { settled, response } = await run(poison, pass, async (fault) => {
      seen.push(fault.err.message);
      throw new Error('no bus');
    });
    expect(seen).toEqual(['p1']);
    expect(settled.map(({ outcome }) => ('reason' in outcome ? outcome.reason : outcome.kind))).toEqual([
      'nothing was written', 'unpublished', 'nothing was written', 'redelivered', 'nothing was written',
    ]);
    expect(response.batchItemFailures).toEqual([{ itemIdentifier: identifierOf(1) }]);
  });

  it('behind a retry are left for the redelivery; those before it are published', async () => {
    const { faults, response } = await run(poison, (s) =>
      s.through(mapTo('x', ({ event: { id } }) => { if (id === 'b') throw transient(); })),
    );
    expect(faults.map(({ err }) => err.message)).toEqual(['p1']);
    expect(response.batchItemFailures).toEqual([{ itemIdentifier: identifierOf(2) }]);
  });

  it('have the same id every time', async () => {
    const [first, second] = [await run(poison, pass), await run(poison, pass)];
    expect(first.faults.map(({ id }) => id)).toEqual(second.faults.map(({ id }) => id));
    expect(new Set(first.faults.map(({ id }) => id)).size).toBe(2);
  });

  it('of one shard do not hold back those of another', async () => {
    const records = [
      { event: event('a', { type: 'slow' }), shard: 's0' }, { error: 'p0', shard: 's0' }, { error: 'p1', shard: 's1' },
    ];
    const { faults, response } = await run(records, (s) => s.through(mapTo('x', () => { throw transient(); })));
    expect(faults.map(({ err }) => err.message)).toEqual(['p1']);
    expect(response.batchItemFailures).toEqual([{ itemIdentifier: identifierOf(0) }]);
  });
});

describe('pipelines', () => {
  const collect = (into: string[]): PipelineFactory => ({ id }) => pipeline('thing-updated', (s) => s.tap(({ event: { id: eventId } }) => into.push(`${id}:${eventId}`)));
  const assembled = (pipelines: Pipelines) => (s: ReturnType<typeof fromTest>) => initialize(pipelines).assemble(s);

  it('get the events of their type, once each, in order', async () => {
    const seen: string[] = [];
    const records = [{ event: event('a') }, { event: event('b', { type: 'other' }) }, { event: event('c') }];
    const { kinds } = await run(records, assembled({ p: collect(seen), q: collect(seen) }));
    expect(seen).toEqual(['p:a', 'q:a', 'p:c', 'q:c']);
    expect(kinds).toEqual(['filtered', 'filtered', 'filtered']);
  });

  it('set an event aside whose eventType function throws', async () => {
    const picky = () => pipeline((type) => { throw new RangeError(`not ${type}`); }, pass);
    const { kinds, faults } = await run([{ event: event('a') }], assembled({ picky }));
    expect(kinds).toEqual(['fault']);
    expect(faults[0]?.err.name).toBe('RangeError');
  });

  it('ask for the type of an event once, however often it comes', async () => {
    const asked: string[] = [];
    const types = () => pipeline((type) => asked.push(type) > 0, pass);
    await run(three, assembled({ p: types, q: types }));
    expect(asked).toEqual(['thing-updated', 'thing-updated']);
  });

  it('go on when one of them ends early, throws late, or is not there at all', async () => {
    const seen: string[] = [];
    const early = () => pipeline(undefined, (s) => s.take(1));
    const { kinds } = await run(three, assembled({ early, p: collect(seen) }));
    expect(seen).toEqual(['p:a', 'p:b', 'p:c']);
    expect(kinds).toEqual(['filtered', 'filtered', 'filtered']);
    expect((await run(three, assembled({}))).kinds).toEqual(['filtered', 'filtered', 'filtered']);
  });

  it('end the invocation when a consumer of the user throws behind something asynchronous', async () => {
    const broken = () =>
      pipeline(undefined, (s) =>
        s.through(mapTo('x', async () => {})).consume((_error, value, push) => {
          if (_.isNil(value)) push(null, value);
          else throw new Error('in a consumer');
        }),
      );
    await expect(run(three, assembled({ broken }))).rejects.toThrow('in a consumer');
  });

  it('split an event, whose outcome is that of all parts', async () => {
    const parts: unknown[] = [];
    const records = [
      { event: event('a', { items: [1, 2, 3] }) }, { event: event('b', { items: [] }) }, { event: event('c', { items: 'no list' }) },
    ];
    const splitting = () =>
      pipeline(undefined, (s) =>
        s.through(split({ splitOn: 'event.items' })).map((uow) => {
          parts.push(uow.split);
          if (uow.split === 2) throw new Error('part 2');
          return uow;
        }),
      );
    const { kinds, settled, faults } = await run(records, assembled({ splitting }));
    expect(parts).toEqual([1, 2, 3]);
    expect(kinds).toEqual(['fault', 'filtered', 'fault']);
    expect(settled[0]?.parts.map(({ outcome }) => outcome.kind)).toEqual(['filtered', 'fault', 'filtered']);
    expect(faults.map(({ err }) => err.message)).toEqual(['part 2', expect.stringContaining('expected a list at event.items')]);
  });

  it('refuse matchers and rules that are none, when they are made', () => {
    expect(() => onEventType([])).toThrow('eventType must be');
    expect(() => onEventType(7 as never)).toThrow('eventType must be');
  });

  it('match types with patterns that remember nothing', () => {
    const matches = onEventType(/^thing/g);
    expect([event('a'), event('b'), event('c', { type: 'thing-created' })].map((e) => matches({ event: e }))).toEqual([true, true, true]);
  });
});

describe('metrics', () => {
  it('are counted, and flushed also when the invocation fails', async () => {
    const added: unknown[] = [];
    let flushes = 0;
    const metrics = {
      add: (name: string, _unit: string, value: number, { pipeline: of }: Readonly<Record<string, string>>) => added.push([name, value, of]),
      flush: () => { flushes += 1; },
    };
    const options = { logger: silent, metrics, now: () => 1_700_000_000_500 };
    await fromTest([{ event: event('a') }], options).through(toPromise);
    expect(added).toEqual([['oplock.filtered', 1, '-']]);
    const failing = fromTest(three, options).through(mapTo('x', () => new Promise(() => {})));
    const invocation = invocationOf(failing);
    setImmediate(() => invocation?.crash(new Error('crash')));
    await expect(failing.through(toPromise)).rejects.toThrow('crash');
    expect(flushes).toBe(2);
  });

  it('that hang, throw, or a hook that throws, cannot fail an invocation', async () => {
    const start = Date.now();
    const context = { getRemainingTimeInMillis: () => 100 - (Date.now() - start) };
    const metrics = { add: () => { throw new Error('no'); }, flush: () => new Promise<void>(() => {}) };
    const head = fromTest(three, { logger: silent, context, metrics, onSettled: () => { throw new Error('hook'); } });
    expect(await head.through(toPromise)).toEqual({ batchItemFailures: [] });
  });

  it('leave no rejection unhandled when the hook is an async function', async () => {
    const error = jest.fn();
    const onSettled = (): unknown => Promise.reject(new TypeError('hook'));
    await fromTest([{ event: event('a') }], { logger: { ...silent, error }, onSettled }).through(toPromise);
    await new Promise(setImmediate);
    expect(error).toHaveBeenCalledWith('oplock-stream: onSettled threw', { error: 'TypeError' });
  });

  it('that cannot be recorded are counted once, at the flush', async () => {
    const warnings: unknown[] = [];
    const logger = { ...silent, warn: (_message: string, about: unknown) => warnings.push(about) };
    const metrics = { add: () => { throw new Error('no'); }, flush: () => {} };
    await fromTest(three, { logger, metrics }).through(toPromise);
    expect(warnings).toEqual([expect.objectContaining({ metric: 'oplock.filtered' }), { count: 3 }]);
  });
});

describe('the deadline', () => {
  it('ends the invocation with what it has, and asks for the rest again', async () => {
    const settled: Settled[] = [];
    const start = Date.now();
    const context = { getRemainingTimeInMillis: () => 100 - (Date.now() - start) };
    const head = fromTest(three, { logger: silent, context, onSettled: (one) => settled.push(one) });
    const stuck = head.through(mapTo('x', ({ event: { id } }) => (id === 'b' ? new Promise(() => {}) : id)));
    expect(await stuck.through(toPromise)).toEqual({ batchItemFailures: [{ itemIdentifier: identifierOf(0) }] });
    expect(settled.map(({ outcome }) => outcome)).toEqual(three.map(() => expect.objectContaining({ kind: 'retry', reason: 'deadline' })));
  });
});

it('takes 100,000 events through synchronous steps', async () => {
  const many = Array.from({ length: 100_000 }, (_unused, i) => ({ event: event(String(i)), key: 'one' }));
  const { kinds } = await run(many, (s) => s.filter(() => true).map((uow) => uow).through(mapTo('x', () => 1)));
  expect(kinds).toHaveLength(100_000);
});
